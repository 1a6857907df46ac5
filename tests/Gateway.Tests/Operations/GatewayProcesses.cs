using System.Globalization;
using Dapper;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger;
using Fairlead.Simulator;
using Fairlead.Storage;
using Fairlead.Testing;
using Npgsql;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Real gateways on one PostgreSQL, each a process with a data folder of its own, and one simulator as their provider.</summary>
internal sealed class GatewayProcesses : IAsyncDisposable
{
    private readonly TestDatabase database = new(DatabaseEngine.PostgreSql);
    private readonly TemporaryFolder folder = new();
    private readonly SimulatorServer simulator;
    private readonly string config;
    private readonly decimal credits;
    private readonly FairleadProcess[] servers;
    private readonly TcpProxy? lastWay;

    private GatewayProcesses(SimulatorServer simulator, string config, decimal credits, int count, bool lastCanBeCutOff)
    {
        lastWay = lastCanBeCutOff ? new TcpProxy(new NpgsqlConnectionStringBuilder(database.AddressText).Port) : null;
        this.simulator = simulator;
        this.credits = credits;
        this.config = folder.Write("config.json", config.Replace("SIMULATOR", simulator.Address.ToString().TrimEnd('/'), StringComparison.Ordinal));
        servers = new FairleadProcess[count];
    }

    /// <summary>Them, by number.</summary>
    public IReadOnlyList<FairleadProcess> Servers => servers;

    /// <summary>The last one's way to the database, where it can be cut off.</summary>
    public TcpProxy LastWay => lastWay!;

    /// <summary>Starts so many; <c>SIMULATOR</c> in the configuration becomes the simulator's address.</summary>
    /// <param name="count">How many.</param>
    /// <param name="config">The configuration of all.</param>
    /// <param name="credits">What the account has at first, in US dollars.</param>
    /// <param name="lastCanBeCutOff">The last one's way to the database is <see cref="LastWay"/>.</param>
    public static async Task<GatewayProcesses> StartAsync(int count, string config, decimal credits, bool lastCanBeCutOff = false)
    {
        var all = new GatewayProcesses(await SimulatorHost.StartAsync(new SimulatorOptions(), CancellationToken.None), config, credits, count, lastCanBeCutOff);
        for (var number = 0; number < count; number++)
            await all.StartAsync(number);
        return all;
    }

    /// <summary>Starts one, for the first time or again on its data folder.</summary>
    public async Task StartAsync(int number)
    {
        var before = servers[number];
        servers[number] = await FairleadProcess.ServeAsync(
            DataOf(number),
            new Dictionary<string, string>
            {
                ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(1),
                ["FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY"] = Some.Key(2),
                ["FAIRLEAD_BOOTSTRAP_CREDITS"] = credits.ToString(CultureInfo.InvariantCulture),
            },
            workingFolder: null, ["--config", config, "--database", AddressFor(number)]);
        if (before is not null)
            await before.DisposeAsync();
    }

    /// <summary>Ends one as <c>kill -9</c> does, and waits until it is gone.</summary>
    public async Task KillAsync(int number)
    {
        servers[number].KillHard();
        await servers[number].EndAsync();
    }

    /// <summary>What one's journal holds: charges that were shown and are not in the database yet.</summary>
    public int JournaledAt(int number) => CreditLedger.CountJournaled(Path.Combine(DataOf(number), "journal"));

    /// <summary>A commit that a busy machine kept waiting is in the database a moment later, from the journal of its gateway.</summary>
    public Task UntilSettledAsync() => Poll.UntilAsync(
        () => Enumerable.Range(0, servers.Length).All(number => JournaledAt(number) == 0), "the journals are settled");

    /// <summary>The first column of a query, as another program reads it.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql)
    {
        await using var connection = database.Connect();
        return [.. await connection.QueryAsync<T>(sql)];
    }

    /// <summary>What <c>ledger verify</c> says.</summary>
    public Task<CommandResult> VerifyAsync() => FairleadProcess.RunAsync("ledger", "verify", "--data", DataOf(0), "--database", database.AddressText);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            if (server is not null)
                await server.DisposeAsync();
        }

        if (lastWay is not null)
            await lastWay.DisposeAsync();
        await simulator.DisposeAsync();
        folder.Dispose();
        database.Dispose();
    }

    /// <summary>The node's id is a file in it.</summary>
    public string NodeOf(int number) => File.ReadAllText(Path.Combine(DataOf(number), "node-id")).Trim();

    private string AddressFor(int number) => lastWay is { } way && number == servers.Length - 1
        ? new NpgsqlConnectionStringBuilder(database.AddressText) { Port = way.Port }.ConnectionString
        : database.AddressText;

    private string DataOf(int number) => Path.Combine(folder.Path, $"data-{number}");
}
