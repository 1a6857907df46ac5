using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>The server as a process: first start, lock, control socket, restart.</summary>
[UnsupportedOSPlatform("windows")] // File modes.
public sealed class ServingTests
{
    private static readonly Dictionary<string, string> GivenKey = new() { ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key() };

    [Fact]
    public async Task FirstStart_PrintsKeyTokenAndACurlLineThatWorksAsPasted_AndNeverAgain()
    {
        using var folder = new TemporaryFolder();
        string key;
        await using (var first = await FairleadProcess.ServeAsync(folder.Data))
        {
            var lines = first.Output.Split('\n').Select(line => line.Trim()).ToList();
            key = lines.Single(line => line.StartsWith("API key", StringComparison.Ordinal)).Split(' ')[^1];
            Assert.Contains(lines, line => line.StartsWith("Set-up token ", StringComparison.Ordinal));
            var curl = lines.Single(line => line.StartsWith("curl ", StringComparison.Ordinal));

            var answer = await ShellAsync(curl);

            Assert.Contains("data: [DONE]", answer, StringComparison.Ordinal);
            Assert.Contains("\"cost\":", answer, StringComparison.Ordinal);
            Assert.DoesNotContain(key, first.Error, StringComparison.Ordinal);
            first.Terminate();
            Assert.Equal(0, await first.EndAsync());
        }

        await using var second = await FairleadProcess.ServeAsync(folder.Data);

        Assert.DoesNotContain("sk-or-v1-", second.Output + second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("token", second.Output, StringComparison.OrdinalIgnoreCase);
        using var client = second.Client(key);
        using var response = await client.GetAsync("api/v1/key");
        Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task BootstrapVariables_DecideTheFirstAccountOnce()
    {
        using var folder = new TemporaryFolder();
        var first = new Dictionary<string, string>
        {
            ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(7),
            ["FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY"] = Some.Key(8),
            ["FAIRLEAD_BOOTSTRAP_CREDITS"] = "3.25",
        };
        await using (var server = await FairleadProcess.ServeAsync(folder.Data, first))
        {
            Assert.DoesNotContain(Some.Key(7), server.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(Some.Key(8), server.Output, StringComparison.Ordinal);
            server.KillHard();
            await server.EndAsync();
        }

        await using var again = await FairleadProcess.ServeAsync(folder.Data, new Dictionary<string, string> { ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(9) });
        var keys = await FairleadProcess.RunAsync("keys", "list", "--data", folder.Data);
        var balance = await FairleadProcess.RunAsync("credits", "add", "--amount", "1", "--note", "n", "--data", folder.Data);

        Assert.Equal(3, keys.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // The heading and two keys.
        Assert.Contains("4.25 USD", balance.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FAIRLEAD_BOOTSTRAP_KEY", "sk-or-v1-short")]
    [InlineData("FAIRLEAD_BOOTSTRAP_CREDITS", "plenty")]
    [InlineData("FAIRLEAD_BOOTSTRAP_CREDITS", "-1")]
    [InlineData("FAIRLEAD_DEMO", "perhaps")]
    [InlineData("FAIRLEAD_URLS", "https://127.0.0.1:0")]
    public async Task MalformedVariable_Exits2AndNamesIt(string name, string value)
    {
        using var folder = new TemporaryFolder();

        var result = await FairleadProcess.RunAsync(new Dictionary<string, string> { [name] = value }, "serve", "--data", folder.Data);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(name == "FAIRLEAD_URLS" ? "plain HTTP" : name, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataFolder_IsForItsOwnerOnlyAndHoldsASecretAndASocket()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FairleadProcess.ServeAsync(folder.Data, GivenKey);

        const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(OwnerReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Data));
        foreach (var file in (string[])["secret", "fairlead.db", "fairlead.db-wal", "fairlead.db-shm"])
            Assert.Equal(OwnerReadWrite, File.GetUnixFileMode(Path.Combine(folder.Data, file)));
        Assert.Equal(OwnerReadWrite, File.GetUnixFileMode(Path.Combine(folder.Data, "control.sock")));
        Assert.Matches("^[0-9a-f]{64}\n$", await File.ReadAllTextAsync(Path.Combine(folder.Data, "secret")));
    }

    [Fact]
    public async Task SecondServerOnTheSameFolder_IsRefusedAndTheFirstGoesOn()
    {
        using var folder = new TemporaryFolder();
        await using var first = await FairleadProcess.ServeAsync(folder.Data, GivenKey);

        var second = await FairleadProcess.RunAsync("serve", "--data", folder.Data, "--urls", "http://127.0.0.1:0");
        using var client = first.Client(Some.Key());

        Assert.Equal(3, second.ExitCode);
        Assert.Contains("already uses the data folder", second.Error, StringComparison.Ordinal);
        Assert.Equal("ready", (string?)(await client.GetFromJsonAsync<JsonObject>("readyz"))!["status"]);
        Assert.Equal(0, (await FairleadProcess.RunAsync("keys", "list", "--data", folder.Data)).ExitCode);
    }

    [Fact]
    public async Task PortInUse_SaysSoAndExitsNotZero()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var result = await FairleadProcess.RunAsync("--data", folder.Data, "--urls", $"http://{taken.LocalEndpoint}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("cannot listen", result.Error, StringComparison.Ordinal);
        Assert.Contains("API key", result.Output, StringComparison.Ordinal); // It was made, so it is shown.
    }

    [Fact]
    public async Task Commands_GoThroughTheRunningServerAndWorkAtOnce()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FairleadProcess.ServeAsync(folder.Data, GivenKey);

        var created = await FairleadProcess.RunAsync("keys", "create", "--name", "Made live", "--data", folder.Data);
        var key = created.Output.Split('\n')[0];
        var hash = created.Output.Split('\n')[1]["hash ".Length..].Trim();
        using var client = server.Client(key);
        using var before = await client.PostAsJsonAsync("api/v1/chat/completions", new { model = "demo/none", messages = Array.Empty<object>() });
        var disabled = await FairleadProcess.RunAsync("keys", "disable", hash, "--data", folder.Data);
        using var after = await client.PostAsJsonAsync("api/v1/chat/completions", new { model = "demo/none", messages = Array.Empty<object>() });
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data);

        Assert.Equal(0, created.ExitCode);
        Assert.NotEqual(HttpStatusCode.Unauthorized, before.StatusCode);
        Assert.Equal(0, disabled.ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.Equal(0, verified.ExitCode);
    }

    [Fact]
    public async Task ControlAddress_DoesNotExistOnTheNetwork()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FairleadProcess.ServeAsync(folder.Data, GivenKey);
        using var client = server.Client(Some.Key());

        using var response = await client.PostAsJsonAsync("command", new { command = "keys list" });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task DataFolderWithALongPath_HasItsSocketElsewhereAndLeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine([folder.Path, .. Enumerable.Repeat("a-folder-with-quite-a-long-name", 5)]);
        Directory.CreateDirectory(Path.GetDirectoryName(data)!);
        string socket;
        await using (var server = await FairleadProcess.ServeAsync(data, GivenKey))
        {
            socket = await File.ReadAllTextAsync(Path.Combine(data, "control.path"));
            var created = await FairleadProcess.RunAsync("keys", "create", "--name", "n", "--data", data);
            using var client = server.Client(created.Output.Split('\n')[0]);
            using var response = await client.PostAsJsonAsync("api/v1/chat/completions", new { });

            Assert.True(File.Exists(socket));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
            Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
            server.Terminate();
            Assert.Equal(0, await server.EndAsync());
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
    }

    [Fact]
    public async Task KilledServer_LeavesASocketThatNobodyStumblesOver()
    {
        using var folder = new TemporaryFolder();
        await using (var killed = await FairleadProcess.ServeAsync(folder.Data, GivenKey))
        {
            killed.KillHard();
            await killed.EndAsync();
        }

        Assert.True(File.Exists(Path.Combine(folder.Data, "control.sock")));
        Assert.Equal(0, (await FairleadProcess.RunAsync("keys", "list", "--data", folder.Data)).ExitCode);
        await using var next = await FairleadProcess.ServeAsync(folder.Data);
        Assert.Equal(0, (await FairleadProcess.RunAsync("keys", "list", "--data", folder.Data)).ExitCode);
    }

    private static async Task<string> ShellAsync(string line)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", line]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = shell.StandardOutput.ReadToEndAsync();
        var error = shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, await error);
        return await output;
    }
}
