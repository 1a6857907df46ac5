using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>Parts of an item's content as content parts of a chat completion (inference §10.2).</summary>
internal static class PartRewriter
{
    /// <summary>A string, or an array of parts, as a value.</summary>
    public static GatewayError? WriteContent(JsonElement content, string at, Utf8JsonWriter chat)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            chat.WriteAsIs(content);
            return null;
        }

        chat.WriteStartArray();
        if (WriteParts(content, at, chat) is { } error)
            return error;
        chat.WriteEndArray();
        return null;
    }

    /// <summary>The same as elements of an array that is open.</summary>
    public static GatewayError? WriteParts(JsonElement content, string at, Utf8JsonWriter chat)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            WriteText("text"u8, "text"u8, content, null, chat);
            return null;
        }

        var index = 0;
        foreach (var part in content.EnumerateArray())
        {
            if (WritePart(part, $"{at}[{index++}]", chat) is { } error)
                return error;
        }

        return null;
    }

    private static GatewayError? WritePart(JsonElement part, string at, Utf8JsonWriter chat)
    {
        switch (part.Text("type"u8))
        {
            case ResponsesItemTypes.InputText or ResponsesItemTypes.OutputText or "text":
                if (part.Member("text"u8) is not { ValueKind: JsonValueKind.String } text)
                    return GatewayError.Invalid($"{at}.text is required and must be a string.", at + ".text");
                WriteText("text"u8, "text"u8, text, part, chat);
                return null;
            case ResponsesItemTypes.Refusal:
                if (part.Member("refusal"u8) is not { ValueKind: JsonValueKind.String } refusal)
                    return GatewayError.Invalid($"{at}.refusal is required and must be a string.", at + ".refusal");
                WriteText("refusal"u8, "refusal"u8, refusal, part, chat);
                return null;
            case ResponsesItemTypes.InputImage:
                return WriteImage(part, at, chat);
            case ResponsesItemTypes.InputFile:
                return WriteFile(part, at, chat);
            case "input_audio":
                return WriteNested("input_audio"u8, part, at, chat);
            case "input_video":
                if (part.Member("video_url"u8) is not { ValueKind: JsonValueKind.String } video)
                    return GatewayError.Invalid($"{at}.video_url is required and must be a string.", at + ".video_url");
                WriteUrl("video_url"u8, video, null, part, chat);
                return null;
            default:
                return GatewayError.Invalid(
                    $"{at}.type must be one of input_text, input_image, input_file, input_audio, input_video, output_text, refusal.", at + ".type");
        }
    }

    private static GatewayError? WriteImage(JsonElement part, string at, Utf8JsonWriter chat)
    {
        if (part.Member("image_url"u8) is not { ValueKind: JsonValueKind.String } url)
            return new GatewayError { Kind = ErrorKind.InvalidImage, Message = $"{at}.image_url is required and must be a string; uploaded files are not kept here.", Param = at + ".image_url" };
        WriteUrl("image_url"u8, url, part.Member("detail"u8), part, chat);
        return null;
    }

    private static GatewayError? WriteFile(JsonElement part, string at, Utf8JsonWriter chat)
    {
        if ((part.Member("file_data"u8) ?? part.Member("file_url"u8)) is not { ValueKind: JsonValueKind.String } data)
            return GatewayError.Invalid($"{at}.file_data or {at}.file_url is required and must be a string; uploaded files are not kept here.", at);
        chat.WriteStartObject();
        chat.WriteString("type"u8, "file"u8);
        chat.WriteStartObject("file"u8);
        chat.WriteString("filename"u8, part.Text("filename"u8) ?? "document.pdf");
        chat.WritePropertyName("file_data"u8);
        chat.WriteAsIs(data);
        chat.WriteEndObject();
        Close(part, chat);
        return null;
    }

    private static GatewayError? WriteNested(ReadOnlySpan<byte> name, JsonElement part, string at, Utf8JsonWriter chat)
    {
        if (part.Member(name) is not { ValueKind: JsonValueKind.Object } value)
            return GatewayError.Invalid($"{at} lacks its {System.Text.Encoding.UTF8.GetString(name)}.", at);
        chat.WriteStartObject();
        chat.WriteString("type"u8, name);
        chat.WritePropertyName(name);
        chat.WriteAsIs(value);
        Close(part, chat);
        return null;
    }

    private static void WriteUrl(ReadOnlySpan<byte> type, JsonElement url, JsonElement? detail, JsonElement part, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        chat.WriteString("type"u8, type);
        chat.WriteStartObject(type);
        chat.WritePropertyName("url"u8);
        chat.WriteAsIs(url);
        if (detail is { } given)
        {
            chat.WritePropertyName("detail"u8);
            chat.WriteAsIs(given);
        }

        chat.WriteEndObject();
        Close(part, chat);
    }

    private static void WriteText(ReadOnlySpan<byte> type, ReadOnlySpan<byte> member, JsonElement text, JsonElement? part, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        chat.WriteString("type"u8, type);
        chat.WritePropertyName(member);
        chat.WriteAsIs(text);
        Close(part, chat);
    }

    private static void Close(JsonElement? part, Utf8JsonWriter chat)
    {
        if (part?.Member("prompt_cache_breakpoint"u8) is { } mark)
        {
            chat.WritePropertyName("prompt_cache_breakpoint"u8);
            chat.WriteAsIs(mark);
        }

        chat.WriteEndObject();
    }
}
