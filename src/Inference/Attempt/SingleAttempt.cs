using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt.Credentials;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers.BodyBuilder;
using Fairlead.Inference.Settle;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Framing;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Attempt;

/// <summary>One attempt's end: an answer, a failure, or neither when the caller left.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Failure">The failure.</param>
/// <param name="WhileHeld">It failed after its first tokens, which were held back: no caller saw them.</param>
internal readonly record struct SingleOutcome(UpstreamAnswer? Answer, UpstreamFailure? Failure, bool WhileHeld = false);

/// <summary>
/// One attempt at one endpoint: shapes the request in the endpoint's dialect, sends it, and reads until the first meaningful event (streamed) or
/// the whole body (not streamed). Everything that goes wrong on the way is an <see cref="UpstreamFailure"/>.
/// </summary>
internal sealed class SingleAttempt(UpstreamClient client, BodyWriter bodies, MediaInlining media, UserIdentity identity, IOptions<InferenceOptions> options) : IAttempt
{
    public async ValueTask<SingleOutcome> TryAsync(InferenceContext context, PreparedRequest prepared, RouteCandidate candidate, Admission admission, TimeSpan budgetLeft, bool withoutSignatures)
    {
        var request = prepared.Request;
        if (prepared.Plugins.ActPerEndpoint)
        {
            var shape = await prepared.Plugins.ForEndpointAsync(new PluginCall(context, admission.Plan, admission), request, candidate);
            if (shape.Request is null)
                return new SingleOutcome(null, shape.Failure);
            request = shape.Request;
        }

        var endpoint = candidate.Endpoint;
        var target = endpoint.Target!;
        var dialect = UpstreamDialects.For(target);
        var (inlined, unfetched) = await media.ForAsync(request, dialect, target, context.Http.RequestAborted);
        if (unfetched is not null)
            return new SingleOutcome(null, UpstreamFailures.Unsayable(unfetched));

        var call = new UpstreamCall
        {
            Stream = request.Stream,
            MaxTokens = request.Stream ? null : candidate.OutputCap,
            UserHash = request.User is null ? null : identity.Hash(context.Key!.AccountId, request.User),
            WithoutSignatures = withoutSignatures,
            AnthropicBetas = AnthropicBetas.From(context.Http.Request.Headers, request, target.Protocol),
            Schemas = ReportOf(context, request),
        };
        var answerIdentity = Identity(context, request, candidate) with { Forwarded = prepared.Plugins.Amender is null && dialect.Forwards(inlined!, target, call) };
        var body = new PooledBody(request.Body.Length + 512);
        if (dialect.WriteRequest(inlined!, target, call, body) is { } unsayable)
            return new SingleOutcome(null, UpstreamFailures.Unsayable(unsayable));

        var timeouts = endpoint.Provider.Timeouts;
        var firstToken = TimeSpan.FromSeconds(request.Stream ? timeouts.FirstTokenSeconds : timeouts.NonStreamedSeconds);
        if (budgetLeft < firstToken)
            firstToken = budgetLeft;
        var watch = new AttemptWatch(context.Time, firstToken, TimeSpan.FromSeconds(timeouts.TotalSeconds));
        if (BillingMatrix.StopsWithCaller(request.Stream, endpoint.CanAbort))
            watch.EndWith(context.Http.RequestAborted);

        HttpResponseMessage? response = null;
        SingleOutcome outcome = default;
        try
        {
            response = candidate.Model.Router == RouterKind.BodyBuilder
                ? await bodies.AnswerAsync(context.Catalog, request, candidate.PromptTokens, watch.Token)
                : await client.SendAsync(endpoint, dialect, call, body.Memory, watch.Token);
            var gathered = prepared.Plugins.Loop is null || !request.Stream ? null : new List<AnswerEvent>();
            outcome = await ReadAsync(context, request, gathered, prepared.Plugins.Amender, candidate, dialect, answerIdentity, response, watch);
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or OperationCanceledException or InvalidDataException or CredentialsException)
        {
            outcome = new SingleOutcome(null, UpstreamFailures.Of(trouble, watch, firstToken, gotHeaders: response is not null));
        }
        finally
        {
            // A failed send may still be reading the bytes on its way out: only a good answer proves that they were sent.
            if (outcome.Answer is not null)
            {
                outcome.Answer.Schemas = call.Schemas;
                body.Dispose();
            }

            if (outcome.Answer is not StreamedAnswer)
            {
                response?.Dispose();
                watch.Dispose();
            }
        }

        return outcome.Answer is null && watch.HadFirstToken ? outcome with { WhileHeld = true } : outcome;
    }

    private async ValueTask<SingleOutcome> ReadAsync(
        InferenceContext context, CanonicalRequest request, List<AnswerEvent>? gathered, IAnswerAmender? amender, RouteCandidate candidate, IUpstreamDialect dialect, AnswerIdentity identity,
        HttpResponseMessage response, AttemptWatch watch)
    {
        var stream = ResponseReading.Open(response, watch.Token);
        if (!response.IsSuccessStatusCode)
            return new SingleOutcome(null, await ResponseReading.ReadFailureAsync(dialect, response, stream, watch.Token));

        var mediaType = ResponseReading.MediaType(response);
        if (request.Stream && string.Equals(mediaType, dialect.StreamMediaType, StringComparison.OrdinalIgnoreCase))
            return await ReadFirstTokenAsync(context, request, gathered, amender, candidate, dialect, identity, response, stream, watch);
        if (!ResponseReading.IsJson(mediaType))
            return new SingleOutcome(null, UpstreamFailures.WrongType(mediaType));
        return await ReadWholeAsync(context, request, candidate, dialect, identity, stream, watch.Token);
    }

    private async ValueTask<SingleOutcome> ReadWholeAsync(
        InferenceContext context, CanonicalRequest request, RouteCandidate candidate, IUpstreamDialect dialect, AnswerIdentity identity, Stream stream, CancellationToken cancellation)
    {
        var body = new PooledBody(8192);
        var kept = false;
        try
        {
            if (!await ResponseReading.ReadAsync(stream, body, options.Value.MaxAnswerBytes, cancellation))
                return new SingleOutcome(null, UpstreamFailures.TooLarge());
            var reading = dialect.ReadAnswer(body.Memory, candidate.Endpoint.Target!);
            if (reading.Failure is { } failure)
                return new SingleOutcome(null, failure);
            if (request.Stream)
                return new SingleOutcome(null, UpstreamFailures.WrongType("application/json"));
            if (reading.Finish == FinishReason.Error)
                return new SingleOutcome(null, UpstreamFailures.ErrorFinish(reading.NativeFinish));
            if (reading.Empty && reading.Finish == FinishReason.None)
                return new SingleOutcome(null, UpstreamFailures.Empty());

            kept = true;
            return new SingleOutcome(
                new WholeAnswer(body, reading) { Candidate = candidate, Identity = identity, FirstTokenAfter = context.Elapsed }, null);
        }
        finally
        {
            if (!kept)
                body.Dispose();
        }
    }

    private async ValueTask<SingleOutcome> ReadFirstTokenAsync(
        InferenceContext context, CanonicalRequest request, List<AnswerEvent>? gathered, IAnswerAmender? amender, RouteCandidate candidate, IUpstreamDialect dialect, AnswerIdentity identity,
        HttpResponseMessage response, Stream stream, AttemptWatch watch)
    {
        var translator = gathered is null
            ? context.Dialect.CreateStreamTranslator(dialect, candidate.Endpoint.Target!, identity)
            : EventGathering.Create(dialect.CreateEventReader(candidate.Endpoint.Target!), gathered);
        translator.Amender = amender;
        translator.KeepsCalls = request.Content.Tools > 0;
        translator.KeepsText = StructuredAnswerReview.IsAsked(request) && RouterMetadata.IsWanted(context.Http.Request.Headers);
        translator.KeepsReasoning = translator.KeepsCalls && !context.Dialect.CarriesReasoning && !identity.Forwarded;
        var frames = dialect.CreateFrameReader(options.Value.MaxEventBytes);
        var pending = new PooledBody(2048);
        var kept = false;
        try
        {
            var bodyEnded = false;
            // Null without the caller's wish: then the answer is handed on with its first content.
            var hold = request.Provider.RestartsStreams ? new StreamHold(request.Provider.Hold, context.Time) : null;
            Task<int>? reading = null;
            while (true)
            {
                var step = TranslateAvailable(frames, translator, pending);
                if (translator.HasContent && !watch.HadFirstToken)
                {
                    watch.FirstToken(TimeSpan.FromSeconds(candidate.Endpoint.Provider.Timeouts.BetweenTokensSeconds));
                    hold?.Begin();
                }

                var nothingSaid = hold is not null || !translator.HasOutput;
                var nothingSent = hold is not null || !translator.HasContent;
                if (translator.Failure is { } reported && nothingSaid)
                    return new SingleOutcome(null, reported);
                // Behind a finish, an event that the end of the body cut is an end (Relay says the same).
                if (step == StreamStep.Unreadable && nothingSent && !(bodyEnded && translator.Finish != FinishReason.None))
                    return new SingleOutcome(null, UpstreamFailures.Unreadable());
                if (frames.TooLarge && nothingSent)
                    return new SingleOutcome(null, UpstreamFailures.TooLarge());
                if (translator.Finish == FinishReason.Error && nothingSaid)
                    return new SingleOutcome(null, UpstreamFailures.ErrorFinish(translator.NativeFinish));
                var ended = bodyEnded || step == StreamStep.End;
                if (ended && nothingSent && (!translator.Complete(pending) || !translator.HasContent))
                    return new SingleOutcome(null, translator.HasContent ? UpstreamFailures.Cut() : UpstreamFailures.Empty());
                if (translator.HasContent && (ended || reading is not null || hold is null || hold.IsOver(translator.Meter)))
                {
                    kept = true;
                    return new SingleOutcome(
                        new StreamedAnswer
                        {
                            Candidate = candidate,
                            Identity = identity,
                            FirstTokenAfter = context.Elapsed,
                            HeldFor = hold?.Held ?? TimeSpan.Zero,
                            Response = response,
                            Body = stream,
                            Frames = frames,
                            Translator = translator,
                            Events = gathered,
                            Pending = pending,
                            Watch = watch,
                            LastStep = step,
                            BodyEnded = bodyEnded,
                            Reading = reading,
                        },
                        null);
                }

                int read;
                if (hold is null || !translator.HasContent)
                {
                    read = await stream.ReadAsync(frames.GetMemory(), watch.Token);
                }
                else
                {
                    var next = stream.ReadAsync(frames.GetMemory(), watch.Token).AsTask();
                    if (!await hold.EndsBeforeItDoesAsync(next))
                    {
                        // Time is up while the provider is silent: what is held goes out, and Relay takes over the read.
                        reading = next;
                        continue;
                    }

                    read = await next;
                    watch.Progress();
                }

                if (read > 0)
                    frames.Advance(read);
                else
                    frames.Complete();
                bodyEnded = read == 0;
            }
        }
        finally
        {
            if (!kept)
            {
                frames.Release();
                translator.Release();
                pending.Dispose();
            }
        }
    }

    private static StreamStep TranslateAvailable(FrameReader frames, StreamTranslator translator, PooledBody pending)
    {
        while (frames.TryRead(out var frame))
        {
            var step = translator.Translate(frame.Name, frame.Data, pending);
            if (step != StreamStep.Continue || translator.Failure is not null)
                return step;
        }

        return frames.Broken ? StreamStep.Unreadable : StreamStep.Continue;
    }

    // Kept only for callers who will be told.
    private static SchemaReport? ReportOf(InferenceContext context, CanonicalRequest request) =>
        (request.Content.Tools > 0 || request.ResponseFormat is { Schema: not null }) && RouterMetadata.IsWanted(context.Http.Request.Headers) ? new SchemaReport() : null;

    private static AnswerIdentity Identity(InferenceContext context, CanonicalRequest request, in RouteCandidate candidate) => new(
        context.GenerationId, candidate.Model.Id, candidate.Endpoint.Provider.Name, context.ArrivedAt.ToUnixTimeSeconds(), request.Reasoning is { Exclude: true })
    {
        Asked = request.Dialect == ClientDialect.Responses ? request.Original : default,
    };
}
