using System.Threading.Channels;
using Fairlead.Catalog.Reload;
using Fairlead.Catalog.Snapshot;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Catalog.Discovery;

/// <summary>
/// Asks the servers of <see cref="Provider.DiscoverModels"/> what they have: when the program starts, when the configuration changes, and now and then. Nothing
/// waits for it; a server that does not answer is said in the log and asked again, and what it had stays.
/// </summary>
internal sealed partial class ModelDiscovery(CatalogSource source, CatalogWatcher watcher, CatalogSettings settings, TimeProvider clock, ILogger<ModelDiscovery> logger) : BackgroundService
{
    private const int MostAtOnce = 8;

    /// <summary>How long what a server said is believed.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(5);

    /// <summary>How soon a server that did not answer is asked again.</summary>
    private static readonly TimeSpan BetweenFailures = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, DiscoveredModels> found = settings.Discovered.ToDictionary(one => one.Provider, StringComparer.Ordinal);
    private readonly Dictionary<string, string> troubles = new(StringComparer.Ordinal);
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private string files = source.Current.FilesFingerprint;

    /// <summary>One round: every server is asked, and what is new is put in force.</summary>
    /// <returns>How long to wait before the next, unless the configuration changes.</returns>
    internal async Task<TimeSpan> RunOnceAsync(CancellationToken cancellationToken)
    {
        var asked = source.Current.Providers.Where(provider => provider.DiscoverModels).ToList();
        var answers = new List<(Provider Provider, DiscoveredModels? Models, string? Trouble)>();
        foreach (var some in asked.Chunk(MostAtOnce))
            answers.AddRange(await Task.WhenAll(some.Select(provider => AskAsync(provider, cancellationToken))));

        foreach (var gone in found.Keys.Concat(troubles.Keys).Except(asked.Select(provider => provider.Slug)).ToList())
            _ = (found.Remove(gone), troubles.Remove(gone));
        foreach (var (provider, models, trouble) in answers)
            Take(provider, models, trouble);
        watcher.Offer([.. found.Values.OrderBy(one => one.Provider, StringComparer.Ordinal)]);
        return troubles.Count > 0 ? BetweenFailures : asked.Count > 0 ? Between : Timeout.InfiniteTimeSpan;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        source.Changed += Look;
        try
        {
            while (true)
                await WaitAsync(await RoundAsync(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            source.Changed -= Look;
        }
    }

    private async Task<TimeSpan> RoundAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await RunOnceAsync(stoppingToken);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // A bug here must not end the program.
            LogFailed(e);
            return Between;
        }
    }

    // Only other files make another round: what this service puts in force comes here too.
    private void Look(object? sender, EventArgs unused)
    {
        var now = source.Current.FilesFingerprint;
        if (Interlocked.Exchange(ref files, now) != now)
            changes.Writer.TryWrite(true);
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var changed = changes.Reader.WaitToReadAsync(over.Token).AsTask();
        await Task.WhenAny(changed, Task.Delay(wait, clock, over.Token));
        await over.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
        changes.Reader.TryRead(out _);
    }

    private static async Task<(Provider Provider, DiscoveredModels? Models, string? Trouble)> AskAsync(Provider provider, CancellationToken cancellationToken)
    {
        try
        {
            return (provider, await ModelServer.AskAsync(provider, cancellationToken), null);
        }
        catch (DiscoveryException trouble)
        {
            return (provider, null, trouble.Message);
        }
    }

    private void Take(Provider provider, DiscoveredModels? models, string? trouble)
    {
        if (models is null)
        {
            // Said once, and again when it is another trouble.
            if (!troubles.TryGetValue(provider.Slug, out var known) || known != trouble)
                LogTrouble(provider.Slug, provider.BaseUrl!, trouble!, BetweenFailures.TotalSeconds);
            troubles[provider.Slug] = trouble!;
            return;
        }

        troubles.Remove(provider.Slug);
        if (found.TryGetValue(provider.Slug, out var before) && before.SameAs(models))
            return;
        found[provider.Slug] = models;
        LogFound(provider.Slug, provider.BaseUrl!, models.Models.Count, string.Join(", ", models.Models.Take(10).Select(model => model.Name)) + (models.Models.Count > 10 ? ", …" : ""));
    }

    [LoggerMessage(1, LogLevel.Information, "Provider {Provider} at {Address} has {Count} models: {Names}")]
    private partial void LogFound(string provider, string address, int count, string names);

    [LoggerMessage(2, LogLevel.Warning,
        "Provider {Provider} at {Address} could not be asked for its models: {Trouble}. It is asked again every {Seconds} s; what it had before, and what your files name, stays offered.")]
    private partial void LogTrouble(string provider, string address, string trouble, double seconds);

    [LoggerMessage(3, LogLevel.Error, "Asking servers for their models failed; it is tried again.")]
    private partial void LogFailed(Exception reason);
}
