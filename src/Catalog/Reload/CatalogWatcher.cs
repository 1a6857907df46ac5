using System.Threading.Channels;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Snapshot;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Catalog.Reload;

/// <summary>
/// Puts a new catalog in force when a configuration file changes. Goes by content, so it does not matter whether an editor writes in place,
/// replaces the file or swaps a link. A file with a mistake is refused whole: the running catalog stays and the log says where the mistake is.
/// </summary>
internal sealed partial class CatalogWatcher(CatalogSettings settings, CatalogSource source, TimeProvider clock, ILogger<CatalogWatcher> logger) : BackgroundService
{
    // Editors write a file in several steps; half a file is not worth a complaint.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    private readonly CatalogLoader loader = new(settings.Environment);
    private readonly Channel<bool> signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock building = new();
    private IReadOnlyList<DiscoveredModels> discovered = settings.Discovered;
    private string seen = source.Current.FilesFingerprint;

    /// <summary>One round: reads the files and, when their content changed, builds and publishes. True when a new catalog is in force.</summary>
    internal bool CheckOnce()
    {
        lock (building)
            return Check();
    }

    /// <summary>Builds and publishes with what servers have now, where it is not what they had; files with a mistake keep it until they have none.</summary>
    internal void Offer(IReadOnlyList<DiscoveredModels> now)
    {
        lock (building)
        {
            if (now.Count == discovered.Count && now.Zip(discovered).All(static pair => pair.First.SameAs(pair.Second)))
                return;
            discovered = now;
            if (loader.Load(ConfigurationFiles.Read(settings.Files), settings.Layers, now).Snapshot is { } snapshot)
                source.Publish(snapshot);
        }
    }

    private bool Check()
    {
        var files = ConfigurationFiles.Read(settings.Files);
        if (files.Fingerprint == seen)
            return false;
        seen = files.Fingerprint;
        var outcome = loader.Load(files, settings.Layers, discovered);
        foreach (var mistake in outcome.Mistakes)
            LogMistake(mistake.File, mistake.Line, mistake.Column, mistake.Path, mistake.Reason);
        if (outcome.Snapshot is not { } snapshot)
        {
            LogRefused(outcome.Mistakes.Count);
            return false;
        }

        LogWarnings(snapshot);
        source.Publish(snapshot);
        LogReloaded(snapshot.Listed.Count, snapshot.Models.Count);
        return true;
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        LogWarnings(source.Current);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Files.Count == 0)
            return;
        using var folders = new FolderSignals(settings.Files, () => signals.Writer.TryWrite(true), LogNoSignals);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var signalled = signals.Reader.WaitToReadAsync(wait.Token).AsTask();
                var polled = Task.Delay(settings.PollInterval, clock, wait.Token);
                await Task.WhenAny(signalled, polled);
                await wait.CancelAsync();
                if (signals.Reader.TryRead(out _))
                    await Task.Delay(Settle, clock, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
                CheckOnce();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A bug here must not end the watching, nor the program.
                LogFailed(e);
            }
        }
    }

    private void LogWarnings(CatalogSnapshot snapshot)
    {
        foreach (var warning in snapshot.Warnings)
            LogWarning(warning.File, warning.Line, warning.Column, warning.Path, warning.Reason);
    }

    [LoggerMessage(1, LogLevel.Error, "Configuration refused: {File}:{Line}:{Column}: {Path}: {Reason}")]
    private partial void LogMistake(string file, int line, int column, string path, string reason);

    [LoggerMessage(2, LogLevel.Error, "The configuration is refused (mistakes: {Count}); the running one stays.")]
    private partial void LogRefused(int count);

    [LoggerMessage(3, LogLevel.Warning, "Configuration: {File}:{Line}:{Column}: {Path}: {Reason}")]
    private partial void LogWarning(string file, int line, int column, string path, string reason);

    [LoggerMessage(4, LogLevel.Information, "The configuration was reloaded: {Listed} models are listed, {Known} known.")]
    private partial void LogReloaded(int listed, int known);

    [LoggerMessage(5, LogLevel.Warning, "The system does not report changes in {Folder}; its configuration files are looked at every few seconds instead.")]
    private partial void LogNoSignals(string folder, Exception reason);

    [LoggerMessage(6, LogLevel.Error, "Looking for changes of the configuration failed; it is tried again.")]
    private partial void LogFailed(Exception reason);
}
