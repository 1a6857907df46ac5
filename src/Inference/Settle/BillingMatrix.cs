using Fairlead.Catalog.Pricing;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Settle;

/// <summary>
/// Who pays for what (architecture §3): the one table. Attempt asks it whether a provider is told to stop when the caller leaves, Settle what is
/// charged and recorded; <c>docs/ledger.md</c> shows it to people.
/// </summary>
internal static class BillingMatrix
{
    public static IReadOnlyList<BillingRow> Rows { get; } =
    [
        new() { Outcome = BillingOutcome.Complete, Pays = Pays.Usage, Upstream = UpstreamRead.ToItsEnd, Finish = RecordedFinish.AsNamed },
        new() { Outcome = BillingOutcome.CutShort, Streamed = true, Pays = Pays.Usage, Upstream = UpstreamRead.ToldToStop, Finish = RecordedFinish.Length },
        new() { Outcome = BillingOutcome.Empty, Pays = Pays.Nothing, Upstream = UpstreamRead.EndedByItself, Finish = RecordedFinish.None },
        new() { Outcome = BillingOutcome.Broken, Pays = Pays.Nothing, Upstream = UpstreamRead.EndedByItself, Finish = RecordedFinish.Error },
        new() { Outcome = BillingOutcome.CallerLeftEarly, Streamed = true, CanAbort = true, Pays = Pays.Nothing, Upstream = UpstreamRead.ToldToStop, Finish = RecordedFinish.None, Cancelled = true },
        new() { Outcome = BillingOutcome.CallerLeftEarly, Pays = Pays.Nothing, Upstream = UpstreamRead.EndedByItself, Finish = RecordedFinish.None, Cancelled = true },
        new() { Outcome = BillingOutcome.CallerLeft, Streamed = true, CanAbort = true, Pays = Pays.Usage, Upstream = UpstreamRead.ToldToStop, Finish = RecordedFinish.AsNamed, Cancelled = true },
        new() { Outcome = BillingOutcome.CallerLeft, Streamed = true, CanAbort = false, Pays = Pays.Usage, Upstream = UpstreamRead.ToItsEnd, Finish = RecordedFinish.AsNamed, Cancelled = true },
        new() { Outcome = BillingOutcome.CallerLeft, Streamed = false, Pays = Pays.Usage, Upstream = UpstreamRead.ToItsEnd, Finish = RecordedFinish.AsNamed, Cancelled = true },
        new() { Outcome = BillingOutcome.Unanswered, Pays = Pays.Nothing, Upstream = UpstreamRead.EndedByItself, Finish = RecordedFinish.Error },
        new() { Outcome = BillingOutcome.FailedAttempt, Pays = Pays.Nothing, Upstream = UpstreamRead.EndedByItself, Finish = RecordedFinish.NoRecord },
        new() { Outcome = BillingOutcome.Refused, Pays = Pays.Nothing, Upstream = UpstreamRead.NotAsked, Finish = RecordedFinish.NoRecord },
        new() { Outcome = BillingOutcome.Killed, Pays = Pays.Nothing, Upstream = UpstreamRead.ToldToStop, Finish = RecordedFinish.None, Cancelled = true },
    ];

    /// <summary>The row for a request that ended so: the first that covers it.</summary>
    public static BillingRow Of(BillingOutcome outcome, bool streamed, bool canAbort)
    {
        for (var i = 0; i < Rows.Count; i++)
        {
            if (Rows[i].Covers(outcome, streamed, canAbort))
                return Rows[i];
        }

        throw new ArgumentException($"No row for {outcome}, streamed {streamed}, can abort {canAbort}.", nameof(outcome));
    }

    /// <summary>The provider is told to stop as soon as the caller leaves.</summary>
    public static bool StopsWithCaller(bool streamed, bool canAbort) =>
        Of(BillingOutcome.CallerLeft, streamed, canAbort).Upstream == UpstreamRead.ToldToStop;

    /// <summary>How an answer ended.</summary>
    /// <param name="facts">What Relay saw.</param>
    /// <param name="completionTokens">Completion tokens by the report, or by our own count where there is none.</param>
    public static BillingOutcome OutcomeOf(in AnswerFacts facts, long completionTokens)
    {
        if (facts.Failed || facts.Finish == FinishReason.Error)
            return BillingOutcome.Broken;
        if (facts.CutShort)
            return BillingOutcome.CutShort;
        if (completionTokens == 0 && facts.Finish == FinishReason.None)
            return BillingOutcome.Empty;
        return facts.Cancelled ? BillingOutcome.CallerLeft : BillingOutcome.Complete;
    }

    /// <summary>What is due, rounded once.</summary>
    /// <param name="row">The row.</param>
    /// <param name="listCost">The usage at list price, in dollars.</param>
    /// <param name="feePpm">The fee for the caller's own provider key in millionths of the list price; null with platform credits.</param>
    /// <param name="pluginFees">What plugins did that costs, on any key .</param>
    public static Credits Due(BillingRow row, decimal listCost, int? feePpm, Credits pluginFees) => row.Pays == Pays.Nothing
        ? Credits.Zero
        : Credits.Round(feePpm is { } ppm ? ByokFees.Fee(listCost, ppm) : listCost) + pluginFees;
}
