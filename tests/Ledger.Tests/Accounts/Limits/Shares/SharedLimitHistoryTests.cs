using System.Globalization;
using Fairlead.Accounts.Limits;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Accounts.Limits.Shares;

/// <summary>
/// A history drawn from a seed, on three nodes: each request is admitted exactly when one node that saw them all would admit it. <c>FAIRLEAD_TEST_SEED</c> replays one.
/// </summary>
public sealed class SharedLimitHistoryTests : IDisposable
{
    private const int Operations = 250;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RefusalLasts = TimeSpan.FromMilliseconds(250);

    private readonly TestDatabase _files = new(DatabaseEngine.PostgreSql);
    private readonly SetClock _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<Begun> _begun = [];

    [Fact]
    public async Task AnyHistory_AdmitsExactlyWhatTheLimitAllowsOverAllNodes()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_SEED") ?? Random.Shared.Next().ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var limits = new RateLimits(random.Next(3, 12), 100, random.Next(2, 6));
        await using var first = await LimitNode.StartAsync(_files, _clock, 1);
        await using var second = await LimitNode.StartAsync(_files, _clock, 2);
        await using var third = await LimitNode.StartAsync(_files, _clock, 3);
        LimitNode[] nodes = [first, second, third];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (nodes.Any(static node => node.Lease.LiveNodes.Count < 2))
        {
            await Task.Delay(10, patience.Token);
        }

        for (var operation = 0; operation < Operations; operation++)
        {
            var node = nodes[random.Next(nodes.Length)];
            switch (random.Next(10))
            {
                case < 5:
                    await BeginAsync(node, limits, random.Next(1, 40), $"seed {seed}, operation {operation}");
                    break;
                case < 8:
                    End(random);
                    break;
                case 8:
                    _clock.Pass(TimeSpan.FromSeconds(random.Next(30)));
                    break;
                default:
                    // No looks for ended nodes: leases go by the machine's clock, which does not pass as fast.
                    await node.Shares.HandBackUnusedAsync();
                    node.Limiter.Sweep();
                    break;
            }
        }
    }

    public void Dispose() => _files.Dispose();

    private async Task BeginAsync(LimitNode node, RateLimits limits, long tokens, string when)
    {
        _clock.Pass(RefusalLasts);
        var recent = _begun.FindAll(one => _clock.GetElapsedTime(one.At) < Window);
        var allowed = recent.Count < limits.Rpm && recent.Sum(static one => one.Tokens) + tokens <= limits.Tpm && _begun.Count(static one => one.Permit is not null) < limits.Concurrency;

        var outcome = await node.BeginAsync(limits, tokens);

        Assert.True(allowed == outcome.Permit is not null && allowed == outcome.Refusal is null, $"{when}: {(allowed ? "refused" : "admitted")}, {outcome.Refusal}");
        if (outcome.Permit is { } permit)
        {
            _begun.Add(new(_clock.GetTimestamp(), tokens, permit));
        }
    }

    private void End(Random random)
    {
        var which = _begun.FindIndex(static one => one.Permit is not null);
        if (which < 0)
        {
            return;
        }

        var one = _begun[which];
        if (random.Next(4) == 0)
        {
            one.Permit!.Cancel();
            _begun.RemoveAt(which);
            return;
        }

        var used = random.NextInt64(one.Tokens + 1);
        one.Permit!.Complete(used, freeModel: false);
        _begun[which] = one with { Tokens = used, Permit = null };
    }

    private sealed record Begun(long At, long Tokens, RatePermit? Permit);
}
