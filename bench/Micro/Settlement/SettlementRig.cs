using System.Collections.Concurrent;
using System.Diagnostics;
using Fairlead.Accounts;
using Fairlead.Accounts.Bootstrap;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Micro.Settlement;

/// <summary>A started ledger on a database of its own, and callers that hold and settle one request after the other.</summary>
public sealed class SettlementRig : IAsyncDisposable
{
    private readonly ThrowawayDatabase _database;
    private readonly ServiceProvider _services;
    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private long _next;

    private SettlementRig(ThrowawayDatabase database, bool survivePowerLoss)
    {
        _database = database;
        _services = new ServiceCollection()
            .AddLogging()
            .AddStorage(database.Address, options => options.SurvivePowerLoss = survivePowerLoss)
            .AddLedger(static () => new NodeId("benchmark0000001"))
            .AddAccounts()
            .BuildServiceProvider();
        Ledger = _services.GetRequiredService<CreditLedger>();
    }

    public CreditLedger Ledger { get; }

    public long AccountId { get; private set; }

    /// <param name="server">The PostgreSQL to run on; null is SQLite.</param>
    /// <param name="survivePowerLoss">SQLite: every commit waits for the disk.</param>
    public static async Task<SettlementRig> StartAsync(DatabaseAddress? server = null, bool survivePowerLoss = false)
    {
        var rig = new SettlementRig(ThrowawayDatabase.Make(server), survivePowerLoss);
        await rig.Ledger.StartAsync(default);
        await rig._services.GetRequiredService<KeyIndex>().StartAsync(default);
        var bootstrap = rig._services.GetRequiredService<AccountBootstrap>();
        rig.AccountId = (await bootstrap.ApplyAsync(new() { Credits = Credits.Exact(1_000_000m) })).Account.Id;
        return rig;
    }

    /// <summary>So many callers, each settling so many requests, the next when the last is durable.</summary>
    /// <param name="callers">How many at once.</param>
    /// <param name="each">How many requests each.</param>
    /// <param name="upstream">How long the answer takes; the hold is open meanwhile.</param>
    /// <param name="settle">False releases the hold instead: what the rig itself costs.</param>
    public Task RunAsync(int callers, int each, TimeSpan upstream = default, bool settle = true) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(each, upstream, settle))));

    /// <summary>How long each settlement since the last call was waited for, shortest first.</summary>
    public TimeSpan[] TakeWaits()
    {
        var waits = _waits.ToArray();
        _waits.Clear();
        Array.Sort(waits);
        return waits;
    }

    public async ValueTask DisposeAsync()
    {
        await Ledger.StopAsync(default);
        await _services.DisposeAsync();
        _database.Dispose();
    }

    private async Task CallAsync(int each, TimeSpan upstream, bool settle)
    {
        for (var i = 0; i < each; i++)
        {
            var n = Interlocked.Increment(ref _next);
            // Like the real thing: the second, four characters of the time within it, and sixteen that are random.
            var id = $"gen-{1_760_000_000 + (n / 5000)}-{n % 5000:d4}{n * 2654435761 % 0x7fffffff:x8}{n:x8}";
            var outcome = await Ledger.TryHoldAsync(new()
            {
                GenerationId = id, AccountId = AccountId, KeyId = 1, KeyLimit = null, Amount = Credits.Exact(0.01m), Model = "openai/gpt-4o-mini",
            });
            using var hold = outcome.Hold!;
            if (upstream > TimeSpan.Zero)
            {
                await Task.Delay(upstream);
            }
            else
            {
                // An answer never comes on the same thread in the same breath: the hold is open while others run.
                await Task.Yield();
            }

            if (settle)
            {
                var record = Record(id);
                var started = Stopwatch.GetTimestamp();
                await Ledger.SettleAsync(hold, record);
                _waits.Enqueue(Stopwatch.GetElapsedTime(started));
            }
        }
    }

    private Generation Record(string id) => new()
    {
        Id = id, AccountId = AccountId, KeyId = 1, CreatedAtMs = 1_760_000_000_000, Model = "openai/gpt-4o-mini",
        ModelPermaslug = "openai/gpt-4o-mini-2024-07-18", EndpointId = "7f1a54c2-9a53-4a43-8d41-4a5b4f4f6a4e", ProviderName = "OpenAI",
        UpstreamId = "chatcmpl-CRYbEWwXxKqhz7dzGrT8WmBM3nPIs", Origin = "https://app.example.com/", AppTitle = "Example", Cost = Credits.Exact(0.000123m),
        UpstreamCost = Credits.Exact(0.000123m), CatalogVersion = 7,
        PriceSnapshot = """{"prompt":"0.00000015","completion":"0.0000006","request":"0","image":"0.000217","input_cache_read":"0.000000075"}""",
        Streamed = true, FinishReason = "stop", NativeFinishReason = "stop", LatencyMs = 412, GenerationMs = 1290, TokensPrompt = 312,
        TokensCompletion = 118, NativeTokensPrompt = 315, NativeTokensCompletion = 120,
        ProviderResponses = """[{"status":200,"provider_name":"OpenAI","endpoint_id":"7f1a54c2","latency":412}]""",
        RouteDecision = """{"seed":1234567890,"version":7,"candidates":[["7f1a54c2",0.91],["b1c2d3e4",0.09]]}""",
    };
}
