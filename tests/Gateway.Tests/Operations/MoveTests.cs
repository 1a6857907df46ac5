using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Simulator;
using Fairlead.Testing;
using Fairlead.Testing.PostgreSql;
using Microsoft.Data.Sqlite;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary><c>fairlead migrate --from --to</c>, as an operator does it: with what real requests left behind.</summary>
public sealed class MoveTests : IAsyncLifetime, IDisposable
{
    private static readonly Dictionary<string, string> GivenKeys = new()
    {
        ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(), ["FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY"] = Some.Key(2),
    };

    private readonly TemporaryFolder folder = new();
    private readonly List<string> generations = [];
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), CancellationToken.None);

    [Fact]
    public async Task MovedToPostgreSqlAndBack_EveryPageShowsWhatItShowed()
    {
        var file = "sqlite:" + Path.Combine(folder.Data, "fairlead.db");
        var back = "sqlite:" + Path.Combine(folder.Path, "back.db");
        var server = PostgreSqlCluster.Current.CreateDatabase();
        string open;
        JsonObject before;
        await using (var first = await ServeAsync())
        {
            await FillAsync(first);
            before = await PagesAsync(first);
            open = await OpenStreamAsync(first);
            first.KillHard();
            await first.EndAsync();
        }

        var there = await FairleadProcess.RunAsync("migrate", "--from", file, "--to", server, "--data", folder.Data);
        Assert.True(there.ExitCode == 0, there.Output + there.Error);
        JsonObject moved;
        await using (var second = await ServeAsync("--database", server))
        {
            moved = await PagesAsync(second);
            await AssertCancelledAsync(second, open);
            second.Terminate();
            Assert.Equal(0, await second.EndAsync());
        }

        var again = await FairleadProcess.RunAsync("migrate", "--from", server, "--to", back, "--data", folder.Data);
        await using var third = await ServeAsync("--database", back);

        Assert.Contains("Both sides are equal.", there.Output, StringComparison.Ordinal);
        Assert.Contains("intents: 1 rows", there.Output, StringComparison.Ordinal);
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.Contains("Both sides are equal.", again.Output, StringComparison.Ordinal);
        Assert.Equal($"{before}", $"{moved}");
        Assert.Equal($"{before}", $"{await PagesAsync(third)}");
        await AssertCancelledAsync(third, open);
        Assert.True(await ChatAsync(third, "acme/openai") > 0, "the moved installation must charge");
        using var management = third.Client(Some.Key(2));
        using var made = await management.PostAsJsonAsync("api/v1/keys", new { name = "made after the move" });
        Assert.Equal(201, (int)made.StatusCode);
    }

    [Fact]
    public async Task GatewayServesTheSource_RefusedAndNothingIsWritten()
    {
        await using var running = await ServeAsync();
        var target = Path.Combine(folder.Path, "new.db");
        var source = "sqlite:" + Path.Combine(folder.Data, "fairlead.db");

        // By its data folder, and by the file where the command is given another folder.
        foreach (var data in (string[])[folder.Data, Path.Combine(folder.Path, "other")])
        {
            var result = await FairleadProcess.RunAsync("migrate", "--from", source, "--to", "sqlite:" + target, "--data", data);

            Assert.Equal(3, result.ExitCode);
            Assert.Contains("Stop it and repeat.", result.Error, StringComparison.Ordinal);
            Assert.True(!File.Exists(target) || new FileInfo(target).Length == 0, "the target must be untouched");
        }
    }

    [Fact]
    public async Task GatewayServesThePostgreSqlTarget_Refused()
    {
        var server = PostgreSqlCluster.Current.CreateDatabase();
        await using var running = await ServeAsync("--database", server);
        var source = Path.Combine(folder.Path, "old.db");
        Assert.Equal(0, (await FairleadProcess.RunAsync("migrate", "--database", "sqlite:" + source, "--data", Path.Combine(folder.Path, "other"))).ExitCode);

        var result = await FairleadProcess.RunAsync("migrate", "--from", "sqlite:" + source, "--to", server, "--data", Path.Combine(folder.Path, "other"));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("serves from the database at 127.0.0.1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TargetHoldsAnInstallation_Exits1AndChangesNothing()
    {
        await using (var one = await ServeAsync())
            await ChatAsync(one, "acme/openai");
        var other = Path.Combine(folder.Path, "other");
        await using (var two = await FairleadProcess.ServeAsync(other, GivenKeys))
            two.Terminate();
        var file = Path.Combine(other, "fairlead.db");
        var before = await RowsAsync(file);

        var result = await FairleadProcess.RunAsync("migrate", "--from", "sqlite:" + Path.Combine(folder.Data, "fairlead.db"), "--to", "sqlite:" + file, "--data", folder.Data);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is not empty: its table", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, await RowsAsync(file));
    }

    [Fact]
    public async Task LedgerOfTheSourceIsBroken_Exits1AndCopiesNothing()
    {
        await using (var one = await ServeAsync())
        {
            await ChatAsync(one, "acme/openai");
            one.Terminate();
            await one.EndAsync();
        }

        var source = Path.Combine(folder.Data, "fairlead.db");
        await ExecuteAsync(source, "UPDATE ledger_accounts SET balance = balance + 1 WHERE id = 1");
        var target = Path.Combine(folder.Path, "new.db");

        var result = await FairleadProcess.RunAsync("migrate", "--from", "sqlite:" + source, "--to", "sqlite:" + target, "--data", folder.Data);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("BROKEN  M3", result.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing was copied", result.Error, StringComparison.Ordinal);
        Assert.Equal("0", await ScalarAsync(target, "SELECT COUNT(*) FROM ledger_accounts"));
    }

    [Theory]
    [InlineData("sqlite:nowhere.db", "sqlite:new.db", 3, "There is no database at")]
    [InlineData("postgres://u:hunter2@127.0.0.1:1/f", "sqlite:new.db", 3, "Opening the database at 127.0.0.1:1/f failed")]
    [InlineData("nonsense", "sqlite:new.db", 2, "--from: The database address is not understood")]
    [InlineData("sqlite:same.db", "sqlite:same.db", 2, "the same database")]
    public async Task SourceThatCannotBe_IsTold(string from, string to, int exitCode, string sentence)
    {
        var result = await FairleadProcess.RunAsync("migrate", "--from", from, "--to", to.Replace("new", Path.Combine(folder.Path, "new"), StringComparison.Ordinal), "--data", folder.Data);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", result.Error, StringComparison.Ordinal);
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    public void Dispose() => folder.Dispose();

    private Task<FairleadProcess> ServeAsync(params string[] args)
    {
        var config = GatewayHostConfig.ThreeProviders
            .Replace("SIMULATOR", simulator.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("\"provider\": \"two\", \"model\": \"sim\"", "\"provider\": \"two\", \"model\": \"slow?token_ms=100\"", StringComparison.Ordinal);
        return FairleadProcess.ServeAsync(folder.Data, GivenKeys, workingFolder: null, ["--config", folder.Write("config.json", config), .. args]);
    }

    /// <summary>Keys with limits of every kind, one disabled, one deleted; settings; credits; charges of two models and two keys.</summary>
    private async Task FillAsync(FairleadProcess server)
    {
        using var management = server.Client(Some.Key(2));
        var limited = await CreateKeyAsync(management, new { name = "limited \u00e4", limit = 5.5, limit_reset = "weekly", rpm = 100, tpm = 100_000, concurrency = 3, include_byok_in_limit = true });
        var disabled = await CreateKeyAsync(management, new { name = "disabled" });
        using (var patched = await management.PatchAsJsonAsync($"api/v1/keys/{(string)disabled["data"]!["hash"]!}", new { disabled = true }))
            Assert.True(patched.IsSuccessStatusCode);
        var gone = await CreateKeyAsync(management, new { name = "gone" });
        using (var deleted = await management.DeleteAsync(new Uri($"api/v1/keys/{(string)gone["data"]!["hash"]!}", UriKind.Relative)))
            Assert.True(deleted.IsSuccessStatusCode);
        using (var settings = await management.PatchAsJsonAsync("api/v1/account/settings", new { rpm = 1000, concurrency = 50 }))
            Assert.True(settings.IsSuccessStatusCode, await settings.Content.ReadAsStringAsync());
        var added = await FairleadProcess.RunAsync("credits", "add", "--amount", "12.345678901234", "--note", "more", "--data", folder.Data);
        Assert.Equal(0, added.ExitCode);
        await ChatAsync(server, "acme/openai");
        await ChatAsync(server, "acme/gemini");
        await ChatAsync(server, "acme/openai", (string)limited["key"]!);
    }

    private static async Task<JsonObject> CreateKeyAsync(HttpClient management, object key)
    {
        using var answer = await management.PostAsJsonAsync("api/v1/keys", key);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException(text);
    }

    private async Task<decimal> ChatAsync(FairleadProcess server, string model, string? key = null)
    {
        using var client = server.Client(key ?? Some.Key());
        using var answer = await client.PostAsJsonAsync("api/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = "Say hello." } } });
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.True(answer.IsSuccessStatusCode, $"{body}");
        generations.Add((string)body["id"]!);
        return (decimal)body["usage"]!["cost"]!;
    }

    /// <summary>What the API shows of everything that is kept, apart from what was done after it was first read.</summary>
    private async Task<JsonObject> PagesAsync(FairleadProcess server)
    {
        using var client = server.Client(Some.Key());
        using var management = server.Client(Some.Key(2));
        var pages = new JsonObject();
        foreach (var page in (string[])["api/v1/key", .. generations.Take(3).Select(static id => "api/v1/generation?id=" + id)])
            pages[page] = JsonNode.Parse(await client.GetStringAsync(page));
        foreach (var page in (string[])["api/v1/credits", "api/v1/keys?include_disabled=true", "api/v1/account/settings"])
            pages[page] = JsonNode.Parse(await management.GetStringAsync(page));
        return pages;
    }

    /// <summary>Begins a stream and comes back when its request is listed as in flight.</summary>
    private async Task<string> OpenStreamAsync(FairleadProcess server)
    {
        using var client = server.Client(Some.Key());
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "acme/anthropic", stream = true, messages = new[] { new { role = "user", content = "Repeat after me: one two three four five six seven eight nine ten eleven twelve thirteen." } } }),
        };
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode);
        var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string? listed;
        while ((listed = await ScalarAsync(Path.Combine(folder.Data, "fairlead.db"), "SELECT generation_id FROM intents")) is null)
            await Task.Delay(5, patience.Token);
        return listed;
    }

    private static async Task AssertCancelledAsync(FairleadProcess server, string id)
    {
        using var client = server.Client(Some.Key());
        var record = JsonNode.Parse(await client.GetStringAsync("api/v1/generation?id=" + id))!["data"]!;
        Assert.True((bool)record["cancelled"]!, $"{record}");
        Assert.Equal(0m, (decimal)record["total_cost"]!);
    }

    private static Task<string?> RowsAsync(string file) => ScalarAsync(file, "SELECT (SELECT COUNT(*) FROM entries) || ' ' || (SELECT COUNT(*) FROM api_keys) || ' ' || (SELECT SUM(id) FROM accounts)");

    private static async Task<string?> ScalarAsync(string file, string sql)
    {
        await using var connection = await OpenAsync(file);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private static async Task ExecuteAsync(string file, string sql)
    {
        await using var connection = await OpenAsync(file);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static async Task<SqliteConnection> OpenAsync(string file)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={file};Pooling=False;Default Timeout=30");
        await connection.OpenAsync();
        return connection;
    }
}
