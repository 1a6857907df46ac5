using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Content parts as blocks (providers contract §2.6, §5.2).</summary>
internal static class AnthropicMedia
{
    private const string Pdf = "application/pdf";

    /// <summary>Makes the blocks for a target: clouds that serve the vendor's models do not fetch addresses.</summary>
    public static Func<Part, (AnthropicBlock? Block, GatewayError? Error)> For(UpstreamTarget target) => target.Host is CloudHost.None or CloudHost.Azure
        ? ToBlock
        : part => RequiresInlineMedia(target, part) ? (null, NotInline(part)) : ToBlock(part);

    /// <summary>The endpoint cannot fetch this part's address itself.</summary>
    public static bool RequiresInlineMedia(UpstreamTarget target, Part part) =>
        target.Host is CloudHost.Vertex or CloudHost.Bedrock && (part switch
        {
            ImagePart image => WebAddress.IsWeb(image.Url),
            FilePart { Data: { } data } => WebAddress.IsWeb(data),
            _ => false,
        });

    /// <summary>The block of a part; null for text with nothing but white space, which the vendor refuses. Otherwise an error.</summary>
    public static (AnthropicBlock? Block, GatewayError? Error) ToBlock(Part part)
    {
        var (block, error) = part switch
        {
            TextPart text => (string.IsNullOrWhiteSpace(text.Text) ? null : new TextBlock(text.Text), null),
            ImagePart image => ToImage(image.Url),
            FilePart file => ToDocument(file),
            AudioPart => (null, GatewayError.Invalid("Anthropic models take no audio: send text, images or documents, or choose a model with audio input.")),
            VideoPart => (null, GatewayError.Invalid("Anthropic models take no video: send text, images or documents, or choose a model with video input.")),
            _ => ((AnthropicBlock?)null, GatewayError.Invalid("This kind of content part cannot be sent to Anthropic models.")),
        };
        if (block is not null)
            block.Cache = part.Cache;
        return (block, error);
    }

    private static (AnthropicBlock?, GatewayError?) ToImage(string url)
    {
        if (WebAddress.IsWeb(url))
            return (new MediaBlock("image") { Url = url }, null);
        if (!DataUrl.TryParse(url, out var data))
            return (null, InvalidImage("an image must be an http(s) address or a base64 data URL"));
        return data.MediaType is "image/jpeg" or "image/png" or "image/gif" or "image/webp"
            ? (new MediaBlock("image") { Base64 = data.Base64, MediaType = data.MediaType }, null)
            : (null, InvalidImage($"Anthropic models take jpeg, png, gif and webp images, not {data.MediaType}"));
    }

    private static (AnthropicBlock?, GatewayError?) ToDocument(FilePart file)
    {
        if (file.Data is null)
            return (null, GatewayError.Invalid(file.FileId is null ? "A file part needs file_data." : "Files by file_id are not offered: send the content as file_data."));
        if (WebAddress.IsWeb(file.Data))
            return (new MediaBlock("document") { Url = file.Data, Title = file.FileName }, null);
        if (!DataUrl.TryParse(file.Data, out var data) && !DataUrl.TrySniff(file.Data, out data))
            return (null, GatewayError.Invalid("file_data must be an http(s) address, a base64 data URL or a base64 PDF."));
        if (data.MediaType == Pdf)
            return (new MediaBlock("document") { Base64 = data.Base64, MediaType = Pdf, Title = file.FileName }, null);
        if (data.MediaType.StartsWith("image/", StringComparison.Ordinal))
            return ToImage(file.Data);
        if (data.MediaType.StartsWith("text/", StringComparison.Ordinal) || data.MediaType is "application/json" or "application/xml" or "application/yaml")
            return (new MediaBlock("document") { PlainText = data.ReadText(), MediaType = "text/plain", Title = file.FileName }, null);
        return (null, GatewayError.Invalid($"Anthropic models take PDF and plain text files, not {data.MediaType}."));
    }

    internal static GatewayError NotInline(Part part) => part is ImagePart
        ? new GatewayError { Kind = ErrorKind.ImageDownloadFailed, Message = "This endpoint takes images only inside the request: send the image as a base64 data URL." }
        : GatewayError.Invalid("This endpoint takes this media only inside the request: send it as a base64 data URL.");

    private static GatewayError InvalidImage(string why) => new() { Kind = ErrorKind.InvalidImage, Message = $"An image cannot be used: {why}." };
}
