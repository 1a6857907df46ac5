using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// <c>instructions</c> and <c>input</c> as the messages of a chat completion (inference §10.2). Items the assistant made in a row (reasoning, message, images, calls) become
/// one message, a new one where reasoning follows on text or calls; a call's output is a message of role <c>tool</c>. Items of tools that ran on a server are known
/// to their vendor only and left out.
/// </summary>
internal sealed class InputRewriter
{
    private static readonly string[] Passed = ["web_search_call", "file_search_call", "code_interpreter_call", "computer_call", "compaction"];

    private readonly Utf8JsonWriter chat;
    private readonly HashSet<string> calls = new(StringComparer.Ordinal);
    private readonly List<JsonElement> reasoning = [];
    private readonly List<(JsonElement Content, string At)> said = [];
    private readonly List<JsonElement> called = [];
    private readonly List<string> made = [];

    private InputRewriter(Utf8JsonWriter chat) => this.chat = chat;

    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        chat.WriteStartArray("messages"u8);
        if (body.Member("instructions"u8) is { } instructions)
        {
            if (instructions.ValueKind != JsonValueKind.String)
                return GatewayError.Invalid("instructions must be a string.", "instructions");
            WriteText("system"u8, instructions, chat);
        }

        var error = body.Member("input"u8) switch
        {
            { ValueKind: JsonValueKind.String } text => WriteText("user"u8, text, chat),
            { ValueKind: JsonValueKind.Array } items when items.GetArrayLength() > 0 => new InputRewriter(chat).WriteAll(items),
            _ => GatewayError.Invalid("input is required and must be a string or an array with at least one item.", "input"),
        };
        chat.WriteEndArray();
        return error;
    }

    private static GatewayError? WriteText(ReadOnlySpan<byte> role, JsonElement text, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        chat.WriteString("role"u8, role);
        chat.WritePropertyName("content"u8);
        chat.WriteAsIs(text);
        chat.WriteEndObject();
        return null;
    }

    private GatewayError? WriteAll(JsonElement items)
    {
        var index = 0;
        foreach (var item in items.EnumerateArray())
        {
            var at = $"input[{index++}]";
            if (item.ValueKind != JsonValueKind.Object)
                return GatewayError.Invalid($"{at} must be an object.", at);
            if (WriteItem(item, at) is { } error)
                return error;
        }

        return Flush();
    }

    private GatewayError? WriteItem(JsonElement item, string at)
    {
        var type = item.Text("type"u8) ?? (item.Member("role"u8) is null ? null : ResponsesItemTypes.Message);
        switch (type)
        {
            case ResponsesItemTypes.Message:
                return WriteMessage(item, at);
            case ResponsesItemTypes.Reasoning:
                var error = said.Count + called.Count + made.Count > 0 ? Flush() : null;
                reasoning.Add(item);
                return error;
            case ResponsesItemTypes.FunctionCall:
                foreach (var name in (ReadOnlySpan<string>)["call_id", "name", "arguments"])
                {
                    if (item.Member(name) is not { ValueKind: JsonValueKind.String })
                        return GatewayError.Invalid($"{at}.{name} is required and must be a string.", $"{at}.{name}");
                }

                calls.Add(item.Text("call_id"u8)!);
                called.Add(item);
                return null;
            case ResponsesItemTypes.FunctionCallOutput:
                return WriteOutput(item, at);
            case ResponsesItemTypes.ImageGenerationCall:
                return AddImage(item, at);
            case "item_reference":
                return GatewayError.Invalid($"{at} refers to a stored item: nothing is stored. Send the item itself.", at);
            case not null when Passed.Contains(type):
                return null;
            default:
                return GatewayError.Invalid(
                    $"{at}.type must be one of message, function_call, function_call_output, image_generation_call, reasoning, {string.Join(", ", Passed)}.", at + ".type");
        }
    }

    private GatewayError? WriteMessage(JsonElement item, string at)
    {
        if (item.Member("content"u8) is not { ValueKind: JsonValueKind.String or JsonValueKind.Array } content)
            return GatewayError.Invalid($"{at}.content is required and must be a string or an array of parts.", at + ".content");
        var role = item.Text("role"u8);
        if (role == "assistant")
        {
            var error = called.Count > 0 ? Flush() : null;
            said.Add((content, at + ".content"));
            return error;
        }

        if (role is not ("user" or "system" or "developer"))
            return GatewayError.Invalid($"{at}.role must be one of user, system, developer, assistant.", at + ".role");
        if (Flush() is { } unusable)
            return unusable;
        chat.WriteStartObject();
        chat.WriteString("role"u8, role);
        chat.WritePropertyName("content"u8);
        if (PartRewriter.WriteContent(content, at + ".content", chat) is { } wrong)
            return wrong;
        chat.WriteEndObject();
        return null;
    }

    /// <summary>An image that was made; one that failed has no result and says nothing.</summary>
    private GatewayError? AddImage(JsonElement item, string at)
    {
        if (item.Member("result"u8) is not { } result)
            return null;
        if (result.ValueKind != JsonValueKind.String || result.GetString() is not { Length: > 0 } base64 || !System.Buffers.Text.Base64.IsValid(base64))
            return new GatewayError { Kind = ErrorKind.InvalidImage, Message = $"{at}.result must be base64.", Param = at + ".result" };
        var format = item.Text("output_format"u8) is "jpeg" or "webp" ? item.Text("output_format"u8) : "png";
        made.Add($"data:image/{format};base64,{base64}");
        return null;
    }

    private GatewayError? WriteOutput(JsonElement item, string at)
    {
        if (item.Text("call_id"u8) is not { Length: > 0 } id)
            return GatewayError.Invalid($"{at}.call_id is required.", at + ".call_id");
        if (!calls.Contains(id))
            return GatewayError.Invalid($"{at}.call_id matches no function_call before it.", at + ".call_id");
        if (item.Member("output"u8) is not { ValueKind: JsonValueKind.String or JsonValueKind.Array } output)
            return GatewayError.Invalid($"{at}.output is required and must be a string or an array of parts.", at + ".output");
        if (Flush() is { } unusable)
            return unusable;
        chat.WriteStartObject();
        chat.WriteString("role"u8, "tool"u8);
        chat.WriteString("tool_call_id"u8, id);
        chat.WritePropertyName("content"u8);
        if (PartRewriter.WriteContent(output, at + ".output", chat) is { } wrong)
            return wrong;
        chat.WriteEndObject();
        return null;
    }

    /// <summary>Writes what the assistant made in a row as one message.</summary>
    private GatewayError? Flush()
    {
        if (reasoning.Count + said.Count + called.Count + made.Count == 0)
            return null;
        chat.WriteStartObject();
        chat.WriteString("role"u8, "assistant"u8);
        if (said.Count > 0 && WriteSaid() is { } wrong)
            return wrong;
        ReasoningRewriter.Write(reasoning, chat);
        if (called.Count > 0)
            WriteCalls();
        if (made.Count > 0)
            WriteImages();
        chat.WriteEndObject();
        made.Clear();
        reasoning.Clear();
        said.Clear();
        called.Clear();
        return null;
    }

    private GatewayError? WriteSaid()
    {
        chat.WritePropertyName("content"u8);
        if (said is [var (only, at)])
            return PartRewriter.WriteContent(only, at, chat);
        chat.WriteStartArray();
        foreach (var (content, place) in said)
        {
            if (PartRewriter.WriteParts(content, place, chat) is { } wrong)
                return wrong;
        }

        chat.WriteEndArray();
        return null;
    }

    private void WriteImages()
    {
        chat.WriteStartArray("images"u8);
        foreach (var url in made)
        {
            chat.WriteStartObject();
            chat.WriteString("type"u8, "image_url"u8);
            chat.WriteStartObject("image_url"u8);
            chat.WriteString("url"u8, url);
            chat.WriteEndObject();
            chat.WriteEndObject();
        }

        chat.WriteEndArray();
    }

    private void WriteCalls()
    {
        chat.WriteStartArray("tool_calls"u8);
        foreach (var call in called)
        {
            chat.WriteStartObject();
            chat.WriteString("id"u8, call.Text("call_id"u8));
            chat.WriteString("type"u8, "function"u8);
            chat.WriteStartObject("function"u8);
            chat.WriteString("name"u8, call.Text("name"u8));
            chat.WriteString("arguments"u8, call.Text("arguments"u8));
            chat.WriteEndObject();
            chat.WriteEndObject();
        }

        chat.WriteEndArray();
    }
}
