namespace Fairlead.Inference.Plugins.FileParser.Pdf;

/// <summary>Where the system keeps a program.</summary>
internal static class ProgramPath
{
    // Not PATH: what is started on strangers' files is the system's own, whoever set our environment.
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin", "/bin"];

    /// <summary>Its full path; null when it is not installed, or the system is not Linux, whose limits we rely on.</summary>
    public static string? Find(string name) =>
        OperatingSystem.IsLinux() ? Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) : null;
}
