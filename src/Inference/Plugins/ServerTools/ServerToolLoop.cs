using System.Text;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Sse;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>
/// Attempt, for requests with tools that the gateway runs (<see cref="ServerToolTurns"/>). A turn without calls of those, or with calls of the caller's own functions,
/// is the last one; our calls are left out of it. Whole answers are the last turn's; streams are all turns', as they come (<see cref="TurnStream"/>). When the budget is
/// used up, or a condition to stop is met, the model is asked once more and may call nothing. Where credits do not reach for another turn, the one that ended is the last, with
/// <c>length</c>: it is paid as any other (I-63).
/// </summary>
internal sealed class ServerToolLoop(FallbackLoop attempt)
{
    public ValueTask<AttemptResult> FirstGoodAsync(InferenceContext context, PreparedRequest prepared, RoutePlan plan, Admission admission, AttemptLog log)
    {
        var turns = new ServerToolTurns(attempt, context, prepared, plan, admission, log);
        return prepared.Request.Stream ? StreamAsync(context, prepared, turns) : WholeAsync(turns);
    }

    private static async ValueTask<AttemptResult> WholeAsync(ServerToolTurns turns)
    {
        WholeAnswer? before = null;
        try
        {
            while (true)
            {
                var result = await turns.AskAsync();
                // Nobody hears the rest: what was done is paid.
                if (result.ClientGone && before is not null)
                    return Take(Last(turns.Run, ref before));
                if (result.Answer is not WholeAnswer answer)
                    return result;
                before?.Dispose();
                before = answer;
                var calls = answer.Reading.ReadCalls(answer.Body.Span) ?? [];
                if (turns.IsLast(calls))
                    return Take(Last(turns.Run, ref before));
                try
                {
                    if (!await turns.GoOnAsync(answer, answer.Reading.EventsOf(answer.Body.Memory), calls, Counts(answer)))
                        return Take(Last(turns.Run, ref before, FinishReason.Length));
                }
                catch (OperationCanceledException) when (turns.CallerIsGone)
                {
                    return Take(Last(turns.Run, ref before));
                }
            }
        }
        finally
        {
            before?.Dispose();
        }
    }

    private static AttemptResult Take(WholeAnswer answer) => new(answer, null, false);

    private static TurnCounts Counts(WholeAnswer answer) => new(
        answer.Reading.Usage, null,
        () => Tokenizer.O200k.Count(Encoding.UTF8.GetBytes(answer.Reading.ReadEmittedText(answer.Body.Span))) + (answer.Reading.Images * OutputMeter.TokensPerImage),
        answer.Reading.Images, answer.Reading.Finish);

    /// <summary>Until something is there to be shown, what goes wrong can still be said with a status.</summary>
    private static async ValueTask<AttemptResult> StreamAsync(InferenceContext context, PreparedRequest prepared, ServerToolTurns turns)
    {
        var first = await turns.AskAsync();
        if (first.Answer is not StreamedAnswer turn)
            return first;
        var queue = new QueuedEvents();
        var translator = context.Dialect.CreateStreamTranslator(queue, turn.Candidate.Endpoint.Target!, turn.Identity);
        translator.Amender = prepared.Plugins.Amender;
        translator.KeepsCalls = true;
        translator.KeepsText = turn.Schemas is not null && StructuredAnswerReview.IsAsked(prepared.Request);
        translator.KeepsReasoning = !context.Dialect.CarriesReasoning;
        var watch = new AttemptWatch(context.Time, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (BillingMatrix.StopsWithCaller(streamed: true, turn.Candidate.Endpoint.CanAbort))
            watch.EndWith(context.Http.RequestAborted);
        var stream = new TurnStream(turns, queue, turn);
        var answer = new TurnsAnswer(stream)
        {
            Candidate = turn.Candidate,
            Identity = turn.Identity,
            FirstTokenAfter = turn.FirstTokenAfter,
            HeldFor = turn.HeldFor,
            Schemas = turn.Schemas,
            Record = turn.Record,
            Response = new HttpResponseMessage(),
            Body = stream,
            Frames = new SseFrameReader(QueuedEvents.Mark.Length * 4),
            Translator = translator,
            Pending = new PooledBody(16),
            Watch = watch,
            LastStep = StreamStep.Continue,
        };
        var kept = false;
        try
        {
            await stream.ShowFirstAsync(watch.Token);
            kept = stream.Error is null;
            return kept ? new AttemptResult(answer, null, false) : new AttemptResult(null, stream.Error, false);
        }
        catch (OperationCanceledException) when (turns.CallerIsGone)
        {
            return new AttemptResult(null, null, ClientGone: true);
        }
        finally
        {
            if (!kept)
                answer.Dispose();
        }
    }

    /// <summary>The answer as the caller is to have it: without calls of ours, which are nothing it could answer.</summary>
    private static WholeAnswer Last(ServerToolRun run, ref WholeAnswer? turn, FinishReason? finish = null)
    {
        var answer = turn!;
        turn = null;
        var reading = answer.Reading;
        var events = WithoutOurs(reading.EventsOf(answer.Body.Memory), run, out var dropped, out var left);
        if (!dropped && finish is null)
            return answer;
        return new WholeAnswer(answer.Body, reading with { Events = events, Finish = finish ?? FinishOf(reading.Finish, left) })
        {
            Candidate = answer.Candidate, Identity = answer.Identity, FirstTokenAfter = answer.FirstTokenAfter, Schemas = answer.Schemas, Record = answer.Record,
        };
    }

    /// <summary>A turn that called only what is left out of it just stopped.</summary>
    public static FinishReason FinishOf(FinishReason finish, bool hasCalls) => finish == FinishReason.ToolCalls && !hasCalls ? FinishReason.Stop : finish;

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

/// <summary>A streamed answer of several turns. What is still to be billed is the turn under way; those before it are the tools' (<see cref="ServerToolRun"/>).</summary>
internal sealed class TurnsAnswer : StreamedAnswer
{
    private readonly TurnStream turns;

    public TurnsAnswer(TurnStream turns)
    {
        this.turns = turns;
        turns.TurnBegan = record => Record = record;
    }

    public override StreamTranslator Counted => turns.Counted;
}
