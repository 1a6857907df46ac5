using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Cohere;

/// <summary>A part of a message: text or thought, or an image where <see cref="ImageUrl"/> is set.</summary>
internal sealed record CoherePart(string Text, string? ImageUrl, string? Detail)
{
    public bool Thinking { get; init; }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (ImageUrl is not null)
        {
            writer.WriteString("type"u8, "image_url"u8);
            writer.WriteStartObject("image_url"u8);
            writer.WriteString("url"u8, ImageUrl);
            if (Detail is not null)
                writer.WriteString("detail"u8, Detail);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("type"u8, Thinking ? "thinking"u8 : "text"u8);
            writer.WriteString(Thinking ? "thinking"u8 : "text"u8, Text);
        }

        writer.WriteEndObject();
    }
}

/// <summary>One message of a request.</summary>
internal sealed class CohereMessage(string role)
{
    public required List<CoherePart> Parts { get; init; }

    /// <summary>Its text is joined into one string.</summary>
    public bool TextOnly { get; init; }

    public string? ToolCallId { get; init; }

    public IReadOnlyList<ToolCall> Calls { get; init; } = [];

    /// <summary>What the assistant said it would do with its calls; empty when it said nothing.</summary>
    public string Plan { get; init; } = "";

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        if (ToolCallId is not null)
            writer.WriteString("tool_call_id"u8, ToolCallId);
        if (Plan.Length > 0)
            writer.WriteString("tool_plan"u8, Plan);
        if (Calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls"u8);
            foreach (var call in Calls)
                WriteCall(writer, call);
            writer.WriteEndArray();
        }

        if (Calls.Count == 0 || Parts.Count > 0)
            WriteContent(writer);
        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer)
    {
        if (TextOnly || Parts is [] or [{ ImageUrl: null, Thinking: false }])
        {
            writer.WriteString("content"u8, string.Join('\n', Parts.Select(part => part.Text)));
            return;
        }

        writer.WriteStartArray("content"u8);
        foreach (var part in Parts)
            part.Write(writer);
        writer.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter writer, ToolCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, call.Id);
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, call.Name);
        writer.WriteString("arguments"u8, string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
