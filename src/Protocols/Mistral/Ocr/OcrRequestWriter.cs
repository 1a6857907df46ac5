using System.Buffers;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Mistral.Ocr;

/// <summary>
/// Writes the body of <c>POST {base}/ocr</c>, Mistral's document OCR (docs.mistral.ai, "OCR", read 2026-11).
/// </summary>
public static class OcrRequestWriter
{
    /// <summary>The model asked for.</summary>
    public const string Model = "mistral-ocr-latest";

    /// <summary>Writes the request.</summary>
    /// <param name="address">An http(s) address, which Mistral fetches, or a <c>data:</c> URL.</param>
    /// <param name="name">The file's name; null when it has none.</param>
    /// <param name="mostImages">How many pictures of the document are wanted back; 0 none.</param>
    /// <param name="output">Where to.</param>
    public static void Write(string address, string? name, int mostImages, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, Model);
        writer.WriteStartObject("document"u8);
        writer.WriteString("type"u8, "document_url"u8);
        writer.WriteString("document_url"u8, address);
        if (name is not null)
            writer.WriteString("document_name"u8, name);
        writer.WriteEndObject();
        writer.WriteBoolean("include_image_base64"u8, mostImages > 0);
        if (mostImages > 0)
            writer.WriteNumber("image_limit"u8, mostImages);
        writer.WriteEndObject();
    }
}
