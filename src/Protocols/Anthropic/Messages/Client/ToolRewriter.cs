using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary><c>tools</c> and <c>tool_choice</c> as those of a chat completion.</summary>
internal static class ToolRewriter
{
    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("tools"u8) is { } tools)
        {
            if (tools.ValueKind != JsonValueKind.Array)
                return GatewayError.Invalid("tools must be an array.", "tools");
            chat.WriteStartArray("tools"u8);
            var at = 0;
            foreach (var tool in tools.EnumerateArray())
            {
                if (WriteTool(tool, $"tools[{at++}]", chat) is { } error)
                    return error;
            }

            chat.WriteEndArray();
        }

        return body.Member("tool_choice"u8) is { } choice ? WriteChoice(choice, chat) : null;
    }

    private static GatewayError? WriteTool(JsonElement tool, string at, Utf8JsonWriter chat)
    {
        if (tool.ValueKind != JsonValueKind.Object)
            return GatewayError.Invalid($"{at} must be an object.", at);
        if (tool.Text("type"u8) is { } server && (ServerTools.TypeOf(server) is not null || VendorSearch.IsType(server)))
            return WriteServerTool(tool, server, chat);
        if (tool.Text("type"u8) is { } type && type != "custom")
            return GatewayError.Invalid($"{at}.type {type} is a tool of the vendor's own, which this gateway does not have; accepted are tools with a name and an input_schema, web_search_20250305 and {string.Join(", ", ServerTools.Types!)}.", at + ".type");
        if (tool.Member("input_schema"u8) is not { ValueKind: JsonValueKind.Object } schema)
            return GatewayError.Invalid($"{at}.input_schema is required and must be an object.", at + ".input_schema");
        chat.WriteStartObject();
        chat.WriteString("type"u8, "function"u8);
        chat.WriteStartObject("function"u8);
        Copy(tool, "name"u8, chat);
        Copy(tool, "description"u8, chat);
        Copy(tool, "strict"u8, chat);
        chat.WritePropertyName("parameters"u8);
        chat.WriteAsIs(schema);
        chat.WriteEndObject();
        Copy(tool, "cache_control"u8, chat);
        chat.WriteEndObject();
        return null;
    }

    /// <summary>The vendor's web search is ours; its members have the same names but one.</summary>
    private static GatewayError? WriteServerTool(JsonElement tool, string type, Utf8JsonWriter chat)
    {
        if (ServerTools.TypeOf(type) is not null)
        {
            chat.WriteAsIs(tool);
            return null;
        }

        chat.WriteStartObject();
        chat.WriteString("type"u8, ServerTools.WebSearch);
        Copy(tool, "max_uses"u8, chat);
        Copy(tool, "allowed_domains"u8, chat);
        Copy(tool, "user_location"u8, chat);
        if (tool.Member("blocked_domains"u8) is { } blocked)
        {
            chat.WritePropertyName("excluded_domains"u8);
            chat.WriteAsIs(blocked);
        }

        chat.WriteEndObject();
        return null;
    }

    private static GatewayError? WriteChoice(JsonElement choice, Utf8JsonWriter chat)
    {
        switch (choice.Text("type"u8))
        {
            case "auto":
                chat.WriteString("tool_choice"u8, "auto"u8);
                break;
            case "any":
                chat.WriteString("tool_choice"u8, "required"u8);
                break;
            case "none":
                chat.WriteString("tool_choice"u8, "none"u8);
                break;
            case "tool" when choice.Text("name"u8) is { Length: > 0 } name:
                chat.WriteStartObject("tool_choice"u8);
                chat.WriteString("type"u8, "function"u8);
                chat.WriteStartObject("function"u8);
                chat.WriteString("name"u8, name);
                chat.WriteEndObject();
                chat.WriteEndObject();
                break;
            case "tool":
                return GatewayError.Invalid("tool_choice.name is required with type tool.", "tool_choice.name");
            default:
                return GatewayError.Invalid("tool_choice.type must be one of auto, any, none, tool.", "tool_choice.type");
        }

        if (choice.Flag("disable_parallel_tool_use"u8))
            chat.WriteBoolean("parallel_tool_calls"u8, false);
        return null;
    }

    private static void Copy(JsonElement from, ReadOnlySpan<byte> name, Utf8JsonWriter chat)
    {
        if (from.Member(name) is not { } value)
            return;
        chat.WritePropertyName(name);
        chat.WriteAsIs(value);
    }
}
