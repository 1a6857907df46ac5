using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Cohere;

/// <summary>Content parts as the vendor's (providers contract §2.6, §9).</summary>
internal static class CohereMedia
{
    /// <summary>The part, or why it cannot be sent.</summary>
    public static (CoherePart? Part, GatewayError? Error) ToPart(Part part) => part switch
    {
        TextPart text => (new CoherePart(text.Text, null, null), null),
        ImagePart image => ToImage(image),
        FilePart file => ToText(file),
        AudioPart => (null, GatewayError.Invalid("Cohere models take no audio: send text or images, or choose a model with audio input.")),
        VideoPart => (null, GatewayError.Invalid("Cohere models take no video: send text or images, or choose a model with video input.")),
        _ => (null, GatewayError.Invalid("This kind of content part cannot be sent to Cohere models.")),
    };

    private static (CoherePart?, GatewayError?) ToImage(ImagePart image)
    {
        var detail = image.Detail is "auto" or "low" or "high" ? image.Detail : null;
        if (WebAddress.IsWeb(image.Url))
            return (new CoherePart("", image.Url, detail), null);
        if (!DataUrl.TryParse(image.Url, out var data))
            return (null, InvalidImage("an image must be an http(s) address or a base64 data URL"));
        return data.MediaType is "image/jpeg" or "image/png" or "image/gif" or "image/webp"
            ? (new CoherePart("", $"data:{data.MediaType};base64,{data.Base64}", detail), null)
            : (null, InvalidImage($"Cohere models take jpeg, png, gif and webp images, not {data.MediaType}"));
    }

    // Plain text stands where the caller put it, under its name: the format has no files, and its documents exclude a JSON answer.
    private static (CoherePart?, GatewayError?) ToText(FilePart file)
    {
        if (file.Data is null)
            return (null, GatewayError.Invalid(file.FileId is null ? "A file part needs file_data." : "Files by file_id are not offered: send the content as file_data."));
        if (!DataUrl.TryParse(file.Data, out var data) && !DataUrl.TrySniff(file.Data, out data))
            return (null, GatewayError.Invalid("For Cohere models file_data must be a base64 data URL of a plain text file."));
        if (data.MediaType.StartsWith("image/", StringComparison.Ordinal))
            return ToImage(new ImagePart(file.Data, null));
        return data.MediaType.StartsWith("text/", StringComparison.Ordinal) || data.MediaType is "application/json" or "application/xml" or "application/yaml"
            ? (new CoherePart((file.FileName is null ? "" : file.FileName + ":\n") + data.ReadText(), null, null), null)
            : (null, GatewayError.Invalid($"Cohere models take plain text files, not {data.MediaType}."));
    }

    private static GatewayError InvalidImage(string why) => new() { Kind = ErrorKind.InvalidImage, Message = $"An image cannot be used: {why}." };
}
