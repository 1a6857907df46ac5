namespace Fairlead.Server.Hosting;

/// <summary>Whether the process is on its way out: set once, when SIGTERM or SIGINT arrives.</summary>
internal sealed class Draining(IHostApplicationLifetime lifetime)
{
    /// <summary>No new connection is accepted; what is open may finish.</summary>
    public bool HasBegun => lifetime.ApplicationStopping.IsCancellationRequested;
}
