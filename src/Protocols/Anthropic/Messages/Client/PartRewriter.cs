using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>Text, images, documents and search results as content parts of a chat completion.</summary>
internal static class PartRewriter
{
    private static readonly string[] ImageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];

    public static GatewayError? Write(JsonElement block, string at, Utf8JsonWriter chat) => block.Text("type"u8) switch
    {
        "text" => WriteText(block, at, chat),
        "image" => WriteImage(block, at, chat),
        "document" => WriteDocument(block, at, chat),
        "search_result" => WriteSearchResult(block, at, chat),
        null => GatewayError.Invalid($"{at}.type is required.", at + ".type"),
        _ => null, // calls, thoughts and results are told elsewhere; the vendor's own tools' blocks mean nothing to others
    };

    private static GatewayError? WriteText(JsonElement block, string at, Utf8JsonWriter chat)
    {
        if (block.Member("text"u8) is not { ValueKind: JsonValueKind.String } text)
            return GatewayError.Invalid($"{at}.text is required and must be a string.", at + ".text");
        chat.WriteStartObject();
        chat.WriteString("type"u8, "text"u8);
        chat.WritePropertyName("text"u8);
        chat.WriteAsIs(text);
        return Close(block, chat);
    }

    private static GatewayError? WriteImage(JsonElement block, string at, Utf8JsonWriter chat)
    {
        if (ReadSource(block, at, out var url, out var mediaType) is { } error)
            return error with { Kind = ErrorKind.InvalidImage };
        if (mediaType is not null && !ImageTypes.Contains(mediaType))
            return new GatewayError { Kind = ErrorKind.InvalidImage, Message = $"{at}.source.media_type must be one of {string.Join(", ", ImageTypes)}.", Param = at + ".source.media_type" };
        chat.WriteStartObject();
        chat.WriteString("type"u8, "image_url"u8);
        chat.WriteStartObject("image_url"u8);
        chat.WriteString("url"u8, url);
        chat.WriteEndObject();
        return Close(block, chat);
    }

    private static GatewayError? WriteDocument(JsonElement block, string at, Utf8JsonWriter chat)
    {
        var source = block.Member("source"u8);
        var type = source?.Text("type"u8);
        var title = block.Text("title"u8);
        if (type == "content")
            return WriteJoined(title, null, source!.Value.Member("content"u8), at + ".source.content", block, chat);
        if (type == "text")
        {
            if (source!.Value.Text("data"u8) is not { } data)
                return GatewayError.Invalid($"{at}.source.data is required.", at + ".source.data");
            return WriteFile(title ?? "document.txt", "data:text/plain;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(data)), block, chat);
        }

        return ReadSource(block, at, out var url, out _) is { } error ? error : WriteFile(title ?? "document.pdf", url, block, chat);
    }

    private static GatewayError? WriteSearchResult(JsonElement block, string at, Utf8JsonWriter chat) =>
        WriteJoined(block.Text("title"u8), block.Text("source"u8), block.Member("content"u8), at + ".content", block, chat);

    /// <summary>Text blocks with a heading, as one text.</summary>
    private static GatewayError? WriteJoined(string? title, string? source, JsonElement? content, string at, JsonElement block, Utf8JsonWriter chat)
    {
        var text = new StringBuilder();
        if (title is not null)
            text.AppendLine(title);
        if (source is not null)
            text.AppendLine(source);
        if (content is { ValueKind: JsonValueKind.String } whole)
            text.Append(whole.Decode());
        else if (content is not { ValueKind: JsonValueKind.Array } blocks)
            return GatewayError.Invalid($"{at} must be a string or an array of text blocks.", at);
        else
            text.AppendJoin('\n', blocks.EnumerateArray().Select(one => one.Text("text"u8)).Where(one => one is not null));
        chat.WriteStartObject();
        chat.WriteString("type"u8, "text"u8);
        chat.WriteString("text"u8, text.ToString());
        return Close(block, chat);
    }

    private static GatewayError? WriteFile(string name, string data, JsonElement block, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        chat.WriteString("type"u8, "file"u8);
        chat.WriteStartObject("file"u8);
        chat.WriteString("filename"u8, name);
        chat.WriteString("file_data"u8, data);
        chat.WriteEndObject();
        return Close(block, chat);
    }

    /// <summary>An address, or base64 as a <c>data:</c> URL.</summary>
    private static GatewayError? ReadSource(JsonElement block, string at, out string url, out string? mediaType)
    {
        (url, mediaType) = ("", null);
        if (block.Member("source"u8) is not { ValueKind: JsonValueKind.Object } source)
            return GatewayError.Invalid($"{at}.source is required and must be an object.", at + ".source");
        switch (source.Text("type"u8))
        {
            case "url":
                url = source.Text("url"u8) ?? "";
                return WebAddress.IsWeb(url) ? null : GatewayError.Invalid($"{at}.source.url must be an http or https address.", at + ".source.url");
            case "base64":
                mediaType = source.Text("media_type"u8);
                var data = source.Text("data"u8);
                if (mediaType is null)
                    return GatewayError.Invalid($"{at}.source.media_type is required.", at + ".source.media_type");
                if (string.IsNullOrEmpty(data) || !Base64.IsValid(data))
                    return GatewayError.Invalid($"{at}.source.data must be base64.", at + ".source.data");
                url = $"data:{mediaType};base64,{data}";
                return null;
            default:
                return GatewayError.Invalid($"{at}.source.type must be one of base64, url.", at + ".source.type");
        }
    }

    private static GatewayError? Close(JsonElement block, Utf8JsonWriter chat)
    {
        if (block.Member("cache_control"u8) is { } mark)
        {
            chat.WritePropertyName("cache_control"u8);
            chat.WriteAsIs(mark);
        }

        chat.WriteEndObject();
        return null;
    }
}
