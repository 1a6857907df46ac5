using System.Text;
using Fairlead.Inference.Settle;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>The billing matrix as people read it: the table of <c>docs/ledger.md</c>.</summary>
internal static class BillingTable
{
    public static string Markdown()
    {
        var text = new StringBuilder("| What happens | The caller pays | …with an own provider key | The record | The provider |\n|---|---|---|---|---|\n");
        foreach (var row in BillingMatrix.Rows)
            text.Append($"| {What(row)} | {PaysFor(row)} | {(row.Pays == Pays.Usage ? "the fee" : "nothing")} | {Record(row)} | {Provider(row.Upstream)} |\n");
        return text.ToString();
    }

    private static string What(BillingRow row)
    {
        var what = row.Outcome switch
        {
            BillingOutcome.Complete => "the answer comes to its end",
            BillingOutcome.CutShort => "the credits cover no more of it",
            BillingOutcome.Empty => "no completion token and no finish reason",
            BillingOutcome.Broken => "the provider fails after the first event, stalls, or names an error as its finish",
            BillingOutcome.CallerLeft => "the caller leaves",
            BillingOutcome.CallerLeftEarly => row.Upstream == UpstreamRead.ToldToStop ? "the caller leaves before the first event" : "the caller leaves, and the attempt then fails",
            BillingOutcome.Unanswered => "every attempt fails",
            BillingOutcome.FailedAttempt => "an attempt fails, a later one answers: for the failed one",
            BillingOutcome.Refused => "refused before anything is sent (credits, limits, moderation, a mistake)",
            BillingOutcome.Killed => "the gateway is killed",
            _ => throw new ArgumentOutOfRangeException(nameof(row), row.Outcome, "no words for this outcome"),
        };
        var streamed = row.Streamed switch { true => "streamed", false => "not streamed", null => null };
        var abort = row.CanAbort switch { true => "endpoint can abort", false => "endpoint cannot abort", null => null };
        var conditions = string.Join(", ", new[] { streamed, abort }.Where(condition => condition is not null));
        return conditions.Length == 0 ? what : $"{what} ({conditions})";
    }

    private static string PaysFor(BillingRow row) => (row.Pays, row.Upstream) switch
    {
        (Pays.Nothing, _) => "nothing",
        (_, UpstreamRead.ToldToStop) => "what was generated until then",
        _ => "the whole answer",
    };

    private static string Record(BillingRow row)
    {
        if (row.Finish == RecordedFinish.NoRecord)
            return row.Outcome == BillingOutcome.FailedAttempt ? "in the list of attempts" : "none";
        var finish = row.Finish switch
        {
            RecordedFinish.AsNamed => "the provider's finish",
            RecordedFinish.Length => "`length`",
            RecordedFinish.Error => "`error`",
            _ => "no finish",
        };
        return row.Cancelled ? finish + ", `cancelled`" : finish;
    }

    private static string Provider(UpstreamRead upstream) => upstream switch
    {
        UpstreamRead.ToItsEnd => "read to its end",
        UpstreamRead.ToldToStop => "told to stop",
        UpstreamRead.EndedByItself => "ended by itself",
        _ => "not asked",
    };
}
