using System.Text;

namespace Fairlead.Protocols.Canonical;

/// <summary>A <c>data:</c> URL or bare base64, split. <see cref="Base64"/> is the payload as base64 text whatever the URL's own encoding was.</summary>
/// <param name="MediaType">In lower case; what the first bytes say where they are clear, else what the URL says.</param>
/// <param name="Base64">The payload.</param>
public readonly record struct DataUrl(string MediaType, string Base64)
{
    /// <summary>Splits a <c>data:</c> URL. False when it is none or its payload is not base64.</summary>
    public static bool TryParse(string? url, out DataUrl data)
    {
        data = default;
        if (url is null || !url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
            return false;
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
            return false;
        var head = url[5..comma];
        var payload = url[(comma + 1)..];
        var semicolon = head.IndexOf(';', StringComparison.Ordinal);
        var mediaType = (semicolon < 0 ? head : head[..semicolon]).Trim().ToLowerInvariant();
        if (head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            if (payload.Contains('%', StringComparison.Ordinal))
                payload = Uri.UnescapeDataString(payload);
            if (!Base64Url(payload))
                return false;
        }
        else
        {
            payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(payload)));
        }
        data = new DataUrl(Sniff(payload) ?? Known(mediaType), payload);
        return true;
    }

    /// <summary>Bare base64 whose first bytes tell what it is (I-13).</summary>
    public static bool TrySniff(string? base64, out DataUrl data)
    {
        data = default;
        if (base64 is null || Sniff(base64) is not { } mediaType || !Base64Url(base64))
            return false;
        data = new DataUrl(mediaType, base64);
        return true;
    }

    /// <summary>The payload as UTF-8 text.</summary>
    public string ReadText() => Encoding.UTF8.GetString(Convert.FromBase64String(Base64));

    // Providers refuse a payload that is not what its label says, and callers mislabel often: the first bytes decide where they are clear.
    private static string? Sniff(string base64) => base64 switch
    {
        _ when base64.StartsWith("iVBORw0KGgo", StringComparison.Ordinal) => "image/png",
        _ when base64.StartsWith("/9j/", StringComparison.Ordinal) => "image/jpeg",
        _ when base64.StartsWith("R0lGOD", StringComparison.Ordinal) => "image/gif",
        _ when base64.Length > 16 && base64.StartsWith("UklGR", StringComparison.Ordinal) && base64.AsSpan(12).StartsWith("RUJQ") => "image/webp",
        _ when base64.StartsWith("JVBERi", StringComparison.Ordinal) => "application/pdf",
        _ => null,
    };

    private static string Known(string mediaType) => mediaType switch
    {
        "" => "text/plain",
        "image/jpg" => "image/jpeg",
        _ => mediaType,
    };

    private static bool Base64Url(string payload) => payload.Length > 0 && System.Buffers.Text.Base64.IsValid(payload);
}
