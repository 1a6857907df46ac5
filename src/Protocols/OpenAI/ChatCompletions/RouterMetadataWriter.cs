using System.Text.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions;

/// <summary>The <c>openrouter_metadata</c> member: of an answer, of a stream's last chunk, and beside an error (routing §17).</summary>
internal static class RouterMetadataWriter
{
    /// <summary>Writes the member; nothing when there is no metadata, since clients fail on null (I-25).</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> metadata)
    {
        if (metadata.IsEmpty)
            return;
        writer.WritePropertyName("openrouter_metadata"u8);
        writer.WriteRawValue(metadata.Span, skipInputValidation: true);
    }
}
