using Fairlead.Server.Commands;

namespace Fairlead.Server.Folder;

/// <summary>
/// The folder an installation lives in. Files here: the database, <c>secret</c> (see <see cref="SecretFile"/>), <c>serve.lock</c> (see
/// <see cref="DataFolderLock"/>), and while the server runs <c>control.sock</c> or <c>control.path</c> (see <c>ControlSocket</c>).
/// </summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder, for the owner only, unless it exists. Throws <see cref="CommandFailure"/> (exit 3) when that is impossible.</summary>
    public static void Ensure(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.NoDatabase, $"The data folder {path} cannot be made: {e.Message}", e);
        }
    }
}
