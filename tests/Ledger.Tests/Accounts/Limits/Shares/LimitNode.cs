using Fairlead.Accounts.Limits;
using Fairlead.Accounts.Limits.Shares;
using Fairlead.Ledger.RollUps;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Fairlead.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Ledger.Tests.Accounts.Limits.Shares;

/// <summary>A node that only counts: a ledger on the shared database, and a limiter whose clock is the test's; leases go by the machine's.</summary>
internal sealed class LimitNode : IAsyncDisposable
{
    private readonly TestLedger _ledger;

    private LimitNode(TestLedger ledger, SetClock clock)
    {
        _ledger = ledger;
        Limiter = new(clock, ledger.Get<ActivityStore>(), ledger.Database, ledger.Get<NodeLease>(), NullLogger<RateLimiter>.Instance);
    }

    public RateLimiter Limiter { get; }

    public RateShares Shares => Limiter.Shares!;

    public TestLedger Ledger => _ledger;

    public NodeLease Lease => _ledger.Get<NodeLease>();

    public static async Task<LimitNode> StartAsync(TestDatabase files, SetClock clock, int number) =>
        new(await TestLedger.StartAsync(files, new NodeId($"limitnode{number:0000000}")), clock);

    public async Task<RateOutcome> BeginAsync(RateLimits key, long tokens = 1, RateLimits account = default) => await Limiter.BeginAsync(new(7, key, 3, account, tokens));

    public async Task<RateOutcome> BeginFreeAsync(FreeModelAllowance free) => await Limiter.BeginAsync(new(7, default, _ledger.Account.Id, default, 1, free));

    public async ValueTask DisposeAsync()
    {
        Shares.Dispose();
        await _ledger.DisposeAsync();
    }
}
