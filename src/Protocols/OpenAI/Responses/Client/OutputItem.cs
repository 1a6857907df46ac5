using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>What an item of the output is.</summary>
internal enum OutputKind
{
    /// <summary><c>message</c></summary>
    Message,
    /// <summary><c>reasoning</c></summary>
    Reasoning,
    /// <summary><c>function_call</c></summary>
    Call,
    /// <summary><c>image_generation_call</c></summary>
    Image,
}

/// <summary>One item of the output, as far as it is known (inference §10.3).</summary>
internal sealed class OutputItem(OutputKind kind, string id)
{
    public OutputKind Kind { get; } = kind;
    public string Id { get; } = id;

    /// <summary>Text of a message, readable reasoning, arguments of a call, or an image's base64.</summary>
    public StringBuilder Text { get; } = new();
    /// <summary>A message's refusal.</summary>
    public StringBuilder Refusal { get; } = new();
    /// <summary>Summary of reasoning.</summary>
    public StringBuilder Summary { get; } = new();
    /// <summary>Encrypted reasoning; null without.</summary>
    public string? Encrypted { get; set; }
    /// <summary>Signature of readable reasoning; null without.</summary>
    public string? Signature { get; set; }
    /// <summary>Whose reasoning it is.</summary>
    public string? Format { get; set; }
    /// <summary>The reasoning block's number, by which its fragments are told from the next one's.</summary>
    public int? Number { get; set; }
    /// <summary>The call.</summary>
    public ToolCallStarted? Call { get; set; }
    public List<UrlCitation> Citations { get; } = [];

    /// <summary>The item as it is when it is done; <paramref name="status"/> is <c>completed</c> or <c>incomplete</c>.</summary>
    public void Write(Utf8JsonWriter writer, string status)
    {
        Begin(writer, status);
        switch (Kind)
        {
            case OutputKind.Message:
                writer.WriteStartArray("content"u8);
                if (Text.Length > 0 || Refusal.Length == 0)
                    WriteText(writer, Text.ToString());
                if (Refusal.Length > 0)
                    WriteRefusal(writer, Refusal.ToString());
                writer.WriteEndArray();
                break;
            case OutputKind.Reasoning:
                WriteReasoning(writer);
                break;
            case OutputKind.Call:
                WriteCall(writer, Text.Length == 0 ? "{}" : Text.ToString());
                break;
            default:
                writer.WriteString("result"u8, Text.ToString());
                break;
        }

        writer.WriteEndObject();
    }

    /// <summary>The item as it is when it begins.</summary>
    public void WriteEmpty(Utf8JsonWriter writer)
    {
        Begin(writer, "in_progress");
        switch (Kind)
        {
            case OutputKind.Message:
                writer.WriteStartArray("content"u8);
                writer.WriteEndArray();
                break;
            case OutputKind.Reasoning:
                writer.WriteStartArray("summary"u8);
                writer.WriteEndArray();
                break;
            case OutputKind.Call:
                WriteCall(writer, "");
                break;
            default:
                writer.WriteNull("result"u8);
                break;
        }

        writer.WriteEndObject();
    }

    /// <summary>A text part.</summary>
    public void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.OutputText);
        writer.WriteString("text"u8, text);
        writer.WriteStartArray("annotations"u8);
        foreach (var citation in Citations)
            WriteCitation(writer, citation);
        writer.WriteEndArray();
        writer.WriteStartArray("logprobs"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A refusal part.</summary>
    public static void WriteRefusal(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.Refusal);
        writer.WriteString("refusal"u8, text);
        writer.WriteEndObject();
    }

    /// <summary>A part of reasoning: <c>summary_text</c> or <c>reasoning_text</c>.</summary>
    public static void WriteThought(Utf8JsonWriter writer, string type, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    /// <summary>A citation, which is flat here.</summary>
    public static void WriteCitation(Utf8JsonWriter writer, UrlCitation citation)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.UrlCitation);
        writer.WriteString("url"u8, citation.Url);
        writer.WriteString("title"u8, citation.Title);
        writer.WriteNumber("start_index"u8, citation.StartIndex);
        writer.WriteNumber("end_index"u8, citation.EndIndex);
        if (citation.Content is not null)
            writer.WriteString("content"u8, citation.Content);
        writer.WriteEndObject();
    }

    private void Begin(Utf8JsonWriter writer, string status)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, Kind switch
        {
            OutputKind.Message => ResponsesItemTypes.Message,
            OutputKind.Reasoning => ResponsesItemTypes.Reasoning,
            OutputKind.Call => ResponsesItemTypes.FunctionCall,
            _ => ResponsesItemTypes.ImageGenerationCall,
        });
        writer.WriteString("id"u8, Id);
        writer.WriteString("status"u8, status);
        if (Kind == OutputKind.Message)
            writer.WriteString("role"u8, "assistant"u8);
    }

    private void WriteCall(Utf8JsonWriter writer, string arguments)
    {
        writer.WriteString("call_id"u8, Call!.Id);
        writer.WriteString("name"u8, Call.Name);
        writer.WriteString("arguments"u8, arguments);
    }

    private void WriteReasoning(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("summary"u8);
        if (Summary.Length > 0)
            WriteThought(writer, ResponsesItemTypes.SummaryText, Summary.ToString());
        writer.WriteEndArray();
        if (Text.Length > 0)
        {
            writer.WriteStartArray("content"u8);
            WriteThought(writer, ResponsesItemTypes.ReasoningText, Text.ToString());
            writer.WriteEndArray();
        }

        if (Encrypted is not null)
            writer.WriteString("encrypted_content"u8, Encrypted);
        if (Signature is not null)
            writer.WriteString("signature"u8, Signature);
        if (Format is not null)
            writer.WriteString("format"u8, Format);
    }
}
