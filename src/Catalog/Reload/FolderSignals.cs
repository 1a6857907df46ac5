namespace Fairlead.Catalog.Reload;

/// <summary>
/// Asks the operating system to report changes in the folders of the configuration files. Only a hint that something may have changed: where it
/// does not work (network file systems, bind mounts, no watches left), polling finds the change.
/// </summary>
internal sealed class FolderSignals : IDisposable
{
    private readonly List<FileSystemWatcher> watchers = [];

    public FolderSignals(IEnumerable<string> files, Action changed, Action<string, Exception> failed)
    {
        foreach (var folder in files.Select(f => Path.GetDirectoryName(Path.GetFullPath(f))).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            try
            {
                var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime };
                watchers.Add(watcher);
                watcher.Changed += (_, _) => changed();
                watcher.Created += (_, _) => changed();
                watcher.Renamed += (_, _) => changed();
                watcher.Deleted += (_, _) => changed();
                watcher.Error += (_, e) => failed(folder, e.GetException());
                watcher.EnableRaisingEvents = true;
            }
            catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                failed(folder, e);
            }
        }
    }

    public void Dispose() => watchers.ForEach(w => w.Dispose());
}
