using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Content parts as Gemini parts (providers contract §2.6, §6.2).</summary>
internal static class GeminiMedia
{
    /// <summary>
    /// True when the endpoint cannot fetch this part's address itself, so that the gateway would have to put the bytes into the request. The seam for a
    /// fetcher (P-06): without one such a part is an error.
    /// </summary>
    public static bool RequiresInlineMedia(GeminiModel model, Part part) => part switch
    {
        ImagePart { Url: var url } => WebAddress.IsWeb(url) && !model.WebFiles,
        FilePart { Data: { } data } => WebAddress.IsWeb(data) && !model.WebFiles && !IsVideoSite(data),
        VideoPart { Url: var url } => WebAddress.IsWeb(url) && !IsVideoSite(url),
        _ => false,
    };

    /// <summary>The part; null for empty text, which the vendor refuses. Otherwise an error.</summary>
    public static (GeminiPart? Part, GatewayError? Error) ToPart(GeminiModel model, Part part)
    {
        if (RequiresInlineMedia(model, part))
            return (null, NotFetched(part));
        return part switch
        {
            TextPart { Text: "" } => (null, null),
            TextPart text => (new TextPiece(text.Text), null),
            ImagePart image => FromAddress(image.Url, "image", InvalidImage),
            VideoPart video => FromAddress(video.Url, "video", _ => GatewayError.Invalid("A video must be a YouTube address or a base64 data URL.")),
            FilePart file => ToFile(file),
            AudioPart audio => (new InlinePiece(AudioType(audio.Format), audio.Data), null),
            _ => ((GeminiPart?)null, GatewayError.Invalid("This kind of content part cannot be sent to Gemini models.")),
        };
    }

    private static (GeminiPart?, GatewayError?) FromAddress(string url, string kind, Func<string, GatewayError> refuse)
    {
        if (IsVideoSite(url))
            return (new FilePiece(url, null), null);
        if (WebAddress.IsWeb(url))
            return (new FilePiece(url, TypeByName(url) ?? (kind == "image" ? "image/jpeg" : null)), null);
        if (!DataUrl.TryParse(url, out var data))
            return (null, refuse($"an {kind} must be an http(s) address or a base64 data URL"));
        return data.MediaType.StartsWith(kind + "/", StringComparison.Ordinal)
            ? (new InlinePiece(data.MediaType, data.Base64), null)
            : (null, refuse($"{data.MediaType} is no {kind}"));
    }

    private static (GeminiPart?, GatewayError?) ToFile(FilePart file)
    {
        if (file.Data is null)
            return (null, GatewayError.Invalid(file.FileId is null ? "A file part needs file_data." : "Files by file_id are not offered: send the content as file_data."));
        if (IsVideoSite(file.Data))
            return (new FilePiece(file.Data, null), null);
        if (WebAddress.IsWeb(file.Data))
            return (new FilePiece(file.Data, TypeByName(file.Data) ?? "application/pdf"), null);
        if (!DataUrl.TryParse(file.Data, out var data) && !DataUrl.TrySniff(file.Data, out data))
            return (null, GatewayError.Invalid("file_data must be an http(s) address, a base64 data URL or a base64 PDF."));
        return (new InlinePiece(data.MediaType, data.Base64), null);
    }

    private static GatewayError NotFetched(Part part) => part is ImagePart
        ? new GatewayError { Kind = ErrorKind.ImageDownloadFailed, Message = "This endpoint takes images only inside the request: send the image as a base64 data URL." }
        : GatewayError.Invalid("This endpoint takes this media only inside the request: send it as a base64 data URL.");

    private static GatewayError InvalidImage(string why) => new() { Kind = ErrorKind.InvalidImage, Message = $"An image cannot be used: {why}." };

    private static string AudioType(string format) => format.ToLowerInvariant() switch
    {
        "mp3" => "audio/mp3",
        "m4a" => "audio/mp4",
        "pcm16" => "audio/L16",
        "pcm24" => "audio/L24",
        var other => "audio/" + other, // wav, aiff, aac, ogg, flac
    };

    private static string? TypeByName(string url)
    {
        var path = Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsolutePath : "";
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".webp" => "image/webp",
            ".gif" => "image/gif",
            ".heic" => "image/heic",
            ".pdf" => "application/pdf",
            ".txt" => "text/plain",
            ".csv" => "text/csv",
            ".html" => "text/html",
            ".mp4" => "video/mp4",
            _ => null,
        };
    }

    private static bool IsVideoSite(string url) => WebAddress.IsWeb(url) && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && uri.Host is "youtu.be" or "youtube.com" or "www.youtube.com" or "m.youtube.com";
}
