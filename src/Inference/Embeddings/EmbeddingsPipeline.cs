using Fairlead.Accounts.Settings;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Replay;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Embeddings;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Embeddings;

/// <summary>
/// One request for embeddings, top to bottom: the stages of <see cref="InferencePipeline"/>, but for the answer, which is not text, has no stream and may take
/// several calls of its endpoint. Errors have the shape of chat's.
/// </summary>
internal sealed class EmbeddingsPipeline(
    InferenceEdge edge, Authenticator authenticate, FreeModelsFirst freeModels, RoutePlans route, Admitter admit, FallbackLoop attempt, Settler settle,
    AccountSettingsIndex accounts, ResponseReplay replay)
{
    public Task RunAsync(HttpContext http) => edge.RunAsync(http, ChatCompletionsDialect.Default, ServeAsync);

    private async ValueTask<GatewayError?> ServeAsync(InferenceContext context)
    {
        if (!authenticate.Identify(context).Try(out var key, out var error))
            return ResponseReplay.MayAnswer(context, error) ? await replay.InsteadOfAsync(context, error, Read) : error;
        if (authenticate.Spent(key) is { } spent)
            return ResponseReplay.MayAnswer(context, spent) ? await replay.InsteadOfAsync(context, spent, Read) : await freeModels.InsteadOfAsync(context, spent);
        if (!(await Receiver.ReadAsync(context)).Try(out var body, out error))
            return error;
        using (body)
        {
            if (!Read(context, body).Try(out var received, out error))
                return await freeModels.InsteadOfAsync(context, body, error);
            if (await replay.TryAnswerAsync(context, received, body.Memory))
                return null;
            if (!Prepare(context, received).Try(out var request, out error) || !route.Plan(context, request).Try(out var plan, out error))
                return await freeModels.InsteadOfAsync(context, body, error);
            if (!(await admit.AdmitAsync(context, request, plan)).Try(out var admission, out error))
                return error;
            using (admission)
                return await AnswerAsync(context, request, admission);
        }
    }

    private static Outcome<CanonicalRequest> Read(InferenceContext context, PooledBody body)
    {
        var (request, refusal) = EmbeddingsRequestReader.Read(body.Memory);
        return refusal is null ? request! : refusal;
    }

    /// <summary>The account's default model is one of chat: here a model must be named.</summary>
    private Outcome<PreparedRequest> Prepare(InferenceContext context, CanonicalRequest request)
    {
        if (request.Model is not { } slug)
            return GatewayError.Invalid("model is required.", "model");
        var models = new ModelList(context.Catalog, new SortChoice(request, accounts.Find(context.Key!.AccountId), context.Catalog.Options.Exacto), embeddings: true);
        if (models.Add(slug, "model") is { } error)
            return error;
        if (models.Online)
            return GatewayError.Invalid("Web search (\":online\") has no place in embeddings. Use the model without the suffix.", "model");
        return models.Found.Count > 0 ? new PreparedRequest(request, models.Found, PluginRuns.None) : models.Ended!;
    }

    private async ValueTask<GatewayError?> AnswerAsync(InferenceContext context, PreparedRequest request, Admission admission)
    {
        var plan = admission.Plan;
        var log = new AttemptLog(request.Plugins);
        var (answer, error, clientGone) = await attempt.FirstGoodAsync(context, request, plan, admission, log);
        if (answer is not EmbeddingAnswer embeddings)
        {
            await settle.UnansweredAsync(context, request.Request, admission, log, plan, cancelled: clientGone);
            return error is not null && RouterMetadata.IsWanted(context.Http.Request.Headers)
                ? error with { RouterMetadata = RouterMetadata.Of(context, request.Request, plan, log, served: null) }
                : error;
        }

        using (embeddings)
        {
            context.Model = embeddings.Candidate.Model.Id;
            await DeliverAsync(context, request.Request, admission, log, embeddings);
            return null;
        }
    }

    /// <summary>The charge first, then the answer (invariant M1).</summary>
    private async ValueTask DeliverAsync(InferenceContext context, CanonicalRequest request, Admission admission, AttemptLog log, EmbeddingAnswer answer)
    {
        var took = context.Time.GetElapsedTime(answer.Record.StartedAt);
        var charge = await settle.AnswerAsync(context, request, admission, log, new AnswerFacts
        {
            Candidate = answer.Candidate,
            Reported = answer.Usage,
            CountEmitted = static () => 0,
            Finish = FinishReason.Stop,
            UpstreamId = answer.UpstreamId,
            Cancelled = context.Http.RequestAborted.IsCancellationRequested,
            FirstTokenAfter = answer.FirstTokenAfter,
        });
        answer.Record.Succeeded(outputTokens: 0, took);
        if (context.Http.RequestAborted.IsCancellationRequested)
            return;
        using var body = new PooledBody(16 * 1024);
        EmbeddingsAnswerWriter.Write(answer.Vectors, request.Embeddings!.Base64, answer.Identity, charge, body);
        if (context.Recording is { } recording)
        {
            recording.Write(body.Span);
            recording.Complete(answer.Candidate, FinishReason.Stop, nativeFinish: null);
        }

        await JsonReply.WriteAsync(context.Http, body);
    }
}
