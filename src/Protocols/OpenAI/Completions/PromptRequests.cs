using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>The requests that one of several prompts stands for (I-44).</summary>
public static class PromptRequests
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonReading.MaxDepth };

    /// <summary>The body with one of its prompts alone, to be answered as it asks, whole or streamed.</summary>
    /// <param name="body">The request, which was read and found good.</param>
    /// <param name="prompt">Which of its prompts, from 0.</param>
    public static ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> body, int prompt)
    {
        var output = new ArrayBufferWriter<byte>();
        using var document = JsonDocument.Parse(body, Options);
        using (var writer = JsonWriting.Create(output))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                writer.WriteAsIs(member.NameEquals("prompt"u8) ? member.Value[prompt] : member.Value);
            }

            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
