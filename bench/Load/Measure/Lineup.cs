using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fairlead.Load.Drive;

namespace Fairlead.Load.Measure;

/// <summary>The processes under measurement: the mock upstream, the bare passthrough and Fairlead, on free loopback ports.</summary>
internal sealed class Lineup : IAsyncDisposable
{
    private const string Key = "sk-or-v1-00000000000000000000000000000000000000000000000000000000000000be";

    private readonly List<ServerProcess> _started = [];
    private readonly OrderedDictionary<Target, ServerProcess> _processes = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-load-").FullName;

    public Target Direct { get; private set; } = null!;

    public Target Bare { get; private set; } = null!;

    /// <summary>What is compared, the passthrough first.</summary>
    public IReadOnlyList<Target> Measured => [.. _processes.Keys];

    public ServerProcess Process(Target target) => _processes[target];

    public static async Task<Lineup> StartAsync(RunOptions options)
    {
        var servers = new Lineup();
        try
        {
            await servers.StartAllAsync(options);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(_started))
        {
            await server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAllAsync(RunOptions options)
    {
        var self = typeof(Lineup).Assembly.Location;
        var (upstream, bare) = (FreePort(), FreePort());
        var upstreamUrl = $"http://127.0.0.1:{upstream}";
        _started.Add(await ServerProcess.StartAsync("upstream", self, ["upstream", upstreamUrl], new Uri(upstreamUrl)));
        var bareUrl = $"http://127.0.0.1:{bare}";
        Direct = new Target("direct", new IPEndPoint(IPAddress.Loopback, upstream), "/v1/chat/completions", "", Key);
        Bare = Direct with { Name = "passthrough", Address = new IPEndPoint(IPAddress.Loopback, bare) };
        Add(Bare, await ServerProcess.StartAsync(Bare.Name, self, ["passthrough", bareUrl, upstreamUrl], new Uri(bareUrl)));
        if (!options.Fairlead)
        {
            return;
        }

        var root = Root();
        if (options.Build)
        {
            await BuildAsync(root);
        }

        var configuration = Path.Combine(_folder, "fairlead.json");
        await File.WriteAllTextAsync(configuration, Configuration(upstreamUrl));
        await StartGatewayAsync("Fairlead", Path.Combine(root, "artifacts/bin/Server/release/fairlead.dll"), configuration);
        if (options.Compare is { } other)
        {
            await StartGatewayAsync("compared", other, configuration);
        }
    }

    private async Task StartGatewayAsync(string name, string dll, string configuration)
    {
        var port = FreePort();
        var url = $"http://127.0.0.1:{port}";
        var target = new Target(name, new IPEndPoint(IPAddress.Loopback, port), "/api/v1/chat/completions", "bench/", Key);
        Add(target, await ServerProcess.StartAsync(
            name,
            dll,
            ["serve", "--urls", url, "--data", Path.Combine(_folder, name), "--config", configuration, "--demo", "off"],
            new Uri(url + "/readyz"),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["FAIRLEAD_BOOTSTRAP_KEY"] = Key, ["FAIRLEAD_BOOTSTRAP_CREDITS"] = "100000" }));
    }

    private void Add(Target target, ServerProcess process)
    {
        _started.Add(process);
        _processes.Add(target, process);
    }

    private static string Configuration(string upstream) => $$"""
        {
          "providers": [
            { "slug": "bench", "name": "Bench", "protocol": "openai-chat", "base_url": "{{upstream}}/v1", "api_key": "upstream-key", "allow_private_network": true }
          ],
          "models": [ {{Model("chat")}}, {{Model("slow")}} ]
        }
        """;

    private static string Model(string name) => $$"""
        {
          "id": "bench/{{name}}", "canonical_slug": "bench/{{name}}-20251101", "name": "Bench: {{name}}", "context_length": 131072,
          "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT", "instruct_type": null },
          "endpoints": [
            {
              "provider": "bench", "tag": "bench", "model": "{{name}}", "quantization": "fp8", "context_length": 131072, "max_completion_tokens": 16384,
              "pricing": { "prompt": "0.000001", "completion": "0.000002", "request": "0", "image": "0", "web_search": "0", "internal_reasoning": "0",
                           "input_cache_read": "0.0000001", "input_cache_write": "0.00000125", "discount": 0 },
              "supported_parameters": ["max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice"],
              "supports_implicit_caching": false, "is_moderated": false, "can_abort": true, "rate_limit": { "rpm": 0, "tpm": 0 }
            }
          ]
        }
        """;

    private static async Task BuildAsync(string root)
    {
        using var build = System.Diagnostics.Process.Start(new ProcessStartInfo("dotnet", ["build", Path.Combine(root, "src/Server"), "-c", "Release", "-v", "q", "-nologo"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        if (build.ExitCode != 0)
        {
            throw new InvalidOperationException("src/Server does not build:\n" + said);
        }
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Fairlead.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("Run this from a clone: no Fairlead.slnx above the program.");
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
