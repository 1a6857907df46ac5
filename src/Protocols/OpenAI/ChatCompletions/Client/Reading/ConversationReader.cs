using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Builds the conversation of a request that was already found good, for upstreams that speak another dialect.</summary>
internal static class ConversationReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = RequestCursor.DeepestNesting };

    public static Conversation Read(CanonicalRequest request)
    {
        using var document = JsonDocument.Parse(request.Body, Options);
        var root = document.RootElement;
        return new Conversation
        {
            Messages = Member(root, "messages") is { } messages
                ? [.. messages.EnumerateArray().Select(ReadMessage)]
                : [new Message { Role = Role.User, Parts = [new TextPart(Text(root, "prompt") ?? "")] }],
            Tools = ReadTools(root),
        };
    }

    /// <summary>The tools alone, without the messages.</summary>
    public static IReadOnlyList<ToolDefinition> ReadTools(ReadOnlySpan<byte> body)
    {
        var tools = JsonMembers.Find(body, "tools"u8);
        var functions = tools.Length > 2 ? default : JsonMembers.Find(body, "functions"u8);
        if (tools is not [(byte)'[', ..] && functions is not [(byte)'[', ..])
            return [];
        var root = new List<byte>(tools.Length + functions.Length + 32);
        root.AddRange("{\"tools\":"u8);
        root.AddRange(tools.IsEmpty ? "null"u8 : tools);
        root.AddRange(",\"functions\":"u8);
        root.AddRange(functions.IsEmpty ? "null"u8 : functions);
        root.Add((byte)'}');
        using var document = JsonDocument.Parse(root.ToArray(), Options);
        return ReadTools(document.RootElement);
    }

    private static IReadOnlyList<ToolDefinition> ReadTools(JsonElement root)
    {
        if (Member(root, "tools") is { } tools && tools.GetArrayLength() > 0)
            return [.. tools.EnumerateArray().Select(t => ReadFunction(t.GetProperty("function"), Mark(t)))];
        return Member(root, "functions") is { } functions ? [.. functions.EnumerateArray().Select(f => ReadFunction(f, null))] : [];
    }

    /// <summary>The schema outlives the document, so it is cloned.</summary>
    private static ToolDefinition ReadFunction(JsonElement function, CacheMark? mark) =>
        new(Text(function, "name")!, Text(function, "description"), Member(function, "parameters")?.Clone(), Member(function, "strict")?.GetBoolean())
        {
            Cache = mark,
        };

    private static Message ReadMessage(JsonElement message) => new()
    {
        Role = Text(message, "role") switch
        {
            "system" => Role.System,
            "developer" => Role.Developer,
            "assistant" => Role.Assistant,
            "tool" => Role.Tool,
            _ => Role.User,
        },
        Name = Text(message, "name"),
        Parts = Member(message, "images") is { } images && Text(message, "role") == "assistant"
            ? [.. ReadParts(message), .. images.EnumerateArray().Select(image => new ImagePart(Text(image.GetProperty("image_url"), "url")!, null))]
            : ReadParts(message),
        ToolCalls = Member(message, "tool_calls") is { } calls ? [.. calls.EnumerateArray().Select(ReadCall)] : [],
        ToolCallId = Text(message, "tool_call_id"),
        IsError = Member(message, "is_error") is { ValueKind: JsonValueKind.True },
        Refusal = Text(message, "refusal"),
        Reasoning = Text(message, "reasoning") ?? Text(message, "reasoning_content"),
        ReasoningDetails = Member(message, "reasoning_details") is { } details ? [.. details.EnumerateArray().Select(ReadDetail)] : [],
        Cache = Mark(message),
    };

    private static IReadOnlyList<Part> ReadParts(JsonElement message)
    {
        if (Member(message, "content") is not { } content)
            return [];
        return content.ValueKind == JsonValueKind.String
            ? [new TextPart(content.GetString()!)]
            : [.. content.EnumerateArray().Select(ReadPart)];
    }

    private static Part ReadPart(JsonElement part)
    {
        switch (Text(part, "type"))
        {
            case "image_url":
                var image = part.GetProperty("image_url");
                return new ImagePart(Text(image, "url")!, Text(image, "detail")) { Cache = Mark(part) };
            case "file":
                var file = part.GetProperty("file");
                return new FilePart(Text(file, "filename"), Text(file, "file_data"), Text(file, "file_id")) { Cache = Mark(part) };
            case "input_audio":
                var audio = part.GetProperty("input_audio");
                return new AudioPart(Text(audio, "data")!, Text(audio, "format")!) { Cache = Mark(part) };
            case "video_url" or "input_video":
                return new VideoPart(Text(part.GetProperty("video_url"), "url")!) { Cache = Mark(part) };
            case "refusal":
                return new TextPart(Text(part, "refusal")!) { Cache = Mark(part) };
            default:
                return new TextPart(Text(part, "text")!) { Cache = Mark(part) };
        }
    }

    private static ToolCall ReadCall(JsonElement call)
    {
        var function = call.GetProperty("function");
        return new ToolCall(Text(call, "id")!, Text(function, "name")!, Text(function, "arguments")!);
    }

    private static ReasoningDetail ReadDetail(JsonElement detail) => new()
    {
        Type = Text(detail, "type")!,
        Format = Text(detail, "format"),
        Id = Text(detail, "id"),
        Index = Member(detail, "index") is { } index ? (int)index.GetDecimal() : null,
        Text = Text(detail, "text"),
        Signature = Text(detail, "signature"),
        Summary = Text(detail, "summary"),
        Data = Text(detail, "data"),
    };

    // OpenAI's form tells no lifetime: the default of the provider that serves.
    private static CacheMark? Mark(JsonElement owner) => Member(owner, "cache_control") is { } mark ? new CacheMark(Text(mark, "ttl"))
        : Member(owner, "prompt_cache_breakpoint") is not null ? new CacheMark(null) : null;

    private static string? Text(JsonElement owner, string name) => Member(owner, name)?.GetString();

    /// <summary>Null is absent (I-01).</summary>
    private static JsonElement? Member(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
