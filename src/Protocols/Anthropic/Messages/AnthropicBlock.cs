using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>A content block of a request. <see cref="Cache"/> is settable because breakpoints are counted over the whole request once it is laid out.</summary>
internal abstract class AnthropicBlock
{
    public CacheMark? Cache { get; set; }

    /// <summary>The vendor refuses breakpoints on thinking.</summary>
    public virtual bool Cacheable => true;

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMembers(writer);
        WriteCache(writer, Cache);
        writer.WriteEndObject();
    }

    public static void WriteCache(Utf8JsonWriter writer, CacheMark? cache)
    {
        if (cache is null)
            return;
        writer.WriteStartObject("cache_control"u8);
        writer.WriteString("type"u8, "ephemeral"u8);
        if (cache.Ttl is { } ttl)
            writer.WriteString("ttl"u8, ttl);
        writer.WriteEndObject();
    }

    protected abstract void WriteMembers(Utf8JsonWriter writer);
}

internal sealed class TextBlock(string text) : AnthropicBlock
{
    public string Text { get; } = text;

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, Text);
    }
}

/// <summary>An image or a document. Exactly one of address, base64 and plain text is set.</summary>
internal sealed class MediaBlock(string type) : AnthropicBlock
{
    public string Type { get; } = type;
    public string? Url { get; init; }
    public string? Base64 { get; init; }
    public string? PlainText { get; init; }
    public string? MediaType { get; init; }
    public string? Title { get; init; }

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, Type);
        writer.WriteStartObject("source"u8);
        if (Url is not null)
        {
            writer.WriteString("type"u8, "url"u8);
            writer.WriteString("url"u8, Url);
        }
        else
        {
            writer.WriteString("type"u8, PlainText is null ? "base64"u8 : "text"u8);
            writer.WriteString("media_type"u8, MediaType);
            writer.WriteString("data"u8, PlainText ?? Base64);
        }
        writer.WriteEndObject();
        if (Title is not null)
            writer.WriteString("title"u8, Title);
    }
}

internal sealed class ToolUseBlock(string id, string name, string arguments) : AnthropicBlock
{
    public string Id { get; } = id;
    public string Name { get; } = name;
    public string Arguments { get; } = arguments;

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, Id);
        writer.WriteString("name"u8, Name);
        writer.WritePropertyName("input"u8);
        writer.WriteArguments(Arguments);
    }
}

internal sealed class ToolResultBlock(string toolUseId, IReadOnlyList<AnthropicBlock> content) : AnthropicBlock
{
    public string ToolUseId { get; } = toolUseId;
    public IReadOnlyList<AnthropicBlock> Content { get; } = content;
    public bool IsError { get; init; }

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "tool_result"u8);
        writer.WriteString("tool_use_id"u8, ToolUseId);
        if (IsError)
            writer.WriteBoolean("is_error"u8, true);
        switch (Content)
        {
            case [] when IsError:
                writer.WriteString("content"u8, "(no output)"u8); // an error that says nothing is refused
                break;
            case []:
                break;
            case [TextBlock { Cache: null } only]:
                writer.WriteString("content"u8, only.Text);
                break;
            default:
                writer.WriteStartArray("content"u8);
                foreach (var block in Content)
                    block.Write(writer);
                writer.WriteEndArray();
                break;
        }
    }
}

/// <summary>A thought of an earlier turn. The signature covers the text: both go back exactly as they came.</summary>
internal sealed class ThinkingBlock(string text, string signature) : AnthropicBlock
{
    public override bool Cacheable => false;

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "thinking"u8);
        writer.WriteString("thinking"u8, text);
        writer.WriteString("signature"u8, signature);
    }
}

internal sealed class RedactedThinkingBlock(string data) : AnthropicBlock
{
    public override bool Cacheable => false;

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "redacted_thinking"u8);
        writer.WriteString("data"u8, data);
    }
}
