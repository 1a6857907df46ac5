using System.Net.Http.Headers;
using Fairlead.Server.Commands;
using Fairlead.Server.Hosting;
using Fairlead.Server.Settings;
using Fairlead.Simulator;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests;

/// <summary>
/// The real server in this process: own data folder, own port, a simulator as its providers. Starts in well under a second, so a test may have its own;
/// as an xunit fixture (<c>IClassFixture&lt;GatewayHost&gt;</c>) a class shares one.
/// </summary>
public sealed class GatewayHost : IAsyncLifetime, IAsyncDisposable
{
    private readonly GatewayHostOptions options;
    private GatewayServer? server;
    private bool disposed;

    /// <summary>For xunit: a host with every default, started by <see cref="InitializeAsync"/>.</summary>
    public GatewayHost() : this(new GatewayHostOptions())
    {
    }

    private GatewayHost(GatewayHostOptions options)
    {
        this.options = options;
        DataFolder = options.DataFolder ?? Directory.CreateTempSubdirectory("fairlead-test-").FullName;
    }

    /// <summary>Starts a host.</summary>
    public static async Task<GatewayHost> StartAsync(GatewayHostOptions? options = null)
    {
        var host = new GatewayHost(options ?? new());
        await host.InitializeAsync();
        return host;
    }

    /// <summary>Without trailing slash: <c>http://127.0.0.1:43210</c>.</summary>
    public string BaseUrl => server!.Url;

    /// <summary>An ordinary API key of the first account.</summary>
    public string Key => options.Key;

    /// <summary>A management key of the first account.</summary>
    public string ProvisioningKey => options.ProvisioningKey;

    /// <summary>Talks to the server with <see cref="Key"/>; relative addresses start at the server's root (<c>api/v1/…</c>).</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Talks to the server without any key.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>The server's rooms, for a test that has to look behind the API.</summary>
    public IServiceProvider Services => server!.Services;

    /// <summary>The providers; null when <see cref="GatewayHostOptions.Simulator"/> says so.</summary>
    public SimulatorServer? Simulator { get; private set; }

    /// <summary>Deleted at the end unless it was given.</summary>
    public string DataFolder { get; }

    /// <summary>The configuration file in force; write it with <see cref="WriteConfigAsync"/>.</summary>
    public string ConfigFile => Path.Combine(DataFolder, "config.json");

    /// <summary>What the server printed.</summary>
    public StringWriter Output { get; } = new();

    /// <summary>A client of its own, with the given key (null: none).</summary>
    public HttpClient NewClient(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(BaseUrl + "/"), Timeout = TimeSpan.FromSeconds(60) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>
    /// Replaces the configuration file in one step; <c>SIMULATOR</c> in it becomes the simulator's address. The server notices by itself.
    /// </summary>
    public async Task WriteConfigAsync(string json)
    {
        var draft = ConfigFile + ".draft";
        await File.WriteAllTextAsync(draft, json.Replace("SIMULATOR", Simulator?.Address.ToString().TrimEnd('/'), StringComparison.Ordinal));
        File.Move(draft, ConfigFile, overwrite: true);
    }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (options.Simulator is { } simulated)
            Simulator = await SimulatorHost.StartAsync(simulated, CancellationToken.None);
        await WriteConfigAsync(options.Config);
        var environment = new TestEnvironment(new Dictionary<string, string>(options.Environment, StringComparer.Ordinal)
        {
            ["FAIRLEAD_BOOTSTRAP_KEY"] = options.Key,
            ["FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY"] = options.ProvisioningKey,
            ["FAIRLEAD_BOOTSTRAP_CREDITS"] = options.Credits.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["FAIRLEAD_LOG_LEVEL"] = "error",
            ["OLLAMA_HOST"] = options.OllamaHost,
        });
        var settings = new ServeSettings
        {
            Installation = new Installation(DataFolder, options.Database ?? DatabaseAddress.SqliteFile(Path.Combine(DataFolder, Installation.DefaultDatabaseFile)), [ConfigFile]),
            Urls = [new ListenAddress("127.0.0.1", 0)],
            Demo = DemoMode.Off,
            Drain = options.Drain,
            Environment = environment,
        };
        server = await GatewayServer.StartAsync(
            settings,
            Output,
            services =>
            {
                if (options.Clock is { } clock)
                    services.AddSingleton(clock);
                options.Configure?.Invoke(services);
            },
            CancellationToken.None);
        Client = NewClient(Key);
        Anonymous = NewClient(null);
    }

    /// <summary>Stops as SIGTERM does, and waits for the end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        disposed = true;
        Client?.Dispose();
        Anonymous?.Dispose();
        if (server is not null)
            await server.DisposeAsync();
        if (Simulator is not null)
            await Simulator.DisposeAsync();
        if (options.DataFolder is null)
            Directory.Delete(DataFolder, recursive: true);
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    private sealed class TestEnvironment(Dictionary<string, string> variables) : ProcessEnvironment
    {
        public override string? Get(string name) => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
    }
}

/// <summary>How a <see cref="GatewayHost"/> is started.</summary>
public sealed record GatewayHostOptions
{
    /// <summary>The configuration file; <c>SIMULATOR</c> becomes the simulator's address. Default: <see cref="GatewayHostConfig.ThreeProviders"/>.</summary>
    public string Config { get; init; } = GatewayHostConfig.ThreeProviders;
    /// <summary>The simulator; null starts none. Default: one that records requests.</summary>
    public SimulatorOptions? Simulator { get; init; } = new() { RecordRequests = 1000 };
    /// <summary>The first account's credits in US dollars. Default 100.</summary>
    public decimal Credits { get; init; } = 100m;
    /// <summary>Its API key.</summary>
    public string Key { get; init; } = Some.Key(1);
    /// <summary>Its management key.</summary>
    public string ProvisioningKey { get; init; } = Some.Key(2);
    /// <summary>The server's clock; null is the system's.</summary>
    public TimeProvider? Clock { get; init; }
    /// <summary>How long open streams may go on when the host is disposed. Default none, so that a test that leaves one open ends.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.Zero;
    /// <summary>Further environment variables (provider keys). The process's own are not seen.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
    /// <summary>Where Ollama is looked for. Default an address where nothing listens.</summary>
    public string OllamaHost { get; init; } = "http://127.0.0.1:9";
    /// <summary>Replaces registrations.</summary>
    public Action<IServiceCollection>? Configure { get; init; }
    /// <summary>Where the truth is kept; null is an SQLite file in the data folder.</summary>
    public DatabaseAddress? Database { get; init; }
    /// <summary>A data folder to use and to leave; null makes one and deletes it.</summary>
    public string? DataFolder { get; init; }
}
