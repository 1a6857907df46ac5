using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary><c>tools</c>, which are flat here, and <c>tool_choice</c> as those of a chat completion.</summary>
internal static class ToolRewriter
{
    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        if (AllowedTools.Read(body, out var allowed) is { } wrong)
            return wrong;
        if (body.Member("tools"u8) is { } tools)
        {
            if (tools.ValueKind != JsonValueKind.Array)
                return GatewayError.Invalid("tools must be an array.", "tools");
            chat.WriteStartArray("tools"u8);
            var at = 0;
            foreach (var tool in tools.EnumerateArray())
            {
                var place = $"tools[{at++}]";
                if (allowed is not null && tool.ValueKind == JsonValueKind.Object && !allowed.Holds(tool))
                    continue;
                if (WriteTool(tool, place, chat) is { } error)
                    return error;
            }

            chat.WriteEndArray();
        }

        if (allowed is not null)
        {
            chat.WriteString("tool_choice"u8, allowed.Mode);
            return null;
        }

        return body.Member("tool_choice"u8) is { } choice ? WriteChoice(choice, chat) : null;
    }

    private static GatewayError? WriteTool(JsonElement tool, string at, Utf8JsonWriter chat)
    {
        if (tool.ValueKind != JsonValueKind.Object)
            return GatewayError.Invalid($"{at} must be an object.", at);
        var type = tool.Text("type"u8);
        if (type is null)
            return GatewayError.Invalid($"{at}.type is required.", at + ".type");
        if (ServerTools.TypeOf(type) is not null)
        {
            chat.WriteAsIs(tool);
            return null;
        }

        if (type != "function")
            return GatewayError.Invalid($"{at}.type {type} is a tool that runs on the server, which this gateway does not have; accepted are function, web_search and {string.Join(", ", ServerTools.Types!)}.", at + ".type");
        chat.WriteStartObject();
        chat.WriteString("type"u8, "function"u8);
        chat.WriteStartObject("function"u8);
        foreach (var name in (ReadOnlySpan<string>)["name", "description", "parameters", "strict"])
        {
            if (tool.Member(name) is { } value)
            {
                chat.WritePropertyName(name);
                chat.WriteAsIs(value);
            }
        }

        chat.WriteEndObject();
        chat.WriteEndObject();
        return null;
    }

    private static GatewayError? WriteChoice(JsonElement choice, Utf8JsonWriter chat)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            chat.WritePropertyName("tool_choice"u8);
            chat.WriteAsIs(choice);
            return null;
        }

        if (choice.Text("type"u8) is { } type && ServerTools.TypeOf(type) is not null)
        {
            chat.WriteStartObject("tool_choice"u8);
            chat.WriteString("type"u8, type);
            chat.WriteEndObject();
            return null;
        }

        if (choice.Text("type"u8) != "function" || choice.Text("name"u8) is not { Length: > 0 } name)
            return GatewayError.Invalid("tool_choice must be auto, none, required, or an object: of type function with a name, of type allowed_tools, or of the type of a tool that the gateway runs.", "tool_choice");
        chat.WriteStartObject("tool_choice"u8);
        chat.WriteString("type"u8, "function"u8);
        chat.WriteStartObject("function"u8);
        chat.WriteString("name"u8, name);
        chat.WriteEndObject();
        chat.WriteEndObject();
        return null;
    }
}
