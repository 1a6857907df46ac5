using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Catalog.Snapshot;
using Fairlead.Server.Settings;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;

namespace Fairlead.Server.Operations.Nodes;

/// <summary>
/// Tells the other nodes of the database which configuration this one runs with, and warns when one runs with another: the same request would be routed and
/// priced differently by chance. They serve all the same, for configurations are rolled out one node after the other.
/// </summary>
internal sealed partial class ConfigurationVersions(
    NodeLease nodes, CatalogSource catalog, Installation installation, TimeProvider clock, ILogger<ConfigurationVersions> logger) : BackgroundService
{
    private const string Topic = "configuration";
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (string Theirs, string Ours)> told = new();
    private CatalogSnapshot? read;
    private volatile string version = "";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (nodes.IsAlone)
            return;
        using var listening = nodes.Listen(Topic, Hear);
        try
        {
            while (true)
            {
                await TellAsync(stoppingToken);
                await Task.Delay(Between, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A file with a mistake does not come into force, so it is read again only when the catalog has changed.
            if (!ReferenceEquals(read, catalog.Current))
                (read, version) = (catalog.Current, await ReadVersionAsync(cancellationToken));
            await nodes.SendAsync(Topic, version, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StorageException)
        {
            // Said by whoever needs the file or the database; the next round tells it again.
            LogNotTold(failure);
        }
    }

    private void Hear(NodeMessage message)
    {
        var now = (Theirs: message.Text, Ours: version);
        if (now.Ours.Length == 0 || (told.TryGetValue(message.From, out var before) && before == now))
            return;
        told[message.From] = now;
        if (now.Theirs != now.Ours)
            LogDifferent(message.From, now.Theirs, nodes.NodeId.Value, now.Ours);
        else if (before.Theirs is not null && before.Theirs != before.Ours)
            LogSame(message.From, now.Ours);
    }

    /// <summary>The program's version and twelve digits that stand for the files as they are.</summary>
    private async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in installation.ConfigFiles)
        {
            digest.AppendData(Encoding.UTF8.GetBytes("\0"));
            digest.AppendData(await File.ReadAllBytesAsync(file, cancellationToken));
        }

        var program = typeof(ConfigurationVersions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return $"{program}/{Convert.ToHexStringLower(digest.GetHashAndReset())[..12]}";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning,
        Message = "Node {Other} runs with configuration {Theirs} and this node, {Own}, with {Ours}: requests are routed and priced by whichever they reach. Give both the same files.")]
    private partial void LogDifferent(string other, string theirs, string own, string ours);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Node {Other} now runs with the same configuration, {Ours}.")]
    private partial void LogSame(string other, string ours);

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "The version of the configuration could not be told to the other nodes; it is tried again.")]
    private partial void LogNotTold(Exception failure);
}
