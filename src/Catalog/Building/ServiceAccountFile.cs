using System.Security.Cryptography;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Building;

/// <summary>Reads the key file of a Google service account.</summary>
internal static class ServiceAccountFile
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The account and its project; or, never with any of the file's content, why it cannot be used.</summary>
    public static (GoogleCredentials? Credentials, string? Project, string? Problem) Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return (null, null, $"its service account file {path} does not exist.");
            if (file.Length > MaxBytes)
                return (null, null, $"its service account file {path} is larger than {MaxBytes} bytes.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "client_email") is not { } email || Text(root, "private_key") is not { } key)
                return (null, null, $"its service account file {path} holds no \"client_email\" and \"private_key\": download a key of type JSON.");
            using var probe = RSA.Create();
            probe.ImportFromPem(key);
            var address = Text(root, "token_uri") ?? "https://oauth2.googleapis.com/token";
            return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
                ? (new GoogleCredentials(email, key, Text(root, "private_key_id"), address), Text(root, "project_id"), null)
                : (null, null, $"its service account file {path} has a \"token_uri\" that is no address.");
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return (null, null, $"its service account file {path} cannot be read.");
        }
        catch (Exception trouble) when (trouble is JsonException or ArgumentException or CryptographicException or InvalidOperationException)
        {
            return (null, null, $"its service account file {path} is not the JSON key file of a service account.");
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
