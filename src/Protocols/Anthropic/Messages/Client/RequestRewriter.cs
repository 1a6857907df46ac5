using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// Says the body of <c>POST /messages</c> again as a chat completion (inference §12.1, I-55): the members both dialects have are copied as they stand and checked
/// by the chat reader, the others are told apart here. <see cref="TurnRewriter"/> does the messages, <see cref="ToolRewriter"/> the tools.
/// </summary>
internal static class RequestRewriter
{
    private const int MostFallbacks = 3;
    private const int LongestUser = 256;

    /// <summary>What members of the chat completion are called here.</summary>
    public static readonly (string Chat, string Theirs)[] Names =
    [
        (".function.parameters", ".input_schema"), (".function.name", ".name"), (".function.description", ".description"), (".function.strict", ".strict"),
        ("reasoning.max_tokens", "thinking.budget_tokens"), ("reasoning.effort", "output_config.effort"), ("response_format.json_schema.schema", "output_config.format.schema"),
        ("parallel_tool_calls", "tool_choice.disable_parallel_tool_use"), ("stop", "stop_sequences"),
    ];

    // The same in both dialects, or the gateway's own.
    private static readonly string[] Same =
    [
        "model", "models", "max_tokens", "temperature", "top_p", "top_k", "stream", "cache_control", "provider", "plugins", "route", "session_id", "user", "trace", "preset",
        "transforms", "debug", "stop_server_tools_when",
    ];

    /// <summary>Writes the members of the chat completion; the error is the first thing that cannot be said.</summary>
    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        foreach (var name in Same)
        {
            if (body.Member(name) is { } value)
            {
                chat.WritePropertyName(name);
                chat.WriteAsIs(value);
            }
        }

        return WriteModel(body, chat) ?? WriteTier(body, chat) ?? WriteStops(body, chat) ?? WriteUser(body, chat) ?? WriteThinking(body, chat) ?? WriteFormat(body, chat)
            ?? ToolRewriter.Write(body, chat) ?? TurnRewriter.Write(body, chat);
    }

    private static GatewayError? WriteModel(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("model"u8) is null && body.Member("preset"u8) is null)
            return GatewayError.Invalid("model is required.", "model");
        if (body.Member("fallbacks"u8) is not { } fallbacks)
            return null;
        if (body.Member("models"u8) is not null)
            return GatewayError.Invalid("fallbacks cannot be sent together with models.", "fallbacks");
        if (fallbacks.ValueKind != JsonValueKind.Array || fallbacks.GetArrayLength() > MostFallbacks)
            return GatewayError.Invalid($"fallbacks must be an array of at most {MostFallbacks} objects with a model.", "fallbacks");
        chat.WriteStartArray("models"u8);
        var at = 0;
        foreach (var fallback in fallbacks.EnumerateArray())
        {
            if (fallback.ValueKind != JsonValueKind.Object || fallback.Text("model"u8) is not { Length: > 0 } model || fallback.EnumerateObject().Count() > 1)
                return GatewayError.Invalid($"fallbacks[{at}] must be an object with a model and nothing else.", $"fallbacks[{at}]");
            chat.WriteStringValue(model);
            at++;
        }

        chat.WriteEndArray();
        return null;
    }

    // standard_only is the vendor's word for the tier everybody has; the others are the gateway's.
    private static GatewayError? WriteTier(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("service_tier"u8) is not { } tier)
        {
            if (body.Text("speed"u8) == "fast")
                chat.WriteString("service_tier"u8, "fast"u8);
            return null;
        }

        chat.WritePropertyName("service_tier"u8);
        if (tier.ValueKind == JsonValueKind.String && tier.ValueEquals("standard_only"u8))
            chat.WriteStringValue("default"u8);
        else
            chat.WriteAsIs(tier);
        return null;
    }

    private static GatewayError? WriteStops(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("stop_sequences"u8) is not { } stops)
            return null;
        if (stops.ValueKind != JsonValueKind.Array)
            return GatewayError.Invalid("stop_sequences must be an array of strings.", "stop_sequences");
        chat.WritePropertyName("stop"u8);
        chat.WriteAsIs(stops);
        return null;
    }

    /// <summary>Coding agents put more into <c>user_id</c> than a user's id may hold; what identifies is kept, by its hash.</summary>
    private static GatewayError? WriteUser(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("metadata"u8) is not { } metadata || body.Member("user"u8) is not null)
            return null;
        if (metadata.ValueKind != JsonValueKind.Object)
            return GatewayError.Invalid("metadata must be an object.", "metadata");
        if (metadata.Member("user_id"u8) is not { } user)
            return null;
        if (user.ValueKind != JsonValueKind.String)
            return GatewayError.Invalid("metadata.user_id must be a string.", "metadata.user_id");
        var id = user.Decode();
        chat.WriteString("user"u8, id.Length <= LongestUser ? id : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id))));
        return null;
    }

    private static GatewayError? WriteThinking(JsonElement body, Utf8JsonWriter chat)
    {
        var effort = body.Member("output_config"u8)?.Member("effort"u8);
        if (body.Member("thinking"u8) is not { } thinking)
        {
            if (effort is null)
                return null;
            chat.WriteStartObject("reasoning"u8);
            chat.WritePropertyName("effort"u8);
            chat.WriteAsIs(effort.Value);
            chat.WriteEndObject();
            return null;
        }

        var type = thinking.Text("type"u8);
        if (type is not ("enabled" or "disabled" or "adaptive"))
            return GatewayError.Invalid("thinking.type must be one of enabled, disabled, adaptive.", "thinking.type");
        var budget = thinking.Member("budget_tokens"u8);
        if (type == "enabled" && budget is null)
            return GatewayError.Invalid("thinking.budget_tokens is required with type enabled.", "thinking.budget_tokens");
        chat.WriteStartObject("reasoning"u8);
        chat.WriteBoolean("enabled"u8, type != "disabled");
        if (type == "enabled")
        {
            chat.WritePropertyName("max_tokens"u8);
            chat.WriteAsIs(budget!.Value);
        }
        else if (type == "adaptive" && effort is not null)
        {
            chat.WritePropertyName("effort"u8);
            chat.WriteAsIs(effort.Value);
        }

        if (thinking.Text("display"u8) == "omitted")
            chat.WriteBoolean("exclude"u8, true);
        chat.WriteEndObject();
        return null;
    }

    private static GatewayError? WriteFormat(JsonElement body, Utf8JsonWriter chat)
    {
        var format = body.Member("output_config"u8)?.Member("format"u8) ?? body.Member("output_format"u8);
        if (format is null)
            return null;
        if (format.Value.Text("type"u8) != "json_schema" || format.Value.Member("schema"u8) is not { ValueKind: JsonValueKind.Object } schema)
            return GatewayError.Invalid("output_config.format must be of type json_schema and hold a schema.", "output_config.format");
        chat.WriteStartObject("response_format"u8);
        chat.WriteString("type"u8, "json_schema"u8);
        chat.WriteStartObject("json_schema"u8);
        chat.WriteString("name"u8, "answer"u8);
        chat.WriteBoolean("strict"u8, true);
        chat.WritePropertyName("schema"u8);
        chat.WriteAsIs(schema);
        chat.WriteEndObject();
        chat.WriteEndObject();
        return null;
    }
}
