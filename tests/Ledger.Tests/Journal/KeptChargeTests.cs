using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Tests.Journal;

/// <summary>What a charge in the journal means for what a node may promise, until it is settled.</summary>
public sealed class KeptChargeTests
{
    private readonly AccountFunds _funds = new(1, leased: true);
    private readonly KeySpend _key = new(2);

    public KeptChargeTests() => _funds.SetReserved(100, new Dictionary<long, long>());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Settled_NothingIsPromisedTwice_AndAnEarlierCommitLeavesMemoryToBeCompared(bool isCertain)
    {
        Keep(30);
        Assert.Equal((70, true), (_funds.InHand, _funds.HasKept));

        _funds.CommitKept(_key, 30, 0, isCertain);

        Assert.Equal((isCertain ? 70 : 0, false, !isCertain), (_funds.InHand, _funds.HasKept, _funds.InDoubt));
        Assert.Equal((30, 0), (_funds.Snapshot().TotalUsage.PicoDollars, _funds.Snapshot().Pending.PicoDollars));
        _funds.SetReserved(70, new Dictionary<long, long>());
        Assert.Equal(70, _funds.InHand);
    }

    [Fact]
    public void Refused_StaysPromisedAndIsNoReasonNotToCompare()
    {
        Keep(30);

        _funds.Unkeep();
        _funds.SetReserved(100, new Dictionary<long, long>());

        Assert.Equal((70, false), (_funds.InHand, _funds.HasKept));
    }

    private void Keep(long charged)
    {
        var hold = _funds.TryHold(null!, _key, new() { GenerationId = "gen-1", AccountId = 1, KeyId = 2, KeyLimit = null, Amount = new(charged) }, today: 20_000, nowMs: 0).Hold!;
        _funds.Charge(hold, charged, 0, 20_000);
        _funds.Keep();
    }
}
