using System.Runtime.CompilerServices;
using Fairlead.Inference.Settle;
using Fairlead.Ledger;

namespace Fairlead.Gateway.Tests.Billing;

public sealed class BillingMatrixTests
{
    [Fact]
    public void TheTableInTheDocuments_IsTheTableInTheCode()
    {
        var ledger = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/ledger.md"));

        Assert.Contains("\n\n" + BillingTable.Markdown() + "\n", ledger, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryEndOfARequest_HasARow()
    {
        foreach (var outcome in Enum.GetValues<BillingOutcome>().Except([BillingOutcome.CutShort]))
        {
            foreach (var (streamed, canAbort) in new[] { (false, false), (false, true), (true, false), (true, true) })
                Assert.Equal(outcome, BillingMatrix.Of(outcome, streamed, canAbort).Outcome);
        }

        Assert.Equal(BillingOutcome.CutShort, BillingMatrix.Of(BillingOutcome.CutShort, streamed: true, canAbort: false).Outcome);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public void TheProviderIsToldToStop_OnlyInAStreamItCanAbort(bool streamed, bool canAbort, bool stops) =>
        Assert.Equal(stops, BillingMatrix.StopsWithCaller(streamed, canAbort));

    [Theory]
    [InlineData(null, 1_000_000_000)]
    [InlineData(50_000, 50_000_000)]
    [InlineData(0, 0)]
    public void Due_IsTheListPrice_OrTheFeeForTheCallersOwnKey(int? feePpm, long picoDollars)
    {
        foreach (var row in BillingMatrix.Rows)
            Assert.Equal(new Credits(row.Pays == Pays.Nothing ? 0 : picoDollars), BillingMatrix.Due(row, 0.001m, feePpm, Credits.Zero));
    }

    [Theory]
    [InlineData(null, 1_000_000_000)]
    [InlineData(0, 0)]
    public void Due_HasTheFeesOfPlugins_OnAnyKey_OnlyWhereTheAnswerIsPaid(int? feePpm, long picoDollars)
    {
        foreach (var row in BillingMatrix.Rows)
            Assert.Equal(new Credits(row.Pays == Pays.Nothing ? 0 : picoDollars + 20), BillingMatrix.Due(row, 0.001m, feePpm, new Credits(20)));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
