using Fairlead.Server.Commands;
using Fairlead.Server.Settings;
using Fairlead.Storage;

namespace Fairlead.Server.Folder;

/// <summary>
/// The folder an installation lives in. Files here: the database where it is SQLite, <c>secret</c> (see <see cref="SecretFile"/>), <c>node-id</c> (see
/// <see cref="NodeIdFile"/>), <c>journal</c> (charges while a PostgreSQL is away), <c>serve.lock</c> (see <see cref="DataFolderLock"/>), and while the server runs <c>control.sock</c> or <c>control.path</c> (see <c>ControlSocket</c>).
/// </summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Where charges wait for a PostgreSQL that is away.</summary>
    public static string Journal(string dataFolder) => Path.Combine(dataFolder, "journal");

    /// <summary>
    /// Makes the folder, and the database file in it, for the owner only, unless they exist. Throws <see cref="CommandFailure"/> (exit 3) when that is
    /// impossible.
    /// </summary>
    public static void Ensure(Installation installation)
    {
        var path = installation.DataFolder;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, OwnerOnly);
            if (installation.Database.Engine is DatabaseEngine.Sqlite)
                ProtectDatabase(installation.Database.Location);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.NoDatabase, $"The data folder {path} cannot be made: {e.Message}", e);
        }
    }

    /// <summary>
    /// Throws <see cref="CommandFailure"/> (exit 3) where there is no database file: what looks at an installation, or changes one, does not make it.
    /// </summary>
    public static void Require(Installation installation)
    {
        if (installation.Database is { Engine: DatabaseEngine.Sqlite, Location: var file } && !File.Exists(file))
        {
            throw new CommandFailure(
                ExitCode.NoDatabase, $"There is no database at {file}. Check --data and --database; \"fairlead serve\" makes a new installation.");
        }
    }

    // SQLite gives its side files the mode of the database: an empty file is a new database, and only its owner can read what becomes of it, even where
    // the folder was there before and is open to others.
    private static void ProtectDatabase(string file)
    {
        if (OperatingSystem.IsWindows() || File.Exists(file) || !Directory.Exists(Path.GetDirectoryName(file)))
            return;
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var made = new FileStream(file, options);
    }
}
