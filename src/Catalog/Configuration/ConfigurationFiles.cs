using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Catalog.Configuration;

/// <summary>All configuration files as they were at one moment.</summary>
/// <param name="Documents">Those that could be read, in order.</param>
/// <param name="Unreadable">Why the others could not.</param>
/// <param name="Fingerprint">Equal when every file has the same content, or cannot be read for the same reason.</param>
internal sealed record ConfigurationFiles(IReadOnlyList<ConfigurationDocument> Documents, IReadOnlyList<ConfigurationMistake> Unreadable, string Fingerprint)
{
    public static ConfigurationFiles Read(IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[32];
        var documents = new List<ConfigurationDocument>(files.Count);
        var unreadable = new List<ConfigurationMistake>();
        foreach (var file in files)
        {
            var (document, mistake) = ConfigurationFile.Read(file);
            if (document is not null)
            {
                documents.Add(document);
                SHA256.HashData(document.Json.Span, digest);
            }
            else
            {
                unreadable.Add(mistake!);
                SHA256.HashData(Encoding.UTF8.GetBytes(mistake!.Reason), digest);
            }

            hash.AppendData(digest);
        }

        return new(documents, unreadable, Convert.ToHexString(hash.GetHashAndReset()));
    }
}
