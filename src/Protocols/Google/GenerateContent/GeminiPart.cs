using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>A part of a request's content. A signature sits beside what it signs, never inside it.</summary>
internal abstract class GeminiPart
{
    public string? ThoughtSignature { get; set; }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMembers(writer);
        if (ThoughtSignature is not null)
            writer.WriteString("thoughtSignature"u8, ThoughtSignature);
        writer.WriteEndObject();
    }

    protected abstract void WriteMembers(Utf8JsonWriter writer);
}

internal sealed class TextPiece(string text) : GeminiPart
{
    public string Text { get; } = text;

    protected override void WriteMembers(Utf8JsonWriter writer) => writer.WriteString("text"u8, Text);
}

/// <summary>Bytes in the request.</summary>
internal sealed class InlinePiece(string mimeType, string base64) : GeminiPart
{
    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("inlineData"u8);
        writer.WriteString("mimeType"u8, mimeType);
        writer.WriteString("data"u8, base64);
        writer.WriteEndObject();
    }
}

/// <summary>Bytes the vendor fetches.</summary>
internal sealed class FilePiece(string uri, string? mimeType) : GeminiPart
{
    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("fileData"u8);
        if (mimeType is not null)
            writer.WriteString("mimeType"u8, mimeType);
        writer.WriteString("fileUri"u8, uri);
        writer.WriteEndObject();
    }
}

internal sealed class CallPiece(string id, string name, string arguments) : GeminiPart
{
    public string Id { get; } = id;
    public string Name { get; } = name;

    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("functionCall"u8);
        writer.WriteString("name"u8, Name);
        writer.WritePropertyName("args"u8);
        writer.WriteArguments(arguments);
        writer.WriteEndObject();
    }
}

/// <summary>The answer to a call: text goes as <c>{"result": …}</c>, for the vendor takes objects only; media beside it, where the model reads them there.</summary>
internal sealed class ResponsePiece(string name, string result, IReadOnlyList<GeminiPart> media) : GeminiPart
{
    protected override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("functionResponse"u8);
        writer.WriteString("name"u8, name);
        writer.WriteStartObject("response"u8);
        writer.WriteString("result"u8, result);
        writer.WriteEndObject();
        if (media.Count > 0)
        {
            writer.WriteStartArray("parts"u8);
            foreach (var part in media)
                part.Write(writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
