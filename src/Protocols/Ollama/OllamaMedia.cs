using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Ollama;

/// <summary>Content parts: text, or an image as bare base64 (providers contract §2.6).</summary>
internal static class OllamaMedia
{
    public static (string? Text, string? Image, GatewayError? Error) Read(Part part) => part switch
    {
        TextPart text => (text.Text, null, null),
        ImagePart image => ToImage(image.Url),
        FilePart file => ToText(file),
        AudioPart => Refused("Models of Ollama take no audio: send text or images, or choose a model with audio input."),
        VideoPart => Refused("Models of Ollama take no video: send text or images, or choose a model with video input."),
        _ => Refused("This kind of content part cannot be sent to models of Ollama."),
    };

    private static (string?, string?, GatewayError?) ToImage(string url)
    {
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return (null, null, new GatewayError
            {
                Kind = ErrorKind.ImageDownloadFailed, Message = "This endpoint takes images only inside the request: send the image as a base64 data URL.",
            });
        }

        if (!DataUrl.TryParse(url, out var data))
            return (null, null, InvalidImage("an image must be an http(s) address or a base64 data URL"));
        return data.MediaType is "image/jpeg" or "image/png" or "image/webp"
            ? (null, data.Base64, null)
            : (null, null, InvalidImage($"models of Ollama take jpeg, png and webp images, not {data.MediaType}"));
    }

    // Plain text stands where the caller put it, under its name: the format has no files.
    private static (string?, string?, GatewayError?) ToText(FilePart file)
    {
        if (file.Data is null)
            return Refused(file.FileId is null ? "A file part needs file_data." : "Files by file_id are not offered: send the content as file_data.");
        if (!DataUrl.TryParse(file.Data, out var data) && !DataUrl.TrySniff(file.Data, out data))
            return Refused("For models of Ollama file_data must be a base64 data URL of a plain text file.");
        if (data.MediaType.StartsWith("image/", StringComparison.Ordinal))
            return ToImage($"data:{data.MediaType};base64,{data.Base64}");
        return data.MediaType.StartsWith("text/", StringComparison.Ordinal) || data.MediaType is "application/json" or "application/xml" or "application/yaml"
            ? ((file.FileName is null ? "" : file.FileName + ":\n") + data.ReadText(), null, null)
            : Refused($"Models of Ollama take plain text files, not {data.MediaType}.");
    }

    private static (string?, string?, GatewayError?) Refused(string why) => (null, null, GatewayError.Invalid(why));

    private static GatewayError InvalidImage(string why) => new() { Kind = ErrorKind.InvalidImage, Message = $"An image cannot be used: {why}." };
}
