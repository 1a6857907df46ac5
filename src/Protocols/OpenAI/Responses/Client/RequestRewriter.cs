using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// Says the body of <c>POST /responses</c> again as a chat completion (inference §10.1): members both dialects have are copied as they stand and checked by the
/// chat reader, the others are told apart here. <see cref="InputRewriter"/> does the items, <see cref="ToolRewriter"/> the tools.
/// </summary>
internal static class RequestRewriter
{
    /// <summary>What members of the chat completion are called here.</summary>
    public static readonly (string Chat, string Theirs)[] Names =
    [
        ("response_format.json_schema", "text.format"), ("response_format", "text.format"), (".function.", "."), ("max_tokens", "max_output_tokens"), ("verbosity", "text.verbosity"),
    ];

    // The same in both dialects, or the gateway's own.
    private static readonly string[] Same =
    [
        "model", "models", "provider", "plugins", "route", "session_id", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "parallel_tool_calls", "stream",
        "metadata", "prompt_cache_key", "prompt_cache_options", "service_tier", "cache_control", "reasoning", "debug", "image_config", "modalities", "max_tool_calls",
        "stop_server_tools_when", "trace", "preset", "transforms",
    ];

    /// <summary>Writes the members of the chat completion; the error is the first thing that cannot be said.</summary>
    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        if (Stored(body) is { } stored)
            return stored;
        foreach (var name in Same)
            Copy(body, name, name, chat);
        Copy(body, "max_output_tokens", "max_tokens", chat);
        Copy(body, body.Member("user"u8) is null ? "safety_identifier" : "user", "user", chat);
        return WriteTruncation(body, chat) ?? WriteText(body, chat) ?? ToolRewriter.Write(body, chat) ?? InputRewriter.Write(body, chat);
    }

    /// <summary>Nothing is stored here, so nothing stored can be asked for (I-46).</summary>
    private static GatewayError? Stored(JsonElement body)
    {
        if (body.Flag("store"u8))
            return GatewayError.Invalid("store must be false: responses are not stored. Send the whole input each time.", "store");
        if (body.Flag("background"u8))
            return GatewayError.Invalid("background must be false: responses are not stored.", "background");
        foreach (var name in (ReadOnlySpan<string>)["previous_response_id", "prompt", "conversation"])
        {
            if (body.Member(name) is not null)
                return GatewayError.Invalid($"{name} must be null: nothing is stored. Send the whole input each time.", name);
        }

        return null;
    }

    /// <summary>I-47.</summary>
    private static GatewayError? WriteTruncation(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("truncation"u8) is not { } truncation)
            return null;
        var word = truncation.ValueKind == JsonValueKind.String ? truncation.Decode() : "";
        if (word is not ("auto" or "disabled"))
            return GatewayError.Invalid("truncation must be one of auto, disabled.", "truncation");
        if (body.Member("transforms"u8) is not null)
            return null;
        chat.WriteStartArray("transforms"u8);
        if (word == "auto")
            chat.WriteStringValue("middle-out"u8);
        chat.WriteEndArray();
        return null;
    }

    private static GatewayError? WriteText(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("text"u8) is not { } text)
            return null;
        if (text.ValueKind != JsonValueKind.Object)
            return GatewayError.Invalid("text must be an object.", "text");
        Copy(text, "verbosity", "verbosity", chat);
        if (text.Member("format"u8) is not { } format)
            return null;
        switch (format.Text("type"u8))
        {
            case "text":
                return null;
            case "json_object":
                chat.WriteStartObject("response_format"u8);
                chat.WriteString("type"u8, "json_object"u8);
                chat.WriteEndObject();
                return null;
            case "json_schema":
                chat.WriteStartObject("response_format"u8);
                chat.WriteString("type"u8, "json_schema"u8);
                chat.WriteStartObject("json_schema"u8);
                foreach (var name in (ReadOnlySpan<string>)["name", "description", "schema", "strict"])
                    Copy(format, name, name, chat);
                chat.WriteEndObject();
                chat.WriteEndObject();
                return null;
            default:
                return GatewayError.Invalid("text.format.type must be one of text, json_object, json_schema.", "text.format.type");
        }
    }

    private static void Copy(JsonElement from, string name, string to, Utf8JsonWriter chat)
    {
        if (from.Member(name) is not { } value)
            return;
        chat.WritePropertyName(to);
        chat.WriteAsIs(value);
    }
}
