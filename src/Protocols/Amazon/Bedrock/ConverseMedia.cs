using System.Text;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Content parts as blocks with their bytes inside: Converse fetches no addresses (providers contract §2.6, §7.2).</summary>
internal static class ConverseMedia
{
    /// <summary>The part names an address that must be fetched first.</summary>
    public static bool RequiresInlineMedia(Part part) => part switch
    {
        ImagePart { Url: var url } => WebAddress.IsWeb(url),
        FilePart { Data: { } data } => WebAddress.IsWeb(data),
        VideoPart { Url: var url } => WebAddress.IsWeb(url),
        _ => false,
    };

    /// <summary>The block of a part; null for text with nothing but white space, which Bedrock refuses. Otherwise an error.</summary>
    public static (AnthropicBlock? Block, GatewayError? Error) ToBlock(Part part)
    {
        if (RequiresInlineMedia(part))
            return (null, AnthropicMedia.NotInline(part));
        var (block, error) = part switch
        {
            TextPart text => (string.IsNullOrWhiteSpace(text.Text) ? null : new TextBlock(text.Text), null),
            ImagePart image => ToMedia("image", image.Url),
            VideoPart video => ToMedia("video", video.Url),
            FilePart file => ToDocument(file),
            AudioPart => (null, GatewayError.Invalid("Models on Amazon Bedrock take no audio here: send text, images, documents or videos, or choose another provider.")),
            _ => ((AnthropicBlock?)null, GatewayError.Invalid("This kind of content part cannot be sent to models on Amazon Bedrock.")),
        };
        if (block is not null)
            block.Cache = part.Cache;
        return (block, error);
    }

    /// <summary>The word Converse has for a media type, or null.</summary>
    public static string? FormatOf(string mediaType) => mediaType switch
    {
        "image/png" => "png",
        "image/jpeg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/quicktime" or "video/mov" => "mov",
        "video/webm" => "webm",
        "video/mpeg" => "mpeg",
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "text/html" => "html",
        "text/markdown" => "md",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/json" or "application/xml" or "application/yaml" => "txt",
        _ => mediaType.StartsWith("text/", StringComparison.Ordinal) ? "txt" : null,
    };

    /// <summary>A document's name in the characters Bedrock takes: letters, digits, single spaces, hyphens, brackets; 1 to 200 of them.</summary>
    public static string NameOf(string? fileName)
    {
        var name = new StringBuilder();
        foreach (var c in Path.GetFileNameWithoutExtension(fileName ?? ""))
        {
            var taken = char.IsAsciiLetterOrDigit(c) || c is '-' or '(' or ')' or '[' or ']' ? c : ' ';
            if (name.Length < 200 && (taken != ' ' || (name.Length > 0 && name[^1] != ' ')))
                name.Append(taken);
        }

        return name.ToString().TrimEnd() is { Length: > 0 } clean ? clean : "document";
    }

    private static (AnthropicBlock?, GatewayError?) ToMedia(string kind, string url)
    {
        if (!DataUrl.TryParse(url, out var data))
            return (null, Unusable(kind, $"a {kind} must be an http(s) address or a base64 data URL"));
        return data.MediaType.StartsWith(kind + "/", StringComparison.Ordinal) && FormatOf(data.MediaType) is not null
            ? (new MediaBlock(kind) { Base64 = data.Base64, MediaType = data.MediaType }, null)
            : (null, Unusable(kind, $"Amazon Bedrock takes no {kind} of the type {data.MediaType}"));
    }

    private static (AnthropicBlock?, GatewayError?) ToDocument(FilePart file)
    {
        if (file.Data is null)
            return (null, GatewayError.Invalid(file.FileId is null ? "A file part needs file_data." : "Files by file_id are not offered: send the content as file_data."));
        if (!DataUrl.TryParse(file.Data, out var data) && !DataUrl.TrySniff(file.Data, out data))
            return (null, GatewayError.Invalid("file_data must be an http(s) address, a base64 data URL or a base64 PDF."));
        if (data.MediaType.StartsWith("image/", StringComparison.Ordinal))
            return ToMedia("image", file.Data);
        return FormatOf(data.MediaType) is null
            ? (null, GatewayError.Invalid($"Amazon Bedrock takes PDF, Word, Excel, CSV, HTML, Markdown and plain text files, not {data.MediaType}."))
            : (new MediaBlock("document") { Base64 = data.Base64, MediaType = data.MediaType, Title = NameOf(file.FileName) }, null);
    }

    private static GatewayError Unusable(string kind, string why) => kind == "image"
        ? new GatewayError { Kind = ErrorKind.InvalidImage, Message = $"An image cannot be used: {why}." }
        : GatewayError.Invalid($"A {kind} cannot be used: {why}.");
}
