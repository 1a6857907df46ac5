using System.Security.Cryptography;
using Fairlead.Server.Commands;
using Fairlead.Storage;

namespace Fairlead.Server.Folder;

/// <summary>
/// Which node this installation is: the file <c>node-id</c> in the data folder, made once (26 random letters and digits). A copy of the folder must not run
/// beside the original on one database: delete the file in the copy.
/// </summary>
internal static class NodeIdFile
{
    private const string FileName = "node-id";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 26;

    /// <summary>The node's id, made if there is none. Throws <see cref="CommandFailure"/> (exit 3) when the file cannot be read, written or used.</summary>
    public static NodeId ReadOrCreate(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        try
        {
            if (!File.Exists(path))
            {
                Create(path);
            }

            var text = File.ReadAllText(path).Trim();
            return NodeId.IsWellFormed(text)
                ? new(text)
                : throw new CommandFailure(ExitCode.NoDatabase, $"The file {path} does not hold a node id (16 to 64 letters and digits). Restore it from a backup.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.NoDatabase, $"The node's id in {path} cannot be read or made: {failure.Message}", failure);
        }
    }

    private static void Create(string path)
    {
        // Written beside and renamed: a crash in between must not leave half an id. A command may do the same at the same time; the first one wins.
        var draft = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(draft, RandomNumberGenerator.GetString(Alphabet, Length) + "\n");
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
