using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>What a person types and what comes back: help, exit codes, sentences.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("serve")]
    [InlineData("keys")]
    [InlineData("keys create")]
    [InlineData("keys list")]
    [InlineData("keys disable")]
    [InlineData("credits add")]
    [InlineData("catalog validate")]
    [InlineData("ledger verify")]
    [InlineData("route explain")]
    [InlineData("migrate")]
    public async Task Help_IsThereForEveryCommandAndNamesTheCommonOptions(string command)
    {
        var help = await FairleadProcess.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, help.ExitCode);
        Assert.Contains("--data", help.Output, StringComparison.Ordinal);
        Assert.Contains("--database", help.Output, StringComparison.Ordinal);
        Assert.Contains("--config", help.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("--bogus")]
    [InlineData("route explain")]
    [InlineData("route explain /nowhere/body.json")]
    [InlineData("ledger release-node 1")]
    [InlineData("catalog sync")]
    [InlineData("migrate --from sqlite:a")]
    [InlineData("migrate --to sqlite:b")]
    [InlineData("keys")]
    [InlineData("keys create")]
    [InlineData("keys create --name n --limit much")]
    [InlineData("keys create --name n --limit -1")]
    [InlineData("keys create --name n --limit 0.0000000000001")]
    [InlineData("keys create --name n --limit 1e3")]
    [InlineData("keys create --name n --reset daily")]
    [InlineData("keys create --name n --limit 1 --reset hourly")]
    [InlineData("keys create --name n --rpm 0")]
    [InlineData("keys create --name n --tpm -1")]
    [InlineData("keys create --name n --concurrency 1.5")]
    [InlineData("keys create --name n --rpm 10 --provisioning")]
    [InlineData("keys disable xyz")]
    [InlineData("keys disable 1234")]
    [InlineData("credits add --amount 5")]
    [InlineData("credits add --amount 0 --note n")]
    [InlineData("credits add --amount 99999999 --note n")]
    [InlineData("catalog validate")]
    [InlineData("--demo sometimes")]
    [InlineData("--drain -1")]
    [InlineData("--drain soon")]
    [InlineData("--urls https://127.0.0.1:0")]
    [InlineData("--urls ftp://127.0.0.1:1")]
    [InlineData("--urls http://example.org:80")]
    [InlineData("--urls nonsense")]
    [InlineData("--urls http://127.0.0.1:99999")]
    public async Task BadUsage_Exits2AndSaysWhy(string line)
    {
        using var folder = new TemporaryFolder();

        var result = await FairleadProcess.RunAsync([.. line.Split(' '), "--data", folder.Data]);

        Assert.Equal(2, result.ExitCode);
        Assert.NotEqual("", result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Data), "a mistyped line must not leave anything behind");
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("keys list")]
    [InlineData("keys create --name n")]
    [InlineData("credits add --amount 5 --note n")]
    [InlineData("ledger verify")]
    [InlineData("migrate")]
    public async Task PostgreSqlServerIsNotThere_Exits3WithASentenceAndWithoutThePassword(string line)
    {
        using var folder = new TemporaryFolder();

        foreach (var address in (string[])["postgres://u:hunter2@127.0.0.1:1/f", "Host=127.0.0.1;Port=1;Username=u;Password=hunter2;Database=f"])
        {
            var result = await FairleadProcess.RunAsync([.. line.Split(' '), "--data", folder.Data, "--database", address]);

            Assert.Equal(3, result.ExitCode);
            Assert.Contains("Opening the database at 127.0.0.1:1/f failed", result.Error, StringComparison.Ordinal);
            Assert.Contains("check that the server runs", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task DataFolderThatCannotBe_Exits3()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("file", "");

        var result = await FairleadProcess.RunAsync("migrate", "--data", Path.Combine(file, "data"));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("cannot be made", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys list")]
    [InlineData("keys create --name n")]
    [InlineData("credits add --amount 5 --note n")]
    [InlineData("ledger verify")]
    public async Task NoInstallation_Exits3AndMakesNone(string line)
    {
        using var folder = new TemporaryFolder();

        var result = await FairleadProcess.RunAsync([.. line.Split(' '), "--data", folder.Data]);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"There is no database at {Path.Combine(folder.Data, "fairlead.db")}", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Data));
    }

    [Fact]
    public async Task DatabaseThatIsNone_Exits3AndSaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("notes.txt", "These are my notes, and there are enough of them that nobody could think this an empty database file.");

        var result = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data, "--database", "sqlite:" + file);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("not a Fairlead database", result.Error, StringComparison.Ordinal);
        Assert.StartsWith("These are my notes", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_IsReadAndWhatIsTypedWins()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["FAIRLEAD_DATA"] = folder.Data, ["FAIRLEAD_DATABASE"] = "Host=db" };

        var fromEnvironment = await FairleadProcess.RunAsync(environment, "migrate");
        var typed = await FairleadProcess.RunAsync(environment, "migrate", "--database", $"Data Source={folder.Path}/typed.db");

        Assert.Equal(3, fromEnvironment.ExitCode);
        Assert.Equal(0, typed.ExitCode);
        Assert.True(File.Exists(Path.Combine(folder.Path, "typed.db")));
        Assert.True(Directory.Exists(folder.Data));
    }

    [Fact]
    public async Task CatalogValidate_GoodFileExits0_BadFileExits1WithFileLineAndReason()
    {
        using var folder = new TemporaryFolder();
        var good = folder.Write("good.json", GatewayHostConfig.ThreeProviders.Replace("SIMULATOR", "http://127.0.0.1:9", StringComparison.Ordinal));
        var bare = folder.Write("bare.json", """
            { "models": [
              { "id": "home/bare",
                "endpoints": [ { "provider": "one", "model": "bare", "pricing": { "prompt": "0", "completion": "0" } } ] } ] }
            """);
        var bad = folder.Write("bad.json", "{\n  \"providers\": [\n    { \"slug\": \"a\", \"protocol\": \"telepathy\" }\n  ]\n}\n");

        var valid = await FairleadProcess.RunAsync("catalog", "validate", good, bare);
        var broken = await FairleadProcess.RunAsync("catalog", "validate", good, bad);
        var missing = await FairleadProcess.RunAsync("catalog", "validate", Path.Combine(folder.Path, "nowhere.json"));

        Assert.Equal(0, valid.ExitCode);
        Assert.Matches(@"warning: \S*bare\.json:3:\d+: models\[0\]\.endpoints\[0\]\.context_length: is missing .* 8192 tokens are taken", valid.Output);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("bad.json:3:", broken.Output + broken.Error, StringComparison.Ordinal);
        Assert.Contains("openai-chat", broken.Output + broken.Error, StringComparison.Ordinal);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("nowhere.json", missing.Output + missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeysAndCredits_WorkWithoutAServer()
    {
        using var folder = new TemporaryFolder();
        var early = await FairleadProcess.RunAsync("keys", "create", "--name", "n", "--data", folder.Data);
        var notes = "sqlite:" + folder.Write("notes.txt", "These are my notes, and there are enough of them that nobody could think this an empty database file.");
        CommandResult another, same;
        await using (var server = await FairleadProcess.ServeAsync(folder.Data, new Dictionary<string, string> { ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key() }))
        {
            // A database that is named is the one that is meant, whatever the server on this folder has open.
            another = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data, "--database", notes);
            same = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data, "--database", $"sqlite:{folder.Data}/fairlead.db");
            server.Terminate();
            Assert.Equal(0, await server.EndAsync());
        }

        Assert.Equal((3, 0), (another.ExitCode, same.ExitCode));
        Assert.Contains("not a Fairlead database", another.Error, StringComparison.Ordinal);
        var created = await FairleadProcess.RunAsync("keys", "create", "--name", "Second", "--limit", "2.5", "--reset", "weekly", "--data", folder.Data);
        var hash = created.Output.Split('\n').Single(line => line.StartsWith("hash ", StringComparison.Ordinal))["hash ".Length..].Trim();
        var disabled = await FairleadProcess.RunAsync("keys", "disable", hash[..12], "--data", folder.Data);
        var listed = await FairleadProcess.RunAsync("keys", "list", "--data", folder.Data);
        var unknown = await FairleadProcess.RunAsync("keys", "disable", "00000000", "--data", folder.Data);
        var added = await FairleadProcess.RunAsync("credits", "add", "--amount", "12.5", "--note", "test", "--data", folder.Data);
        var taken = await FairleadProcess.RunAsync("credits", "add", "--amount", "-1000", "--note", "test", "--data", folder.Data);
        var nobody = await FairleadProcess.RunAsync("credits", "add", "--account", "77", "--amount", "1", "--note", "test", "--data", folder.Data);
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data);

        Assert.Equal(3, early.ExitCode); // Nothing is there before the first start.
        Assert.Equal(0, created.ExitCode);
        Assert.Matches("^sk-or-v1-[0-9a-f]{64}\n", created.Output);
        Assert.Equal(0, disabled.ExitCode);
        var line = listed.Output.Split('\n').Single(text => text.StartsWith(hash, StringComparison.Ordinal));
        Assert.Contains("2.5 weekly", line, StringComparison.Ordinal);
        Assert.Contains("disabled", line, StringComparison.Ordinal);
        Assert.DoesNotContain(created.Output.Split('\n')[0], listed.Output, StringComparison.Ordinal);
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("112.5 USD", added.Output, StringComparison.Ordinal);
        Assert.Equal(1, taken.ExitCode);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Equal(0, verified.ExitCode);
        Assert.All(verified.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => Assert.StartsWith("ok ", text, StringComparison.Ordinal));
    }
}
