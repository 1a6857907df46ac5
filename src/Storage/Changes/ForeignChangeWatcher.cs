using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Storage.Changes;

/// <summary>
/// Notices within <see cref="DatabaseOptions.ForeignChangePollMs"/> that another process (the command line) changed the database, and tells those who
/// keep part of it in memory. PostgreSQL says so at once (NOTIFY); SQLite is asked.
/// </summary>
internal sealed partial class ForeignChangeWatcher(
    Database database, IEnumerable<IForeignChangeListener> listeners, TimeProvider clock, ILogger<ForeignChangeWatcher> logger) : BackgroundService
{
    private readonly IForeignChangeListener[] _listeners = [.. listeners];
    private bool _missed;

    /// <summary>One look; true when there was a change and everybody was told.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await database.ChangedByOthersAsync(cancellationToken) && !_missed)
            {
                return false;
            }

            _missed = true;
            foreach (var listener in _listeners)
            {
                await listener.OnForeignChangeAsync(cancellationToken);
            }

            _missed = false;
            return true;
        }
        catch (StorageException failure)
        {
            // Whatever was missed is read at the next look that succeeds.
            LogUnreachable(failure);
            return false;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await database.WaitForSignAsync(clock, stoppingToken);
                await RunOnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Looking for changes by other processes failed; the next look repeats it.")]
    private partial void LogUnreachable(Exception failure);
}
