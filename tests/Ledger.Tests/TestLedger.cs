using Dapper;
using Fairlead.Accounts;
using Fairlead.Accounts.Bootstrap;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Fairlead.Ledger.Tests;

/// <summary>A ledger on a database of its own, with a first account; reopened as after a restart by <see cref="ReopenAsync"/>.</summary>
public sealed class TestLedger : IAsyncDisposable
{
    /// <summary>The node that a test's first ledger, and every restart of it, is.</summary>
    public static readonly NodeId FirstNode = new("firstnode0000001");

    private readonly bool _ownsFiles;
    private readonly int _busyTimeoutSeconds;
    private readonly NodeId _node;
    private readonly TcpProxy? _way;
    private readonly long? _journalBytes;
    private ServiceProvider _services;

    private TestLedger(
        TestDatabase files, bool ownsFiles, TimeProvider clock, int busyTimeoutSeconds, NodeId node, TcpProxy? way = null, long? journalBytes = null)
    {
        _way = way;
        _journalBytes = journalBytes;
        Files = files;
        Clock = clock;
        _ownsFiles = ownsFiles;
        _busyTimeoutSeconds = busyTimeoutSeconds;
        _node = node;
        _services = Build();
    }

    /// <summary>Where the database is.</summary>
    public TestDatabase Files { get; }

    public TimeProvider Clock { get; }

    public Account Account { get; private set; } = null!;

    public ApiKey Key { get; private set; } = null!;

    public Database Database => Get<Database>();

    public CreditLedger Ledger => Get<CreditLedger>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>On a new database.</summary>
    public static Task<TestLedger> StartAsync(DatabaseEngine engine, decimal credits = 100m, TimeProvider? clock = null, int busyTimeoutSeconds = 5) =>
        BeginAsync(new(new TestDatabase(engine), ownsFiles: true, clock ?? TimeProvider.System, busyTimeoutSeconds, FirstNode), credits);

    /// <summary>On a database that is there; <paramref name="node"/> is the first where not given.</summary>
    public static Task<TestLedger> StartAsync(TestDatabase files, NodeId? node = null) =>
        BeginAsync(new(files, ownsFiles: false, TimeProvider.System, 5, node ?? FirstNode), 100m);

    /// <summary>A node with a journal, whose way to the PostgreSQL can be cut.</summary>
    public static Task<TestLedger> StartAsync(TestDatabase files, TcpProxy way, NodeId? node = null, long journalBytes = 1 << 20) =>
        BeginAsync(new(files, ownsFiles: false, TimeProvider.System, 5, node ?? FirstNode, way, journalBytes), 100m);

    /// <summary>A database that is only opened, so brought to today's version: no run, no account.</summary>
    public static TestLedger Unstarted(TestDatabase files) => new(files, ownsFiles: false, TimeProvider.System, 5, FirstNode);

    /// <summary>Where the node keeps its journal.</summary>
    public string JournalFolder => Path.Combine(Files.Folder, $"journal-{_node}");

    public async Task ReopenAsync()
    {
        await CloseAsync();
        _services = Build();
        await BeginAsync(0);
    }

    /// <summary>The same database as a command opens it beside the running gateway: its own connections, nothing started.</summary>
    public TestLedger OpenAsAnotherProcess() =>
        new(Files, ownsFiles: false, Clock, _busyTimeoutSeconds, new("othernode0000001")) { Account = Account, Key = Key };

    /// <summary>One look of the watcher; true when another process had changed something.</summary>
    public Task<bool> LookForForeignChangesAsync() =>
        _services.GetServices<IHostedService>().OfType<ForeignChangeWatcher>().Single().RunOnceAsync(default);

    public HoldRequest Request(string id, decimal dollars, KeyLimit? limit = null) => new()
    {
        GenerationId = id, AccountId = Account.Id, KeyId = Key.Id, KeyLimit = limit, Amount = Credits.Exact(dollars), Model = "acme/rocket-1",
    };

    public Generation Generation(string id, decimal cost, decimal? upstream = null) => new()
    {
        Id = id, AccountId = Account.Id, KeyId = Key.Id, CreatedAtMs = Clock.GetUtcNow().ToUnixTimeMilliseconds(), Model = "acme/rocket-1",
        ModelPermaslug = "acme/rocket-1-20251101", EndpointId = "00000000-0000-0000-0000-000000000001", ProviderName = "Acme AI",
        Cost = Credits.Exact(cost), UpstreamCost = Credits.Exact(upstream ?? cost), PriceSnapshot = """{"prompt":"0.000001"}""", NativeTokensPrompt = 10,
        NativeTokensCompletion = 20, TokensPrompt = 11, TokensCompletion = 21, FinishReason = "stop",
    };

    public async Task<Hold> HoldAsync(string id, decimal dollars) =>
        await Ledger.TryHoldAsync(Request(id, dollars)) is { Granted: true } outcome ? outcome.Hold : throw new InvalidOperationException("refused");

    public async Task<Credits> ChargeAsync(string id, decimal cost, decimal? hold = null) =>
        await Ledger.SettleAsync(await HoldAsync(id, hold ?? cost), Generation(id, cost));

    /// <summary>Waits until exactly these requests are listed as in flight.</summary>
    public async Task UntilIntentsAsync(params string[] expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        IEnumerable<string> found;
        do
        {
            // Written by another thread after 20 ms of the machine's time: nothing to await but the row itself.
            await Task.Delay(5, patience.Token);
            found = await Database.ReadAsync(
                connection => connection.QueryAsync<string>("SELECT generation_id FROM intents ORDER BY generation_id"), "reading intents");
        }
        while (!found.SequenceEqual(expected));
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_ownsFiles)
        {
            Files.Dispose();
        }
    }

    private async Task CloseAsync()
    {
        await Ledger.StopAsync(default);
        await _services.DisposeAsync();
    }

    private static async Task<TestLedger> BeginAsync(TestLedger ledger, decimal credits)
    {
        await ledger.BeginAsync(credits);
        return ledger;
    }

    private async Task BeginAsync(decimal credits)
    {
        await Ledger.StartAsync(default);
        await Get<KeyIndex>().StartAsync(default);
        var outcome = await Get<AccountBootstrap>().ApplyAsync(new() { Credits = Credits.Exact(credits), Key = Some.Key() });
        Account = outcome.Account;
        Key = Get<KeyIndex>().Find(Some.Key())!;
    }

    private DatabaseAddress Address() => _way is null
        ? Files.Address
        : DatabaseAddress.Parse(new NpgsqlConnectionStringBuilder(Files.AddressText) { Port = _way.Port, Timeout = 2 }.ConnectionString);

    private ServiceProvider Build() => new ServiceCollection()
        .AddLogging()
        .AddSingleton(Clock)
        .AddStorage(Address(), options => options.BusyTimeoutSeconds = _busyTimeoutSeconds)
        .AddLedger(() => _node, options => (options.JournalFolder, options.JournalBytes) =
            _journalBytes is { } bytes ? (JournalFolder, bytes) : (null, options.JournalBytes))
        .AddAccounts()
        .BuildServiceProvider();
}
