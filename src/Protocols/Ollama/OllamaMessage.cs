using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Ollama;

/// <summary>One message of a request: text, with images beside it.</summary>
internal sealed class OllamaMessage(string role)
{
    public string Text { get; init; } = "";

    /// <summary>Bare base64, one image each.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    public string Thinking { get; init; } = "";

    public IReadOnlyList<ToolCall> Calls { get; init; } = [];

    public string? ToolCallId { get; init; }

    /// <summary>The function a result is of.</summary>
    public string? ToolName { get; init; }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        writer.WriteString("content"u8, Text);
        if (Thinking.Length > 0)
            writer.WriteString("thinking"u8, Thinking);
        if (Images.Count > 0)
        {
            writer.WriteStartArray("images"u8);
            foreach (var image in Images)
                writer.WriteStringValue(image);
            writer.WriteEndArray();
        }

        if (ToolName is not null)
            writer.WriteString("tool_name"u8, ToolName);
        if (ToolCallId is not null)
            writer.WriteString("tool_call_id"u8, ToolCallId);
        if (Calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls"u8);
            foreach (var call in Calls)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, call.Id);
                writer.WriteStartObject("function"u8);
                writer.WriteString("name"u8, call.Name);
                writer.WritePropertyName("arguments"u8);
                writer.WriteArguments(call.Arguments);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
