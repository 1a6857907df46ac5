using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Presets;

/// <summary>
/// Reads what a preset keeps of the body of an inference request (platform §10.3). The body is checked as a request of its dialect is, so that what is stored can
/// be sent; conversation and members of one call are left out, the leading system messages become the system prompt.
/// </summary>
public static class PresetReader
{
    private const int LongestTtlSeconds = 86_400;

    /// <summary>Exactly one of the results is set.</summary>
    public static (PresetContent? Content, GatewayError? Error) Read(ReadOnlyMemory<byte> body, IClientDialect dialect)
    {
        var isObject = JsonCheck.IsValid(body.Span) && new JsonMembers(body.Span).IsObject;
        var (request, error) = dialect.ReadRequest(isObject ? WithMessages(body, dialect.Dialect) : body);
        if (request is null)
            return (null, error);
        if (request.Model?.Contains("@preset/", StringComparison.OrdinalIgnoreCase) == true || request.Models.Any(static model => model.Contains("@preset/", StringComparison.OrdinalIgnoreCase)))
            return (null, GatewayError.Invalid("A preset cannot use another preset: name the model itself.", "model"));
        if (WrongCacheMember(body.Span) is { } wrong)
            return (null, wrong);
        var prompt = SystemPrompt(request.Conversation.Messages);
        return prompt?.Contains('\0', StringComparison.Ordinal) == true
            ? (null, GatewayError.Invalid("The system prompt may not hold the character U+0000."))
            : (new PresetContent(prompt, Config(WrittenTools.Restore(request), body.Span)), null);
    }

    /// <summary>Bodies may leave the conversation out, which is not kept anyway; requests may not.</summary>
    private static ReadOnlyMemory<byte> WithMessages(ReadOnlyMemory<byte> body, ClientDialect dialect)
    {
        var name = dialect == ClientDialect.Responses ? "input"u8 : "messages"u8;
        if (JsonMembers.Find(body.Span, name) is not ([] or [(byte)'n', ..]) and var theirs && (theirs[0] != (byte)'[' || JsonElements.Count(theirs) > 0) || JsonMembers.Find(body.Span, "prompt"u8) is [(byte)'"', ..])
            return body;
        var whole = new ArrayBufferWriter<byte>(body.Length + 64);
        var json = new JsonOutput(whole);
        json.BeginObject();
        json.Member(name, dialect == ClientDialect.Responses ? "\"-\""u8 : """[{"role":"user","content":"-"}]"""u8);
        var members = new JsonMembers(body.Span);
        while (members.Next())
        {
            if (!members.Name.SequenceEqual(name))
                json.Member(members.Name, members.Value);
        }

        json.EndObject();
        json.Flush();
        return whole.WrittenMemory;
    }

    private static GatewayError? WrongCacheMember(ReadOnlySpan<byte> body)
    {
        if (JsonMembers.Find(body, "cache_enabled"u8) is not ([] or [(byte)'t' or (byte)'f' or (byte)'n', ..]))
            return GatewayError.Invalid($"{PresetMembers.CacheEnabled} must be true or false.", PresetMembers.CacheEnabled);
        var ttl = JsonMembers.Find(body, "cache_ttl_seconds"u8);
        return ttl is [] or [(byte)'n', ..] || (System.Buffers.Text.Utf8Parser.TryParse(ttl, out int seconds, out var read) && read == ttl.Length && seconds is >= 1 and <= LongestTtlSeconds)
            ? null
            : GatewayError.Invalid($"{PresetMembers.CacheTtl} must be an integer between 1 and {LongestTtlSeconds}.", PresetMembers.CacheTtl);
    }

    private static string? SystemPrompt(IReadOnlyList<Message> messages)
    {
        var texts = messages.TakeWhile(static message => message.Role is Role.System or Role.Developer)
            .Select(static message => string.Concat(message.Parts.OfType<TextPart>().Select(static part => part.Text))).Where(static text => text.Length > 0);
        var prompt = string.Join("\n\n", texts);
        return prompt.Length > 0 ? prompt : null;
    }

    private static ReadOnlyMemory<byte> Config(ReadOnlySpan<byte> chat, ReadOnlySpan<byte> body)
    {
        var config = new ArrayBufferWriter<byte>(512);
        var json = new JsonOutput(config);
        json.BeginObject();
        var members = new JsonMembers(chat);
        while (members.Next())
        {
            if (members.Kind == JsonTokenType.Null)
                continue;
            if (PresetMembers.IsKept(members.Name))
                json.Member(members.Name, members.Value);
            else if (members.Name.SequenceEqual("functions"u8))
                WriteTools(ref json, members.Value);
            else if (members.Name.SequenceEqual("function_call"u8))
                WriteChoice(ref json, members.Value);
        }

        foreach (var name in (ReadOnlySpan<string>)[PresetMembers.CacheEnabled, PresetMembers.CacheTtl])
        {
            if (PassthroughMembers.TryFind(body, name, out var value) && value is not [(byte)'n', ..])
                json.Member(System.Text.Encoding.UTF8.GetBytes(name), value);
        }

        json.EndObject();
        json.Flush();
        return config.WrittenMemory;
    }

    // The older names of tools and their choice (I-08), said anew.
    private static void WriteTools(ref JsonOutput json, scoped ReadOnlySpan<byte> functions)
    {
        json.Name("tools"u8);
        json.BeginArray();
        var each = new JsonElements(functions);
        while (each.Next())
            ToolUnion.WriteFunction(ref json, each.Value);
        json.EndArray();
    }

    private static void WriteChoice(ref JsonOutput json, scoped ReadOnlySpan<byte> choice)
    {
        json.Name("tool_choice"u8);
        if (choice[0] == (byte)'{')
            ToolUnion.WriteFunction(ref json, choice);
        else
            json.Raw(choice);
    }
}
