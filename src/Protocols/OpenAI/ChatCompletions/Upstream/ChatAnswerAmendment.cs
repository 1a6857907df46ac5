using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Amends the body of a whole <c>chat.completion</c>: the content and the annotations of each choice. Every other member keeps its place. An object model is
/// built, which answers without a plugin never are.
/// </summary>
internal static class ChatAnswerAmendment
{
    private const string ThinkEnd = "</think>";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.Depth };

    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> body, IAnswerAmender amender)
    {
        if (Parse(body) is not JsonObject answer || Member(answer, "choices") is not JsonArray choices)
            return body;
        foreach (var element in choices)
        {
            if (element is JsonObject choice && Member(choice, "message") is JsonObject message)
                Amend(choice, message, amender);
        }

        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        using (var writer = JsonWriting.Create(output))
            answer.WriteTo(writer);
        return output.WrittenMemory;
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span, documentOptions: Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A name that is there twice makes the object unusable; such an answer is left as it is.
    private static JsonNode? Member(JsonObject node, string name)
    {
        try
        {
            return node[name];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void Amend(JsonObject choice, JsonObject message, IAnswerAmender amender)
    {
        var text = Member(message, "content") is JsonValue content && content.TryGetValue<string>(out var said) ? said : "";
        // What the model thought stands before its answer on some hosts.
        var think = text.StartsWith("<think>", StringComparison.Ordinal) && text.IndexOf(ThinkEnd, StringComparison.Ordinal) is >= 0 and var end ? end + ThinkEnd.Length : 0;
        var visible = text[think..];
        var rewritten = visible.Length == 0 ? visible : amender.Rewrite(visible, Finish(choice, message));
        if (!ReferenceEquals(rewritten, visible))
            message["content"] = text[..think] + rewritten;

        var notes = amender.Annotate(rewritten);
        if (notes.Count == 0)
            return;
        var annotations = Member(message, "annotations") as JsonArray ?? [];
        foreach (var note in notes)
            annotations.Add(AnswerPieces.Annotation(note));
        if (annotations.Parent is null)
            message["annotations"] = annotations;
    }

    private static FinishReason Finish(JsonObject choice, JsonObject message)
    {
        var native = Member(choice, "finish_reason") is JsonValue value && value.TryGetValue<string>(out var word) ? word : null;
        var hasCalls = Member(message, "tool_calls") is JsonArray { Count: > 0 };
        return native is null ? FinishReason.None : ChatFinish.Read(Encoding.UTF8.GetBytes(native), hasCalls);
    }
}
