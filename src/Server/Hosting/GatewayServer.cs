using Fairlead.Catalog.Snapshot;
using Fairlead.Server.Commands;
using Fairlead.Server.Control;
using Fairlead.Server.Folder;
using Fairlead.Server.Settings;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Fairlead.Server.Hosting;

/// <summary>
/// One running server and everything it holds: the data folder's lock, the web host, local upstreams it started. Started by <c>serve</c> and, in the
/// same process as the tests, by their host.
/// </summary>
internal sealed partial class GatewayServer : IAsyncDisposable
{
    private readonly DataFolderLock folderLock;
    private readonly LocalUpstreams upstreams;
    private readonly WebApplication app;

    private GatewayServer(ServeSettings settings, DataFolderLock folderLock, LocalUpstreams upstreams, WebApplication app)
    {
        Settings = settings;
        this.folderLock = folderLock;
        this.upstreams = upstreams;
        this.app = app;
    }

    /// <summary>How it was started.</summary>
    public ServeSettings Settings { get; }

    /// <summary>The rooms.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>The address a client on this machine uses, with the port that was really bound: <c>http://127.0.0.1:8080</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Serves until SIGTERM or SIGINT; the exit code.</summary>
    public static async Task<int> RunAsync(ServeSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(settings, output, configure: null, cancellationToken);
        await output.WriteLineAsync($"Fairlead serves at {server.Url}");
        await output.FlushAsync(cancellationToken);
        // Reading the catalog leaves several times its size behind; an idle server would keep those pages for as long as it stays idle.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await server.app.WaitForShutdownAsync(cancellationToken);
        return server.Services.GetRequiredService<NodeLease>().Lost.IsCompleted ? ExitCode.NoDatabase : ExitCode.Done;
    }

    /// <summary>
    /// Starts a server. Throws <see cref="CommandFailure"/> with a sentence for the operator when it cannot. <paramref name="configure"/> may replace
    /// registrations (a test's clock).
    /// </summary>
    public static async Task<GatewayServer> StartAsync(
        ServeSettings settings, TextWriter output, Action<IServiceCollection>? configure, CancellationToken cancellationToken)
    {
        var folder = settings.Installation.DataFolder;
        DataFolder.Ensure(settings.Installation);
        var taken = DataFolderLock.TryTake(folder)
            ?? throw new CommandFailure(
                ExitCode.NoDatabase, $"Another fairlead already uses the data folder {folder}. Stop it, or give this one its own folder with --data.");
        LocalUpstreams? local = null;
        WebApplication? built = null;
        try
        {
            var secret = SecretFile.ReadOrCreate(folder, settings.Environment);
            local = await LocalUpstreams.FindAsync(settings, cancellationToken);
            var catalog = local.LoadCatalog();
            built = GatewayApp.Build(settings, local, catalog, secret, configure);
            var server = new GatewayServer(settings, taken, local, built);
            await server.OpenAsync(output, cancellationToken);
            return server;
        }
        catch
        {
            if (built is not null)
                await built.DisposeAsync();
            if (local is not null)
                await local.DisposeAsync();
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await upstreams.DisposeAsync();
        ControlSocket.Remove(Settings.Installation.DataFolder);
        folderLock.Dispose();
    }

    private async Task OpenAsync(TextWriter output, CancellationToken cancellationToken)
    {
        var database = Services.GetRequiredService<Database>();
        if (database.PartlyChecked is { Count: > 0 } unseen)
            LogPartlyChecked(Services.GetRequiredService<ILogger<GatewayServer>>(), database.Address.Location, string.Join(", ", unseen));
        var lease = Services.GetRequiredService<NodeLease>();
        await lease.StartAsync(cancellationToken);
        _ = StopWhenLostAsync(lease);
        var first = await FirstStart.RunAsync(app.Services, Settings.Environment, cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken);
            Url = ClientUrl();
        }
        catch (IOException e)
        {
            throw new CommandFailure(ExitCode.Wrong, $"Fairlead cannot listen: {e.Message}", e);
        }
        finally
        {
            // A key that was made is shown even when listening failed: it is stored by now and cannot be shown again.
            if (first is not null)
            {
                var url = Url.Length > 0 ? Url : Settings.Urls[0].ToString();
                await output.WriteAsync(FirstStart.Notice(first, url, Services.GetRequiredService<CatalogSource>().Current));
            }

            await output.FlushAsync(cancellationToken);
        }
    }

    private async Task StopWhenLostAsync(NodeLease lease)
    {
        await lease.Lost;
        LogNodeLost(Services.GetRequiredService<ILogger<GatewayServer>>(), lease.NodeId.Value);
        app.Lifetime.StopApplication();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Critical,
        Message = "Another process has become node {Node}, or the node was given up (\"ledger release-node\"): this one stops.")]
    private static partial void LogNodeLost(ILogger logger, string node);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning,
        Message = "The file {Location} is too large to be checked for damage within a start: not all pages of {Tables} were looked at. \"fairlead ledger verify\" looks at every page.")]
    private static partial void LogPartlyChecked(ILogger logger, string location, string tables);

    private string ClientUrl()
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .First(address => !address.Contains("://unix:", StringComparison.Ordinal));
        // An address that means "every interface" is not one a client can use.
        return bound.Replace("://[::]:", "://127.0.0.1:", StringComparison.Ordinal).Replace("://0.0.0.0:", "://127.0.0.1:", StringComparison.Ordinal)
            .Replace("://*:", "://127.0.0.1:", StringComparison.Ordinal).Replace("://+:", "://127.0.0.1:", StringComparison.Ordinal).TrimEnd('/');
    }
}
