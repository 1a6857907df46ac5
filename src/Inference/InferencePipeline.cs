using System.Diagnostics.CodeAnalysis;
using Fairlead.Accounts.Settings;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Plugins.ServerTools;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Prompts;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Replay;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Inference.Settle;
using Fairlead.Inference.Telemetry;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference;

/// <summary>
/// One request, top to bottom. This file is the table of contents: each stage is a folder of the same name. Stages return values; an expected
/// failure is a <see cref="GatewayError"/> that ends up here and is written once.
/// </summary>
internal sealed class InferencePipeline(
    InferenceEdge edge, Authenticator authenticate, FreeModelsFirst freeModels, RoutePlans route, Admitter admit, FallbackLoop attempt, AnswerRelay relay, Settler settle,
    AccountSettingsIndex accounts, Presets presets, ResponseReplay replay, ModelRouters routers, PluginSet plugins, PluginSteps pluginSteps, ServerToolLoop serverTools,
    ReasoningMemory reasoning, PromptBatch prompts, InferenceMetrics metrics, TimeProvider time)
{
    public Task RunAsync(HttpContext http, IClientDialect dialect) => edge.RunAsync(http, dialect, ServeAsync);

    private Task RunAsync(HttpContext http, IClientDialect dialect, string generationId) => edge.RunAsync(http, dialect, ServeAsync, generationId);

    private async ValueTask<GatewayError?> ServeAsync(InferenceContext context)
    {
        if (!authenticate.Identify(context).Try(out var key, out var error))
            return ResponseReplay.MayAnswer(context, error) ? await replay.InsteadOfAsync(context, error) : error;
        if (authenticate.Spent(key) is { } spent)
            return ResponseReplay.MayAnswer(context, spent) ? await replay.InsteadOfAsync(context, spent) : await freeModels.InsteadOfAsync(context, spent);
        if (!(await Receiver.ReadAsync(context)).Try(out var body, out error))
            return error;
        using (body)
        {
            if (!Receiver.Parse(context, body.Memory).Try(out var received, out error))
                return await freeModels.InsteadOfAsync(context, body, error);
            if (received.Prompts > 0)
                return await prompts.AnswerAsync(context, received, RunAsync);
            if (!presets.Apply(context, received, key.AccountId).Try(out received, out error))
                return await freeModels.InsteadOfAsync(context, body, error);
            if (await replay.TryAnswerAsync(context, received, body.Memory))
                return null;
            if (!TryPlan(context, received, out var request, out var plan, out error))
                return await freeModels.InsteadOfAsync(context, body, error);
            if (!(await admit.AdmitAsync(context, request, plan)).Try(out var admission, out error))
                return error;
            using (admission)
                return await AnswerAsync(context, request, admission.Plan, admission);
        }
    }

    /// <summary>Prepare, Route: who may answer.</summary>
    private bool TryPlan(
        InferenceContext context, CanonicalRequest received, [NotNullWhen(true)] out PreparedRequest? request, [NotNullWhen(true)] out RoutePlan? plan,
        [NotNullWhen(false)] out GatewayError? error)
    {
        plan = null;
        return Preparation.Apply(context, context.Dialect.CarriesReasoning ? received : reasoning.Restore(context.Key!.AccountId, received), accounts.Find(context.Key!.AccountId), routers, plugins).Try(out request, out error)
            && route.Plan(context, request).Try(out plan, out error);
    }

    /// <summary>Attempt, Relay, Settle. From the first comment or event on, errors can only be said in band.</summary>
    private async ValueTask<GatewayError?> AnswerAsync(InferenceContext context, PreparedRequest request, RoutePlan plan, Admission admission)
    {
        metrics.Dispatched(context.Elapsed);
        await using var client = request.Request.Stream ? new ClientStream(context, time, context.Catalog.Options) : null;
        var log = new AttemptLog(request.Plugins);
        if (request.Plugins.ActBefore)
        {
            var (changed, refused, left) = await pluginSteps.BeforeAsync(new PluginCall(context, plan, admission), request);
            if (changed is null)
                return await UnansweredAsync(context, request, plan, admission, log, client, refused, left);
            request = changed;
        }

        var (answer, error, clientGone) = await (request.Plugins.Loop is null
            ? attempt.FirstGoodAsync(context, request, plan, admission, log)
            : serverTools.FirstGoodAsync(context, request, plan, admission, log));
        if (answer is null)
            return await UnansweredAsync(context, request, plan, admission, log, client, error, clientGone);

        using (answer)
        {
            context.Model = answer.Candidate.Model.Id;
            await relay.DeliverAsync(context, request.Request, admission, log, answer, client);
            return null;
        }
    }

    /// <summary>Nobody answered: the record of it, and the error in band where the stream has begun.</summary>
    private async ValueTask<GatewayError?> UnansweredAsync(
        InferenceContext context, PreparedRequest request, RoutePlan plan, Admission admission, AttemptLog log, ClientStream? client, GatewayError? error, bool clientGone)
    {
        await settle.UnansweredAsync(context, request.Request, admission, log, plan, cancelled: clientGone);
        if (error is not null && request.Plugins.Any)
            error = request.Plugins.WhenUnanswered(error);
        if (error is not null && RouterMetadata.IsWanted(context.Http.Request.Headers))
            error = error with { RouterMetadata = RouterMetadata.Of(context, request.Request, plan, log, served: null) };
        if (error is null || client is null || !await client.EndStartedAsync())
            return error;
        await AnswerRelay.FailAsync(context, request.Request, plan, log, client, error);
        return null;
    }
}
