using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Catalog.Pricing;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;
using Fairlead.Protocols.Sse;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>
/// Attempt, for requests with tools that the gateway runs:
/// <list type="number">
/// <item>a turn is asked for whole, whatever the caller wants: only its end tells whether it is the last one;</item>
/// <item>calls of our tools are run, the hold made large enough for one turn more, and their results sent back to the same endpoint, so that one price list holds;</item>
/// <item>a turn without such calls, or with calls of the caller's own functions, is the answer; our calls are left out of it. A caller who wants a stream gets it as one.</item>
/// </list>
/// When the budget is used up, or a condition to stop is met, the model is asked once more and may call nothing.
/// </summary>
internal sealed class ServerToolLoop(FallbackLoop attempt)
{
    private static readonly GatewayError TooFewCredits = new()
    {
        Kind = ErrorKind.PaymentRequired, Message = "This request requires more credits: its tools ask for another turn of the model than what is left can pay. Nothing was charged.",
    };

    public async ValueTask<AttemptResult> FirstGoodAsync(InferenceContext context, PreparedRequest prepared, RoutePlan plan, Admission admission, AttemptLog log)
    {
        var run = prepared.Plugins.Loop!;
        var call = new PluginCall(context, plan, admission);
        var turn = prepared with { Request = prepared.Request with { Stream = false, Original = default } };
        while (true)
        {
            var turnLog = new AttemptLog(prepared.Plugins);
            var result = await attempt.FirstGoodAsync(context, turn, plan, admission, turnLog);
            foreach (var entry in turnLog.Entries)
                log.Add(entry);
            if (result.Answer is not WholeAnswer answer)
                return result;
            var calls = answer.Reading.ReadCalls(answer.Body.Span) ?? [];
            if (run.IsOver || calls.Count == 0 || calls.Any(one => run.Find(one.Name) is null))
                return new AttemptResult(Last(context, prepared, answer), null, false);

            plan = plan.Only(answer.Candidate.Endpoint);
            using (answer)
            {
                Note(context, run, turn.Request, answer, calls);
                try
                {
                    turn = turn with { Request = await NextAsync(call, run, turn.Request, answer, calls) };
                }
                catch (OperationCanceledException) when (call.Cancellation.IsCancellationRequested)
                {
                    return new AttemptResult(null, null, ClientGone: true);
                }
            }

            if (run.IsOver)
                turn = turn with { Request = turn.Request with { ToolChoice = new ToolChoice(ToolChoiceKind.None, null), Used = turn.Request.Used | ParameterSet.ToolChoice } };
            if (!await admission.Hold.TryGrowAsync(WorstTurn(plan, turn.Request)))
                return new AttemptResult(null, TooFewCredits, false);
        }
    }

    private static void Note(InferenceContext context, ServerToolRun run, CanonicalRequest request, WholeAnswer answer, IReadOnlyList<ToolCall> calls)
    {
        var candidate = answer.Candidate;
        var usage = UsageReview.Review(answer.Reading.Usage, null, in candidate, () => Tokenizer.O200k.Count(System.Text.Encoding.UTF8.GetBytes(answer.Reading.ReadEmittedText(answer.Body.Span))), out _);
        var cost = candidate.Endpoint.Pricing.CostOf(usage, new PricingContext { Images = request.Content.Images, At = context.ArrivedAt });
        run.AddTurn(usage, cost.Total, calls.Select(static one => one.Name), FinishReasons.Recorded(RecordedFinish.AsNamed, answer.Reading.Finish) ?? "");
        answer.Record.Succeeded(usage.CompletionTokens, context.Time.GetElapsedTime(answer.Record.StartedAt));
    }

    /// <summary>The request with the model's turn and what its calls came to.</summary>
    private static async ValueTask<CanonicalRequest> NextAsync(PluginCall call, ServerToolRun run, CanonicalRequest request, WholeAnswer answer, IReadOnlyList<ToolCall> calls)
    {
        var messages = ChatMessages.Of(request);
        messages.Items.Add(ChatMessages.WriteAnswer(answer.Reading.EventsOf(answer.Body.Memory), answer.Identity with { ExcludeReasoning = false }));
        foreach (var one in calls)
            messages.Items.Add(ChatMessages.WriteResult(one.Id, await run.CallAsync(call, run.Find(one.Name)!, one.Arguments)));
        var (next, error) = messages.ApplyTo(request);
        return next ?? throw new InvalidOperationException($"The model's own turn cannot be sent back: {error!.Message}");
    }

    private static Credits WorstTurn(RoutePlan plan, CanonicalRequest request)
    {
        var candidate = plan.Candidates[plan.Attempts[0]];
        var prompt = RoutePlanner.PromptTokens(request.Content, candidate.Model.Architecture.Tokenizer);
        return candidate.Endpoint.Rates.WorstCase(prompt + (prompt / 4) + 1, candidate.OutputTokens, request.Content.Images);
    }

    /// <summary>The answer as the caller is to have it: without calls of ours, which are nothing it could answer.</summary>
    private static UpstreamAnswer Last(InferenceContext context, PreparedRequest prepared, WholeAnswer answer)
    {
        var run = prepared.Plugins.Loop!;
        var reading = answer.Reading;
        var events = WithoutOurs(reading.EventsOf(answer.Body.Memory), run, out var dropped, out var left);
        if (dropped)
            reading = reading with { Events = events, Finish = reading.Finish == FinishReason.ToolCalls && !left ? FinishReason.Stop : reading.Finish };
        if (!prepared.Request.Stream)
        {
            return !dropped ? answer : new WholeAnswer(answer.Body, reading)
            {
                Candidate = answer.Candidate, Identity = answer.Identity, FirstTokenAfter = answer.FirstTokenAfter, Record = answer.Record,
            };
        }

        using (answer)
            return Streamed(context, prepared, answer, events, reading);
    }

    private static StreamedAnswer Streamed(InferenceContext context, PreparedRequest prepared, WholeAnswer answer, List<AnswerEvent> events, AnswerReading reading)
    {
        if (!events.Exists(static e => e is UsageReported) && reading.Usage is { } usage)
            events.Add(new UsageReported(usage));
        var finish = events.FindLastIndex(static e => e is AnswerFinished);
        if (finish >= 0)
            events[finish] = new AnswerFinished(reading.Finish, reading.NativeFinish);
        else
            events.Add(new AnswerFinished(reading.Finish, reading.NativeFinish));
        var replayed = new ReplayedAnswer(events);
        var translator = context.Dialect.CreateStreamTranslator(replayed, answer.Candidate.Endpoint.Target!, answer.Identity);
        translator.Amender = prepared.Plugins.Amender;
        translator.KeepsCalls = true;
        translator.KeepsReasoning = !context.Dialect.CarriesReasoning;
        var watch = new AttemptWatch(context.Time, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return new StreamedAnswer
        {
            Candidate = answer.Candidate,
            Identity = answer.Identity,
            FirstTokenAfter = answer.FirstTokenAfter,
            Record = answer.Record,
            Response = new HttpResponseMessage(),
            Body = new MemoryStream(ReplayedAnswer.Stream.ToArray(), writable: false),
            Frames = new SseFrameReader(ReplayedAnswer.Stream.Length * 4),
            Translator = translator,
            Pending = new PooledBody(16),
            Watch = watch,
            LastStep = StreamStep.Continue,
        };
    }

    private static List<AnswerEvent> WithoutOurs(IReadOnlyList<AnswerEvent> events, ServerToolRun run, out bool dropped, out bool left)
    {
        var ours = events.OfType<ToolCallStarted>().Where(one => run.Find(one.Name) is not null).Select(static one => one.Index).ToHashSet();
        dropped = ours.Count > 0;
        left = events.OfType<ToolCallStarted>().Any(one => !ours.Contains(one.Index));
        return [.. events.Where(e => e switch
        {
            ToolCallStarted one => !ours.Contains(one.Index),
            ToolCallArguments piece => !ours.Contains(piece.Index),
            _ => true,
        })];
    }
}
