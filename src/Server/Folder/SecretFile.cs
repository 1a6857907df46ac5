using System.Security.Cryptography;
using Fairlead.Server.Commands;

namespace Fairlead.Server.Folder;

/// <summary>
/// The installation's secret: <c>FAIRLEAD_SECRET</c>, else the file <c>secret</c> in the data folder, made at the first start (32 random bytes as hex,
/// readable by the owner only). Losing it makes stored provider keys unreadable; it is never logged or returned.
/// </summary>
internal static class SecretFile
{
    private const string FileName = "secret";

    /// <summary>The secret, made if there is none. Call only while holding the folder's lock.</summary>
    public static string ReadOrCreate(string dataFolder, ProcessEnvironment environment)
    {
        if (environment.Get("FAIRLEAD_SECRET") is { } given)
            return given;
        var path = Path.Combine(dataFolder, FileName);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } stored)
            return stored;
        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        // Written beside and renamed: a crash in between must not leave half a secret.
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options))
            writer.WriteLine(made);
        File.Move(draft, path, overwrite: true);
        return made;
    }
}
