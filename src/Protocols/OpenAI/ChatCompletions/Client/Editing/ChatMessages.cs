using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>
/// The messages of a request, to be taken out, put in or replaced whole: what is not touched keeps its bytes, unknown members too. Works for every client dialect,
/// since <see cref="CanonicalRequest.Body"/> is always a chat completion.
/// </summary>
public sealed class ChatMessages
{
    private ChatMessages(List<ReadOnlyMemory<byte>> items) => Items = items;

    /// <summary>The messages, each a JSON object. A <c>prompt</c> is one user message.</summary>
    public List<ReadOnlyMemory<byte>> Items { get; }

    /// <summary>The messages of <paramref name="request"/>.</summary>
    public static ChatMessages Of(CanonicalRequest request)
    {
        var body = request.Body;
        var items = new List<ReadOnlyMemory<byte>>();
        var messages = JsonMembers.Find(body.Span, "messages"u8);
        if (messages is not [(byte)'[', ..])
        {
            items.Add(Write("user"u8, Text(body.Span, "prompt"u8)));
            return new ChatMessages(items);
        }

        var elements = new JsonElements(messages);
        while (elements.Next())
        {
            body.Span.Overlaps(elements.Value, out var at);
            items.Add(body.Slice(at, elements.Value.Length));
        }

        return new ChatMessages(items);
    }

    /// <summary>A message of plain text.</summary>
    public static ReadOnlyMemory<byte> Write(ReadOnlySpan<byte> role, string? text)
    {
        var output = new ArrayBufferWriter<byte>(64 + (text?.Length ?? 0));
        using (var writer = JsonWriting.Create(output))
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, role);
            writer.WriteString("content"u8, text ?? "");
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>The assistant's message that an answer was, to be sent back with what its calls came to.</summary>
    public static ReadOnlyMemory<byte> WriteAnswer(IReadOnlyList<AnswerEvent> events, AnswerIdentity identity)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var writer = JsonWriting.Create(output))
            AnswerWriter.WriteMessage(writer, new AnswerParts(events, identity));
        return output.WrittenMemory;
    }

    /// <summary>What a call came to.</summary>
    public static ReadOnlyMemory<byte> WriteResult(string callId, string content)
    {
        var output = new ArrayBufferWriter<byte>(64 + content.Length);
        using (var writer = JsonWriting.Create(output))
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, "tool"u8);
            writer.WriteString("tool_call_id"u8, callId);
            writer.WriteString("content"u8, content);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>The role of a message.</summary>
    public static string Role(ReadOnlyMemory<byte> message) => Text(message.Span, "role"u8);

    /// <summary>The place of the last message of a role; −1 where there is none.</summary>
    public int LastOf(string role) => Items.FindLastIndex(message => Role(message) == role);

    /// <summary><paramref name="request"/> with these messages, counted anew. The error is that of a message somebody put in and nobody may send.</summary>
    public (CanonicalRequest? Request, GatewayError? Error) ApplyTo(CanonicalRequest request)
    {
        var output = new ArrayBufferWriter<byte>(request.Body.Length + 256);
        using (var writer = JsonWriting.Create(output))
        {
            writer.WriteStartObject();
            var written = false;
            var members = new JsonMembers(request.Body.Span);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("messages"u8) || members.Name.SequenceEqual("prompt"u8))
                {
                    if (!written)
                        WriteItems(writer);
                    written = true;
                    continue;
                }

                writer.WritePropertyName(members.Name);
                writer.WriteRawValue(members.Value, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        var (read, error) = RequestReader.Read(output.WrittenMemory, mostModels: 0, mostStops: int.MaxValue);
        return read is null ? (null, error) : (request.WithMessages(read.Body, read.Content), null);
    }

    private static string Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) => JsonText.ToText(JsonMembers.FindString(json, name));

    private void WriteItems(System.Text.Json.Utf8JsonWriter writer)
    {
        writer.WriteStartArray("messages"u8);
        foreach (var item in Items)
            writer.WriteRawValue(item.Span, skipInputValidation: true);
        writer.WriteEndArray();
    }
}
