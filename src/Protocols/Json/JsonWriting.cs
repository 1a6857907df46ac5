using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>How request bodies are written.</summary>
internal static class JsonWriting
{
    // Bodies go to providers, never into a web page: text stays readable and short.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A writer onto <paramref name="output"/>.</summary>
    public static Utf8JsonWriter Create(IBufferWriter<byte> output) => new(output, Options);

    /// <summary>Writes a parsed value byte for byte as it came.</summary>
    public static void WriteAsIs(this Utf8JsonWriter writer, JsonElement value) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);

    /// <summary>Writes a member that is a list of strings.</summary>
    public static void WriteTexts(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    /// <summary>Writes a function's parameters: the schema as it came, or that of an object without properties where there is none.</summary>
    public static void WriteParameters(this Utf8JsonWriter writer, JsonElement? schema)
    {
        if (schema is { ValueKind: JsonValueKind.Object } given)
        {
            writer.WriteAsIs(given);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("properties"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes the JSON text of a call's arguments as an object. Models write broken arguments at times: what is no object travels under
    /// <c>raw_arguments</c>, so that nothing is lost and the provider still accepts the history.
    /// </summary>
    public static void WriteArguments(this Utf8JsonWriter writer, string arguments)
    {
        if (!string.IsNullOrWhiteSpace(arguments))
        {
            var utf8 = Encoding.UTF8.GetBytes(arguments);
            using var document = JsonReading.TryParse(utf8);
            if (document?.RootElement.ValueKind == JsonValueKind.Object)
            {
                writer.WriteAsIs(document.RootElement);
                return;
            }
        }
        writer.WriteStartObject();
        if (!string.IsNullOrWhiteSpace(arguments) && arguments != "null")
            writer.WriteString("raw_arguments"u8, arguments);
        writer.WriteEndObject();
    }
}
