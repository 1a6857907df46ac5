using Fairlead.Simulator.Recording;

namespace Fairlead.Simulator;

/// <summary>A running simulated upstream. Disposing it cuts what is still open and frees the port.</summary>
public sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestLog _log;

    internal SimulatorServer(WebApplication app, RequestLog log)
    {
        _app = app;
        _log = log;
        Address = new Uri(app.Urls.First());
    }

    /// <summary>The first address listened on, with the port that was picked: <c>http://127.0.0.1:41234/</c>.</summary>
    public Uri Address { get; }

    /// <summary>The recorded requests, oldest first; empty unless <see cref="SimulatorOptions.RecordRequests"/> asks for them. A snapshot, safe from any thread.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _log.Snapshot();

    /// <summary>Forgets what was recorded.</summary>
    public void Clear() => _log.Clear();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
