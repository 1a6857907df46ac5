using System.Net.Sockets;
using System.Text;

namespace Fairlead.Server.Control;

/// <summary>
/// Where a running server takes commands: <c>control.sock</c> in the data folder, for the owner only. An address of a Unix socket holds about 107
/// bytes; where the folder's path is longer, the socket is in a fresh private folder under the temporary folder and <c>control.path</c> in the data
/// folder says where. That file is as trustworthy as the data folder itself, so nobody can put another socket in its place.
/// </summary>
internal static class ControlSocket
{
    // sun_path is 108 bytes on Linux and 104 on macOS, both with a closing zero.
    private const int LongestAddress = 103;
    private const string SocketName = "control.sock";
    private const string PointerName = "control.path";
    private const string FolderPrefix = "fairlead-";

    /// <summary>Chooses the address for a server that holds the folder's lock, and removes what an earlier server left behind.</summary>
    public static string Prepare(string dataFolder)
    {
        Remove(dataFolder);
        var path = Path.Combine(dataFolder, SocketName);
        if (Encoding.UTF8.GetByteCount(path) <= LongestAddress)
            return path;
        // mkdtemp: the name is unguessable and the mode 0700 from the start.
        path = Path.Combine(Directory.CreateTempSubdirectory(FolderPrefix).FullName, SocketName);
        File.WriteAllText(Path.Combine(dataFolder, PointerName), path);
        return path;
    }

    /// <summary>The address a server of this folder would listen on; null when there is none.</summary>
    public static string? Find(string dataFolder)
    {
        var pointer = Path.Combine(dataFolder, PointerName);
        if (File.Exists(pointer))
            return File.ReadAllText(pointer).Trim();
        var path = Path.Combine(dataFolder, SocketName);
        return File.Exists(path) && Encoding.UTF8.GetByteCount(path) <= LongestAddress ? path : null;
    }

    /// <summary>Removes socket and pointer; only for the holder of the folder's lock.</summary>
    public static void Remove(string dataFolder)
    {
        var pointer = Path.Combine(dataFolder, PointerName);
        if (File.Exists(pointer))
        {
            var folder = Path.GetDirectoryName(File.ReadAllText(pointer).Trim());
            if (folder is not null && Path.GetFileName(folder).StartsWith(FolderPrefix, StringComparison.Ordinal) && Directory.Exists(folder))
            {
                File.Delete(Path.Combine(folder, SocketName));
                Directory.Delete(folder); // Only when empty: nothing else is ever put there.
            }

            File.Delete(pointer);
        }

        File.Delete(Path.Combine(dataFolder, SocketName));
    }

    /// <summary>Binds a socket that only its owner can open. The mode is set before the socket listens: until then connecting is refused.</summary>
    public static Socket BindForOwner(UnixDomainSocketEndPoint address)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(address);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(address.ToString()!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return socket;
    }
}
