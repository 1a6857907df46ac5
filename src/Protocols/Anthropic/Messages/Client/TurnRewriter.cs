using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// <c>system</c> and <c>messages</c> as those of a chat completion. One turn of the user becomes the results of the calls before it, each a message of role
/// <c>tool</c>, and what else was said; one turn of the assistant stays one message, with its thoughts, text and calls. Blocks of the vendor's own tools and of
/// compaction mean nothing to others and are left out.
/// </summary>
internal static class TurnRewriter
{
    private static readonly string[] Known =
    [
        "text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use", "web_search_tool_result", "search_result", "compaction",
    ];

    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("messages"u8) is not { ValueKind: JsonValueKind.Array } turns || turns.GetArrayLength() == 0)
            return GatewayError.Invalid("messages is required and must hold at least one message.", "messages");
        chat.WriteStartArray("messages"u8);
        if (body.Member("system"u8) is { } system && WriteSystem(system, "system", chat) is { } unusable)
            return unusable;
        var calls = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var turn in turns.EnumerateArray())
        {
            var at = $"messages[{index++}]";
            if (turn.ValueKind != JsonValueKind.Object)
                return GatewayError.Invalid($"{at} must be an object.", at);
            if (turn.Member("content"u8) is not { } content)
                return GatewayError.Invalid($"{at}.content is required.", at + ".content");
            var error = turn.Text("role"u8) switch
            {
                "user" => WriteUser(content, at + ".content", calls, chat),
                "assistant" => WriteAssistant(content, at + ".content", calls, chat),
                "system" => WriteSystem(content, at + ".content", chat),
                _ => GatewayError.Invalid($"{at}.role must be one of user, assistant, system.", at + ".role"),
            };
            if (error is not null)
                return error;
        }

        chat.WriteEndArray();
        return null;
    }

    private static GatewayError? WriteSystem(JsonElement content, string at, Utf8JsonWriter chat)
    {
        if (content.ValueKind == JsonValueKind.Array && content.GetArrayLength() == 0)
            return null;
        Begin("system"u8, chat);
        return End(WriteContent(content, at, chat, block => block.Text("type"u8) == "text"), chat);
    }

    private static GatewayError? WriteUser(JsonElement content, string at, HashSet<string> calls, Utf8JsonWriter chat)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            Begin("user"u8, chat);
            return End(WriteContent(content, at, chat, null), chat);
        }

        if (CheckBlocks(content, at, out var results) is { } error)
            return error;
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            if (block.Text("type"u8) == "tool_result" && WriteResult(block, $"{at}[{index}]", calls, chat) is { } unusable)
                return unusable;
            index++;
        }

        if (results == index && index > 0)
            return null;
        Begin("user"u8, chat);
        return End(WriteContent(content, at, chat, static block => block.Text("type"u8) != "tool_result"), chat);
    }

    private static GatewayError? WriteResult(JsonElement block, string at, HashSet<string> calls, Utf8JsonWriter chat)
    {
        if (block.Text("tool_use_id"u8) is not { Length: > 0 } id)
            return GatewayError.Invalid($"{at}.tool_use_id is required.", at + ".tool_use_id");
        if (!calls.Contains(id))
            return GatewayError.Invalid($"{at}.tool_use_id matches no tool_use block of an earlier assistant message.", at + ".tool_use_id");
        Begin("tool"u8, chat);
        chat.WriteString("tool_call_id"u8, id);
        // No member of a chat completion: it goes to those that know it, and to no other.
        if (block.Flag("is_error"u8))
            chat.WriteBoolean("is_error"u8, true);
        if (block.Member("cache_control"u8) is { } mark)
        {
            chat.WritePropertyName("cache_control"u8);
            chat.WriteAsIs(mark);
        }

        if (block.Member("content"u8) is { } content)
            return End(WriteContent(content, at + ".content", chat, null), chat);
        chat.WriteString("content"u8, ""u8);
        return End(null, chat);
    }

    private static GatewayError? WriteAssistant(JsonElement content, string at, HashSet<string> calls, Utf8JsonWriter chat)
    {
        Begin("assistant"u8, chat);
        if (content.ValueKind == JsonValueKind.String)
            return End(WriteContent(content, at, chat, null), chat);
        if (CheckBlocks(content, at, out _) is { } error)
            return error;
        if (WriteContent(content, at, chat, static block => block.Text("type"u8) == "text") is { } unusable)
            return unusable;
        ThoughtRewriter.Write(content, chat);
        return End(WriteCalls(content, at, calls, chat), chat);
    }

    private static GatewayError? WriteCalls(JsonElement content, string at, HashSet<string> calls, Utf8JsonWriter chat)
    {
        var any = false;
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            var place = $"{at}[{index++}]";
            if (block.Text("type"u8) != "tool_use")
                continue;
            if (block.Text("id"u8) is not { Length: > 0 } id)
                return GatewayError.Invalid($"{place}.id is required.", place + ".id");
            if (block.Text("name"u8) is not { Length: > 0 } name)
                return GatewayError.Invalid($"{place}.name is required.", place + ".name");
            if (!any)
                chat.WriteStartArray("tool_calls"u8);
            any = true;
            calls.Add(id);
            chat.WriteStartObject();
            chat.WriteString("id"u8, id);
            chat.WriteString("type"u8, "function"u8);
            chat.WriteStartObject("function"u8);
            chat.WriteString("name"u8, name);
            chat.WriteString("arguments"u8, block.Member("input"u8)?.Compact() ?? "{}");
            chat.WriteEndObject();
            chat.WriteEndObject();
        }

        if (any)
            chat.WriteEndArray();
        return null;
    }

    private static GatewayError? CheckBlocks(JsonElement content, string at, out int results)
    {
        results = 0;
        if (content.ValueKind != JsonValueKind.Array)
            return GatewayError.Invalid($"{at} must be a string or an array of blocks.", at);
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            var type = block.Text("type"u8);
            if (type is null || !Known.Contains(type))
                return GatewayError.Invalid($"{at}[{index}].type must be one of {string.Join(", ", Known)}.", $"{at}[{index}].type");
            if (type == "tool_result")
                results++;
            index++;
        }

        return null;
    }

    /// <summary>Writes <c>content</c>: the text, or the blocks that are <paramref name="wanted"/> (all when null) as parts.</summary>
    private static GatewayError? WriteContent(JsonElement content, string at, Utf8JsonWriter chat, Func<JsonElement, bool>? wanted)
    {
        chat.WritePropertyName("content"u8);
        if (content.ValueKind == JsonValueKind.String)
        {
            chat.WriteAsIs(content);
            return null;
        }

        if (content.ValueKind != JsonValueKind.Array)
            return GatewayError.Invalid($"{at} must be a string or an array of blocks.", at);
        chat.WriteStartArray();
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            var place = $"{at}[{index++}]";
            if (block.ValueKind != JsonValueKind.Object)
                return GatewayError.Invalid($"{place} must be an object.", place);
            if ((wanted is null || wanted(block)) && PartRewriter.Write(block, place, chat) is { } error)
                return error;
        }

        chat.WriteEndArray();
        return null;
    }

    private static void Begin(ReadOnlySpan<byte> role, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        chat.WriteString("role"u8, role);
    }

    private static GatewayError? End(GatewayError? error, Utf8JsonWriter chat)
    {
        chat.WriteEndObject();
        return error;
    }
}
