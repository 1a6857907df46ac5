using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>Content parts of users, instructions and results (providers contract §2.6, §3.2).</summary>
internal static class ResponsesContent
{
    /// <summary>
    /// Writes a member: text alone as a string, else a list. <paramref name="prefix"/> goes before the first text. Marks of prompt caching are said where they are
    /// taken (<paramref name="marks"/>).
    /// </summary>
    public static GatewayError? Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<Part> parts, string? prefix, CacheMarks marks)
    {
        if (parts is [] or [TextPart { Cache: null }] || (parts is [TextPart] && marks != CacheMarks.Breakpoint))
        {
            writer.WriteString(name, prefix + (parts is [TextPart only] ? only.Text : ""));
            return null;
        }

        writer.WriteStartArray(name);
        foreach (var part in parts)
        {
            if (Write(writer, part, ref prefix, marks) is { } error)
                return error;
        }

        writer.WriteEndArray();
        return null;
    }

    private static GatewayError? Write(Utf8JsonWriter writer, Part part, ref string? prefix, CacheMarks marks)
    {
        switch (part)
        {
            case TextPart text:
                writer.WriteStartObject();
                writer.WriteString("type"u8, ResponsesItemTypes.InputText);
                writer.WriteString("text"u8, prefix + text.Text);
                End(writer, part, marks);
                prefix = null;
                return null;
            case ImagePart image:
                return WriteImage(writer, image, marks);
            case FilePart file:
                return WriteFile(writer, file, marks);
            case AudioPart:
                return GatewayError.Invalid("This model takes no audio: send text, images or files, or choose a model with audio input.");
            case VideoPart:
                return GatewayError.Invalid("This model takes no video: send text, images or files, or choose a model with video input.");
            default:
                return GatewayError.Invalid("This kind of content part cannot be sent to this model.");
        }
    }

    private static GatewayError? WriteImage(Utf8JsonWriter writer, ImagePart image, CacheMarks marks)
    {
        var url = image.Url;
        if (!WebAddress.IsWeb(url))
        {
            if (!DataUrl.TryParse(url, out var data))
                return InvalidImage("an image must be an http(s) address or a base64 data URL");
            if (data.MediaType is not ("image/jpeg" or "image/png" or "image/gif" or "image/webp"))
                return InvalidImage($"this model takes jpeg, png, gif and webp images, not {data.MediaType}");
            url = $"data:{data.MediaType};base64,{data.Base64}";
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.InputImage);
        writer.WriteString("image_url"u8, url);
        writer.WriteString("detail"u8, image.Detail is "low" or "high" ? image.Detail : "auto");
        End(writer, image, marks);
        return null;
    }

    private static GatewayError? WriteFile(Utf8JsonWriter writer, FilePart file, CacheMarks marks)
    {
        if (file.Data is not { } content)
            return GatewayError.Invalid(file.FileId is null ? "A file part needs file_data." : "Files by file_id are not offered: send the content as file_data.");
        var isWeb = WebAddress.IsWeb(content);
        DataUrl data = default;
        if (!isWeb && !DataUrl.TryParse(content, out data) && !DataUrl.TrySniff(content, out data))
            return GatewayError.Invalid("file_data must be an http(s) address or a base64 data URL.");
        if (data.MediaType?.StartsWith("image/", StringComparison.Ordinal) == true)
            return WriteImage(writer, new ImagePart($"data:{data.MediaType};base64,{data.Base64}", null) { Cache = file.Cache }, marks);
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.InputFile);
        if (isWeb)
        {
            writer.WriteString("file_url"u8, content);
        }
        else
        {
            writer.WriteString("filename"u8, file.FileName ?? "file");
            writer.WriteString("file_data"u8, $"data:{data.MediaType};base64,{data.Base64}");
        }

        End(writer, file, marks);
        return null;
    }

    private static void End(Utf8JsonWriter writer, Part part, CacheMarks marks)
    {
        if (part.Cache is not null && marks == CacheMarks.Breakpoint)
        {
            writer.WriteStartObject("prompt_cache_breakpoint"u8);
            writer.WriteString("mode"u8, "explicit"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static GatewayError InvalidImage(string why) => new() { Kind = ErrorKind.InvalidImage, Message = $"An image cannot be used: {why}." };
}
