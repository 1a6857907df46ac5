using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>The pieces that look the same in a whole answer and in a chunk: reasoning blocks, images, citations.</summary>
internal static class AnswerPieces
{
    /// <summary>Everything an answer or chunk begins with, up to but not including <c>choices</c>. The object stays open.</summary>
    public static void WriteHead(Utf8JsonWriter writer, AnswerIdentity identity, ReadOnlySpan<byte> kind)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, identity.GenerationId);
        writer.WriteString("provider"u8, identity.Provider);
        writer.WriteString("model"u8, identity.Model);
        writer.WriteString("object"u8, kind);
        writer.WriteNumber("created"u8, identity.Created);
    }

    /// <summary>
    /// One block of <c>reasoning_details</c>. Members that are null are left out; <c>format</c> and <c>index</c> are always there, since a client
    /// sends the block back and the next request sorts it by them.
    /// </summary>
    public static void WriteDetail(Utf8JsonWriter writer, ReasoningDetail detail, int index)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, detail.Type);
        WriteIfThere(writer, "text"u8, detail.Text);
        WriteIfThere(writer, "summary"u8, detail.Summary);
        WriteIfThere(writer, "data"u8, detail.Data);
        WriteIfThere(writer, "signature"u8, detail.Signature);
        WriteIfThere(writer, "id"u8, detail.Id);
        writer.WriteString("format"u8, detail.Format ?? "unknown");
        writer.WriteNumber("index"u8, detail.Index ?? index);
        writer.WriteEndObject();
    }

    /// <summary>An image of <c>images</c>, with its number among those of the answer.</summary>
    public static void WriteImage(Utf8JsonWriter writer, ImageProduced image, int index)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image_url"u8);
        writer.WriteStartObject("image_url"u8);
        writer.WriteString("url"u8, image.Url);
        writer.WriteEndObject();
        writer.WriteNumber("index"u8, index);
        writer.WriteEndObject();
    }

    /// <summary>A citation of <c>annotations</c> (inference §3.8, I-20).</summary>
    public static void WriteCitation(Utf8JsonWriter writer, UrlCitation citation)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "url_citation"u8);
        writer.WriteStartObject("url_citation"u8);
        writer.WriteString("url"u8, citation.Url);
        writer.WriteString("title"u8, citation.Title);
        WriteIfThere(writer, "content"u8, citation.Content);
        writer.WriteNumber("start_index"u8, citation.StartIndex);
        writer.WriteNumber("end_index"u8, citation.EndIndex);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A parsed file of <c>annotations</c> (inference §3.8).</summary>
    public static void WriteFile(Utf8JsonWriter writer, FileParsed file)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "file"u8);
        writer.WriteStartObject("file"u8);
        writer.WriteString("hash"u8, file.Hash);
        writer.WriteString("name"u8, file.Name);
        writer.WritePropertyName("content"u8);
        writer.WriteRawValue(file.Content);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Either kind of annotation, as an object to be put into an answer.</summary>
    public static JsonNode Annotation(AnswerEvent note)
    {
        var json = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(json, ChatJson.Options))
            WriteAnnotation(writer, note);
        return JsonNode.Parse(json.WrittenSpan)!;
    }

    /// <summary>Either kind of annotation.</summary>
    public static void WriteAnnotation(Utf8JsonWriter writer, AnswerEvent note)
    {
        if (note is FileParsed file)
            WriteFile(writer, file);
        else
            WriteCitation(writer, (UrlCitation)note);
    }

    private static void WriteIfThere(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
