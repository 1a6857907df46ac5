using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Tokens;
using Fairlead.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fairlead.Inference.Relay;

/// <summary>
/// Relay and Settle around the commit point: copies the answer, settles it, and only then lets its end leave (invariant M1). A charge that cannot be
/// made durable keeps the end back: the caller sees an error or a cut connection, never an unpaid whole answer.
/// </summary>
internal sealed partial class AnswerRelay(Settler settle, ReasoningMemory reasoning, ILogger<AnswerRelay> logger)
{
    public ValueTask DeliverAsync(InferenceContext context, CanonicalRequest request, Admission admission, AttemptLog log, UpstreamAnswer answer, ClientStream? client) => answer switch
    {
        StreamedAnswer streamed => StreamAsync(context, request, admission, log, streamed, client!),
        WholeAnswer whole => WholeAsync(context, request, admission, log, whole),
        _ => throw new InvalidOperationException($"No relay for {answer.GetType().Name}."),
    };

    /// <summary>Every attempt failed after a comment had already started the response.</summary>
    public static ValueTask FailAsync(InferenceContext context, CanonicalRequest request, RoutePlan plan, AttemptLog log, ClientStream client, GatewayError error)
    {
        // The endpoint that the error is of, where it is one's.
        var provider = (string?)error.Metadata?["provider_name"];
        var tried = provider is null ? null : log.Entries.LastOrDefault(entry => entry.Endpoint.Provider.Name == provider).Endpoint;
        var identity = new AnswerIdentity(context.GenerationId, tried?.ModelId ?? plan.Candidates[0].Model.Id, tried?.Provider.Name ?? "", context.ArrivedAt.ToUnixTimeSeconds())
        {
            Asked = request.Dialect == ClientDialect.Responses ? request.Original : default,
        };
        return StreamRelay.WriteLastAsync(client, output => context.Dialect.WriteStreamError(error, identity, context.UserId, output));
    }

    private async ValueTask WholeAsync(InferenceContext context, CanonicalRequest request, Admission admission, AttemptLog log, WholeAnswer answer)
    {
        var reading = answer.Reading;
        ReadOnlyMemory<byte> source = answer.Body.Memory;
        if (log.Plugins.Amender is { } amender)
            (reading, source) = AnswerAmendment.Apply(reading, source, amender);
        if (request.ResponseFormat is not null || answer.Schemas is not null)
            Review(log, answer, SchemaReview.Of(request, reading, source, answer.Schemas));
        var took = context.Time.GetElapsedTime(answer.Record.StartedAt);
        var charge = await settle.AnswerAsync(context, request, admission, log, new AnswerFacts
        {
            Candidate = answer.Candidate,
            Reported = reading.Usage,
            CountEmitted = () => Count(reading.ReadEmittedText(answer.Body.Span)) + (reading.Images * OutputMeter.TokensPerImage),
            Finish = reading.Finish,
            NativeFinish = reading.NativeFinish,
            UpstreamId = reading.UpstreamId,
            Cancelled = context.Http.RequestAborted.IsCancellationRequested,
            FirstTokenAfter = answer.FirstTokenAfter,
            Images = reading.Images,
            ServedAtDefaultTier = reading.ServedAtDefaultTier,
        });
        answer.Record.Succeeded(charge.Usage.CompletionTokens, took);
        if (context.Http.RequestAborted.IsCancellationRequested)
            return;

        using var body = new PooledBody(answer.Body.Length + 1024);
        if (request.Content.Tools > 0 && !context.Dialect.CarriesReasoning && !answer.Identity.Forwarded)
            Remember(context, reading.ReadCalls(answer.Body.Span), reading.Reasoning);
        context.Dialect.WriteAnswer(reading, source, answer.Identity, charge, body);
        var response = context.Http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (context.Recording is { } recording)
        {
            recording.Write(body.Span);
            recording.Complete(answer.Candidate, reading.Finish, reading.NativeFinish);
        }

        await response.Body.WriteAsync(body.Memory, context.Http.RequestAborted);
        if (request.Content.Tools > 0 && reading.Finish == FinishReason.ToolCalls)
            Judge(request, answer, reading.ReadCalls(answer.Body.Span));
    }

    private async ValueTask StreamAsync(InferenceContext context, CanonicalRequest request, Admission admission, AttemptLog log, StreamedAnswer answer, ClientStream client)
    {
        var end = await StreamRelay.CopyAsync(answer, client, context.Http, admission);
        if (end.Failure is null && answer.Translator.Finish == FinishReason.Error)
            end = end with { Failure = UpstreamFailures.ErrorFinish(answer.Translator.NativeFinish) };
        // The upstream's work is done or cut off: its connection need not wait for the ledger.
        answer.Response.Dispose();
        var took = context.Time.GetElapsedTime(answer.Record.StartedAt);
        if (end.Failure is { } failure)
            LogBroken(answer.Candidate.Endpoint.Provider.Slug, answer.Candidate.Endpoint.ModelId, context.GenerationId, failure.Message);

        var (translator, counted) = (answer.Translator, answer.Counted);
        // What did not fit is with the caller already: it can only be told.
        if (answer.Schemas is { } report)
            Review(log, answer, SchemaReview.Of(request, end.Failure is null && !end.CutShort ? translator.Finish : FinishReason.None, translator.ReadText(), report));
        var facts = new AnswerFacts
        {
            Candidate = answer.Candidate,
            Reported = counted.Usage,
            ReportedPrompt = counted.PromptUsage,
            CountEmitted = counted.Meter.Count,
            Finish = translator.Finish,
            CutShort = end.CutShort,
            NativeFinish = translator.NativeFinish,
            UpstreamId = translator.UpstreamId,
            Cancelled = end.ClientGone || context.Http.RequestAborted.IsCancellationRequested,
            Failed = end.Failure is not null,
            FirstTokenAfter = answer.FirstTokenAfter,
            Images = translator.Images,
            ServedAtDefaultTier = counted.ServedAtDefaultTier,
        };
        AnswerCharge charge;
        try
        {
            charge = await settle.AnswerAsync(context, request, admission, log, facts);
        }
        catch (StorageException unrecorded) when (!end.ClientGone)
        {
            LogUnrecorded(unrecorded, context.GenerationId);
            await StreamRelay.WriteLastAsync(client, output => translator.WriteFailure(Settler.Unrecorded, output));
            return;
        }

        Remember(answer, end, charge, took);
        if (translator.KeepsReasoning && end.Failure is null)
            Remember(context, translator.ReadCalls(), counted.ReadReasoning());
        if (end.ClientGone)
            return;
        if (end.Failure is { } broken)
            await StreamRelay.WriteLastAsync(client, output => translator.WriteFailure(InBand(broken, answer), output));
        else
            await StreamRelay.WriteLastAsync(client, output =>
            {
                translator.WriteEnd(charge, output);
                if (!end.CutShort)
                    context.Recording?.Complete(answer.Candidate, translator.Finish, translator.NativeFinish);
            });
        if (translator.KeepsCalls && end.Failure is null && !end.CutShort && translator.Finish == FinishReason.ToolCalls)
            Judge(request, answer, translator.ReadCalls());
    }

    private void Review(AttemptLog log, UpstreamAnswer answer, SchemaReview? review)
    {
        log.Schemas = review;
        if (review?.Fault is not null)
            LogMisfit(answer.Candidate.Endpoint.Provider.Slug, answer.Candidate.Endpoint.ModelId);
    }

    /// <summary>Counts whether the calls could work, once the answer is out: the caller does not wait for it.</summary>
    private void Judge(CanonicalRequest request, UpstreamAnswer answer, IReadOnlyList<ToolCall>? calls)
    {
        var tools = request.ReadTools();
        if (calls is not { Count: > 0 } || tools.Count == 0)
            return;
        var fault = ToolCallReview.FirstFault(calls, tools);
        answer.Record.CalledTools(fault is not null);
        if (fault is not null)
            LogFaultyCall(answer.Candidate.Endpoint.Provider.Slug, answer.Candidate.Endpoint.ModelId, fault);
    }

    /// <summary>Before the caller has the end of the answer: it may come back with the results at once.</summary>
    private void Remember(InferenceContext context, IReadOnlyList<ToolCall>? calls, IReadOnlyList<ReasoningDetail> thoughts)
    {
        if (calls is { Count: > 0 })
            reasoning.Remember(context.Key!.AccountId, [.. calls.Select(static call => call.Id)], thoughts);
    }

    /// <summary>How the endpoint did. An answer that was cut off by us or the caller tells nothing about its speed.</summary>
    private static void Remember(StreamedAnswer answer, StreamEnd end, AnswerCharge charge, TimeSpan took)
    {
        if (end.Failure is { } failure)
            answer.Record.Failed(failure);
        else
            answer.Record.Succeeded(end.CutShort || end.Aborted ? 0 : charge.Usage.CompletionTokens, took);
    }

    private static GatewayError InBand(UpstreamFailure failure, StreamedAnswer answer)
    {
        var metadata = new System.Text.Json.Nodes.JsonObject { ["provider_name"] = answer.Candidate.Endpoint.Provider.Name };
        if (failure.ProviderCode is not null)
            metadata["provider_code"] = failure.ProviderCode;
        return new GatewayError { Kind = failure.Kind, Message = failure.Message, Metadata = metadata };
    }

    private static long Count(string text) => Tokenizer.O200k.Count(System.Text.Encoding.UTF8.GetBytes(text));

    [LoggerMessage(EventId = 302, Level = LogLevel.Error, Message = "The stream of {Generation} ended with an error: the database could not record it.")]
    private partial void LogUnrecorded(Exception failure, string generation);

    [LoggerMessage(EventId = 303, Level = LogLevel.Debug, Message = "Tool calls of {Provider} for {Model} cannot work: {Reason}.")]
    private partial void LogFaultyCall(string provider, string model, string reason);

    [LoggerMessage(EventId = 304, Level = LogLevel.Debug, Message = "An answer of {Provider} for {Model} does not fit the strict schema that was asked for.")]
    private partial void LogMisfit(string provider, string model);

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "The stream of {Provider} for {Model} ({Generation}) broke after it had begun: {Reason}")]
    private partial void LogBroken(string provider, string model, string generation, string reason);
}
