using System.Text.Json;

namespace Fairlead.Protocols.Canonical;

/// <summary>Who speaks in a message.</summary>
public enum Role
{
    /// <summary>System instructions.</summary>
    System,
    /// <summary>Developer instructions; system where a provider lacks the role.</summary>
    Developer,
    /// <summary>The end user.</summary>
    User,
    /// <summary>The model.</summary>
    Assistant,
    /// <summary>The result of a tool call.</summary>
    Tool,
}

/// <summary>A prompt-cache breakpoint asked for by the caller. <see cref="Ttl"/> is <c>5m</c>, <c>1h</c> or null (the provider's default).</summary>
public sealed record CacheMark(string? Ttl);

/// <summary>The messages and tools of a request, out of their wire form. Built on demand, only where the dialects of the two sides differ.</summary>
public sealed record Conversation
{
    /// <summary>The messages, in order, as the caller sent them (no merging, no moving).</summary>
    public required IReadOnlyList<Message> Messages { get; init; }
    /// <summary>The function tools offered.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];
}

/// <summary>One message.</summary>
public sealed record Message
{
    /// <summary>Who speaks.</summary>
    public required Role Role { get; init; }
    /// <summary>The speaker's name, when the caller gave one.</summary>
    public string? Name { get; init; }
    /// <summary>The content; a plain string is one <see cref="TextPart"/>. Empty when the content was null or missing.</summary>
    public IReadOnlyList<Part> Parts { get; init; } = [];
    /// <summary>Calls the assistant made.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];
    /// <summary>The call this tool message answers.</summary>
    public string? ToolCallId { get; init; }
    /// <summary>The call this tool message answers failed, and the content says how. Default false.</summary>
    public bool IsError { get; init; }
    /// <summary>The assistant's refusal.</summary>
    public string? Refusal { get; init; }
    /// <summary>Plain reasoning text sent back; <see cref="ReasoningDetails"/> wins when both are there (I-39).</summary>
    public string? Reasoning { get; init; }
    /// <summary>Reasoning blocks sent back, in the order they were produced.</summary>
    public IReadOnlyList<ReasoningDetail> ReasoningDetails { get; init; } = [];
    /// <summary>A cache breakpoint on the whole message.</summary>
    public CacheMark? Cache { get; init; }
}

/// <summary>One piece of a message's content.</summary>
public abstract record Part
{
    /// <summary>A cache breakpoint on this part.</summary>
    public CacheMark? Cache { get; init; }
}

/// <summary>Text.</summary>
public sealed record TextPart(string Text) : Part;
/// <summary>An image: an http(s) address or a <c>data:</c> URL.</summary>
public sealed record ImagePart(string Url, string? Detail) : Part;
/// <summary>A file: an http(s) address, a <c>data:</c> URL or bare base64 (I-13).</summary>
public sealed record FilePart(string? FileName, string? Data, string? FileId) : Part;
/// <summary>Audio as base64 with its format.</summary>
public sealed record AudioPart(string Data, string Format) : Part;
/// <summary>A video: an http(s) address or a <c>data:</c> URL.</summary>
public sealed record VideoPart(string Url) : Part;

/// <summary>A call the model made. <see cref="Arguments"/> is the JSON text exactly as it came (I-16).</summary>
public sealed record ToolCall(string Id, string Name, string Arguments);

/// <summary>A function the caller offers. <see cref="Parameters"/> is its JSON Schema, untouched.</summary>
public sealed record ToolDefinition(string Name, string? Description, JsonElement? Parameters, bool? Strict)
{
    /// <summary>A cache breakpoint after this tool.</summary>
    public CacheMark? Cache { get; init; }
}

/// <summary>One block of <c>reasoning_details</c> (inference contract §7.3). Signatures and data are kept byte for byte.</summary>
public sealed record ReasoningDetail
{
    /// <summary><c>reasoning.text</c>, <c>reasoning.summary</c>, <c>reasoning.encrypted</c>, or a type we only carry.</summary>
    public required string Type { get; init; }
    /// <summary>The wire format family, for example <c>anthropic-claude-v1</c>; null when missing.</summary>
    public string? Format { get; init; }
    /// <summary>The provider's id of the block.</summary>
    public string? Id { get; init; }
    /// <summary>The block's number; fragments of one block repeat it.</summary>
    public int? Index { get; init; }
    /// <summary>Text of <c>reasoning.text</c>.</summary>
    public string? Text { get; init; }
    /// <summary>Signature of <c>reasoning.text</c>.</summary>
    public string? Signature { get; init; }
    /// <summary>Text of <c>reasoning.summary</c>.</summary>
    public string? Summary { get; init; }
    /// <summary>Payload of <c>reasoning.encrypted</c>.</summary>
    public string? Data { get; init; }
}
