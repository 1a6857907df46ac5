using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>
/// The turns of one request with tools that the gateway runs: asks for each, runs what it calls, holds what the turns before it used and what one more may cost, and writes
/// down what the next one is asked. All turns go to the endpoint that answered the first, so that one price list holds.
/// </summary>
internal sealed class ServerToolTurns(FallbackLoop attempt, InferenceContext context, PreparedRequest prepared, RoutePlan plan, Admission admission, AttemptLog log)
{
    private readonly PluginCall call = new(context, plan, admission);
    private PreparedRequest turn = prepared with { Request = prepared.Request with { Original = default } };
    private RoutePlan plan = plan;
    private int asked;
    private Usage ended;
    private TurnRecord toRecord;
    private long written;

    /// <summary>The tools.</summary>
    public ServerToolRun Run { get; } = prepared.Plugins.Loop!;

    /// <summary>The caller left.</summary>
    public bool CallerIsGone => call.Cancellation.IsCancellationRequested;

    /// <summary>Whether a turn is the last one: it calls nothing of ours, or something of the caller's own, or may not be followed by another.</summary>
    public bool IsLast(IReadOnlyList<ToolCall> calls) => Run.IsOver || calls.Count == 0 || calls.Any(one => Run.Find(one.Name) is null);

    /// <summary>Makes the hold cover what a streamed turn wrote so far, calls included, which nobody sees; false where the credits do not reach.</summary>
    public ValueTask<bool> CoversAsync(StreamedAnswer answer)
    {
        var meter = answer.Translator.Meter;
        return admission.Covers(written + meter.UpperEstimate) ? new(true) : admission.TryCoverAsync(answer.Candidate, written + meter.Count());
    }

    /// <summary>Asks for the next turn, streamed or whole as the request is.</summary>
    public async ValueTask<AttemptResult> AskAsync()
    {
        // A turn that no other follows is the relay's to record.
        if (asked > 0)
            toRecord.Record.Succeeded(toRecord.Tokens, toRecord.Took);
        var turnLog = new AttemptLog(prepared.Plugins) { Since = asked == 0 ? TimeSpan.Zero : context.Elapsed };
        var result = await attempt.FirstGoodAsync(context, turn, plan, admission, turnLog);
        foreach (var entry in turnLog.Entries)
            log.Add(entry);
        if (result.Answer is not { } answer)
            return result;
        plan = plan.Only(answer.Candidate.Endpoint);
        if (asked++ > 0)
            Run.BeginNext();
        return result;
    }

    /// <summary>
    /// A turn ended in calls of ours: runs them, one after the other, and makes ready for the next turn. False where the credits do not reach for it. Throws where the
    /// caller leaves meanwhile.
    /// </summary>
    /// <param name="answer">The turn.</param>
    /// <param name="said">What it said.</param>
    /// <param name="calls">Its calls.</param>
    /// <param name="counts">What was counted.</param>
    public async ValueTask<bool> GoOnAsync(UpstreamAnswer answer, IReadOnlyList<AnswerEvent> said, IReadOnlyList<ToolCall> calls, TurnCounts counts)
    {
        Note(answer, calls, counts);
        // What it did not use is free while tools run; should it have used more, there is no next one.
        await admission.TryHoldAsync(Due(nextPrompt: 0));
        var messages = ChatMessages.Of(turn.Request);
        messages.Items.Add(ChatMessages.WriteAnswer(said, answer.Identity with { ExcludeReasoning = false }));
        foreach (var one in calls)
            messages.Items.Add(ChatMessages.WriteResult(one.Id, await Run.CallAsync(call, Run.Find(one.Name)!, one.Arguments)));
        Run.EndCalls(PluginFee.Sum(prepared.Plugins.Fees).Dollars);
        var (next, error) = messages.ApplyTo(turn.Request);
        if (next is null)
            throw new InvalidOperationException($"The model's own turn cannot be sent back: {error!.Message}");
        // What was chosen has been called: it would be called in every turn.
        if (next.ToolChoice is { Kind: ToolChoiceKind.Function, FunctionName: { } chosen } && Run.Find(chosen) is not null)
            next = next with { ToolChoice = new ToolChoice(ToolChoiceKind.Auto, null) };
        turn = turn with { Request = Run.IsOver ? next with { ToolChoice = new ToolChoice(ToolChoiceKind.None, null), Used = next.Used | ParameterSet.ToolChoice } : next };
        if (prepared.Request.Stream)
            admission.CoverNext(answer.Candidate, written += counts.CountEmitted());
        return await admission.TryHoldAsync(WithNext());
    }

    private void Note(UpstreamAnswer answer, IReadOnlyList<ToolCall> calls, TurnCounts counts)
    {
        var candidate = answer.Candidate;
        ended = UsageReview.Review(counts.Reported, counts.ReportedPrompt, in candidate, counts.CountEmitted, counts.Images, out _);
        var cost = candidate.Endpoint.Pricing.CostOf(ended, Pricing);
        Run.EndTurn(ended, cost.Total, calls.Select(static one => one.Name), FinishReasons.Recorded(RecordedFinish.AsNamed, counts.Finish) ?? "");
        toRecord = new TurnRecord(answer.Record, ended.CompletionTokens, context.Time.GetElapsedTime(answer.Record.StartedAt));
    }

    private PricingContext Pricing => new() { Images = prepared.Request.Content.Images, At = context.ArrivedAt };

    /// <summary>What is to be charged if the turn that ended is the last one: priced as <see cref="Settler"/> will, rounded up.</summary>
    /// <param name="nextPrompt">The longest the next turn's prompt may be: longer prompts may make all of them dearer.</param>
    private Credits Due(long nextPrompt)
    {
        var prices = plan.Candidates[plan.Attempts[0]].Endpoint.Pricing;
        var (usage, pricing) = Run.WithEarlierTurns(ended, Pricing);
        var longest = Math.Max(pricing.LargestPrompt ?? usage.PromptTokens, nextPrompt);
        var cost = Math.Max(prices.CostOf(usage, pricing).Total, prices.CostOf(usage, pricing with { LargestPrompt = longest }).Total);
        return Credits.Round(cost) + new Credits(1) + prepared.Plugins.WorstFee + (Run.Fee?.Total ?? Credits.Zero);
    }

    /// <summary>The same, and the most one turn more may cost.</summary>
    private Credits WithNext()
    {
        var candidate = plan.Candidates[plan.Attempts[0]];
        var prompt = RoutePlanner.PromptTokens(turn.Request.Content, candidate.Model.Architecture.Tokenizer);
        prompt += (prompt / 4) + 1;
        return Due(prompt) + candidate.Endpoint.Rates.WorstCase(prompt, candidate.OutputTokens, turn.Request.Content.Images);
    }

    private readonly record struct TurnRecord(AttemptRecord Record, long Tokens, TimeSpan Took);
}

/// <summary>What was counted of a turn.</summary>
/// <param name="Reported">By the provider, or null.</param>
/// <param name="ReportedPrompt">By the provider before the end, of what it read alone; or null.</param>
/// <param name="CountEmitted">By ourselves, where that is needed.</param>
/// <param name="Images">Images it drew, which <paramref name="CountEmitted"/> counts too.</param>
/// <param name="Finish">How it ended.</param>
internal readonly record struct TurnCounts(Usage? Reported, Usage? ReportedPrompt, Func<long> CountEmitted, int Images, FinishReason Finish);
