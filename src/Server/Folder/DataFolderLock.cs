using Fairlead.Server.Commands;

namespace Fairlead.Server.Folder;

/// <summary>
/// Exclusive use of a data folder. Held by <c>serve</c> as long as it runs and by a command that writes while no server runs, so that money in memory
/// (holds) and money in the database never have two owners. The operating system gives it back when a process dies, however it dies.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string FileName = "serve.lock";
    private readonly FileStream file;

    private DataFolderLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock; null when another process has it. Throws <see cref="CommandFailure"/> (exit 3) when the folder cannot be written.</summary>
    public static DataFolderLock? TryTake(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        try
        {
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CommandFailure(ExitCode.NoDatabase, $"The data folder {dataFolder} cannot be written: {e.Message}", e);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
