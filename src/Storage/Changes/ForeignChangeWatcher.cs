using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Storage.Changes;

/// <summary>
/// Notices within <see cref="DatabaseOptions.ForeignChangePollMs"/> that another process (the command line) changed the database, and tells those who
/// keep part of it in memory. SQLite has no notification; <c>PRAGMA data_version</c> on the write connection changes exactly when somebody else committed.
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
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(database.Options.ForeignChangePollMs), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
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
