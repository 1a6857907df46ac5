namespace Fairlead.Gateway.Tests.Operations;

/// <summary>A folder for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fairlead-ops-").FullName;

    /// <summary>A data folder that does not exist yet.</summary>
    public string Data => System.IO.Path.Combine(Path, "data");

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
