using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger;
using Fairlead.Simulator;
using Fairlead.Testing;
using Fairlead.Testing.PostgreSql;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>
/// A PostgreSQL that is really stopped and started under a gateway that serves: what callers were shown is charged to the last digit, and nothing else.
/// FAIRLEAD_TEST_OUTAGE_SECONDS sets how long it is away (default 8; 60 is what issue B asks for).
/// </summary>
public sealed class DatabaseOutageTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_OUTAGE_SECONDS") ?? "8", CultureInfo.InvariantCulture));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Dictionary<string, string> GivenKeys = new()
    {
        ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(), ["FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY"] = Some.Key(2),
    };

    private readonly PostgreSqlCluster _postgreSql = PostgreSqlCluster.StartOwn();
    private readonly TemporaryFolder _folder = new();
    private SimulatorServer _simulator = null!;
    private string _address = "";
    private string _config = "";
    private decimal _paid;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PostgreSqlIsGone_AnswersFromLeasesThen503_AndEverythingShownIsChargedWhenItIsBack(bool atOnce)
    {
        await using var server = await ServeAsync();
        using var client = server.Client(Some.Key());
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(client));

        _postgreSql.StopServer(atOnce);
        var (answered, refused) = await ChatThroughAsync(client);
        Assert.True(answered > 0 && refused > 0, $"{answered} answered and {refused} refused while it was away\n{server.Error}");
        Assert.Equal(answered, CreditLedger.CountJournaled(Path.Combine(_folder.Data, "journal")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "readyz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "healthz"));
        Assert.Contains($"fairlead_ledger_journaled {answered}", await client.GetStringAsync(new Uri("metrics", UriKind.Relative)), StringComparison.Ordinal);

        _postgreSql.StartServer();
        await UntilAnsweredAsync(client, server);
        await AssertChargedAsync(server);
    }

    [Fact]
    public async Task GatewayIsKilledWhileItIsGone_TheNextStartChargesEverythingShown()
    {
        await using (var server = await ServeAsync())
        {
            using var client = server.Client(Some.Key());
            Assert.Equal(HttpStatusCode.OK, await ChatAsync(client));
            _postgreSql.StopServer(atOnce: true);
            var gone = Stopwatch.StartNew();
            var answered = 0;
            while (answered < 3)
            {
                Assert.True(gone.Elapsed < Patience, $"only {answered} answered while it was away\n{server.Error}");
                if (await ChatAsync(client) is not HttpStatusCode.OK)
                    break;
                answered++;
            }

            Assert.True(answered > 0, server.Error);
            server.KillHard();
            await server.EndAsync();
            Assert.Equal(answered, CreditLedger.CountJournaled(Path.Combine(_folder.Data, "journal")));
        }

        var refusal = await FairleadProcess.RunAsync("migrate", "--from", _address, "--to", "sqlite:" + Path.Combine(_folder.Path, "new.db"), "--data", _folder.Data);
        Assert.Equal(1, refusal.ExitCode);
        Assert.Contains("that are not in the database yet", refusal.Error, StringComparison.Ordinal);

        _postgreSql.StartServer();
        await using var again = await ServeAsync();
        await AssertChargedAsync(again);
    }

    public async Task InitializeAsync()
    {
        _simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), CancellationToken.None);
        _address = _postgreSql.CreateDatabase();
        _config = _folder.Write("config.json", GatewayHostConfig.ThreeProviders.Replace("SIMULATOR", _simulator.Address.ToString().TrimEnd('/'), StringComparison.Ordinal));
    }

    public async Task DisposeAsync() => await _simulator.DisposeAsync();

    public void Dispose()
    {
        _postgreSql.Dispose();
        _folder.Dispose();
    }

    private Task<FairleadProcess> ServeAsync() =>
        FairleadProcess.ServeAsync(_folder.Data, GivenKeys, workingFolder: null, ["--config", _config, "--database", _address]);

    private async Task<(int Answered, int Refused)> ChatThroughAsync(HttpClient client)
    {
        var (answered, refused) = (0, 0);
        for (var gone = Stopwatch.StartNew(); gone.Elapsed < Outage || refused == 0;)
        {
            Assert.True(gone.Elapsed < Outage + Patience, "requests were never refused");
            var status = await ChatAsync(client);
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}");
            (answered, refused) = status is HttpStatusCode.OK ? (answered + 1, refused) : (answered, refused + 1);
            await Task.Delay(50);
        }

        return (answered, refused);
    }

    private async Task UntilAnsweredAsync(HttpClient client, FairleadProcess server)
    {
        var back = Stopwatch.StartNew();
        while (await ChatAsync(client) is not HttpStatusCode.OK)
        {
            Assert.True(back.Elapsed < Patience, $"no answer though the database is back\n{server.Error}");
            await Task.Delay(50);
        }
    }

    /// <summary>To the last digit, in a ledger that is whole, with nothing left on the disk.</summary>
    private async Task AssertChargedAsync(FairleadProcess server)
    {
        using var management = server.Client(Some.Key(2));
        var back = Stopwatch.StartNew();
        decimal charged;
        while ((charged = await TotalUsageAsync(management)) != _paid)
        {
            Assert.True(back.Elapsed < Patience, $"{_paid} were shown and {charged} are charged\n{server.Error}");
            await Task.Delay(50);
        }

        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", _folder.Data, "--database", _address);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        Assert.Equal(0, CreditLedger.CountJournaled(Path.Combine(_folder.Data, "journal")));
        Assert.Equal(_paid, await TotalUsageAsync(management));
    }

    private static async Task<decimal> TotalUsageAsync(HttpClient management) =>
        (decimal)JsonNode.Parse(await management.GetStringAsync(new Uri("api/v1/credits", UriKind.Relative)))!["data"]!["total_usage"]!;

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> ChatAsync(HttpClient client)
    {
        using var answer = await client.SendAsync(ChatClient.Request(ChatClient.Body(model: "acme/openai")));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        _paid += answer.IsSuccessStatusCode ? (decimal)body["usage"]!["cost"]! : 0;
        return answer.StatusCode;
    }
}
