namespace Fairlead.Catalog.Configuration;

/// <summary>Reads a configuration file from disk.</summary>
internal static class ConfigurationFile
{
    /// <summary>The document, or why there is none.</summary>
    public static (ConfigurationDocument? Document, ConfigurationMistake? Mistake) Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > ConfigurationDocument.MaxBytes)
                return (null, new(path, 1, 1, "", $"is larger than {ConfigurationDocument.MaxBytes / (1024 * 1024)} MiB."));
            using var bytes = new MemoryStream((int)stream.Length);
            stream.CopyTo(bytes);
            return (new(path, bytes.ToArray()), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, new(path, 1, 1, "", $"cannot be read: {e.Message}"));
        }
    }
}
