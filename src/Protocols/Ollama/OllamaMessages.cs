using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Ollama;

/// <summary>A conversation as Ollama's messages. Roles stay as they are, except developer, which is system; results name their function.</summary>
internal static class OllamaMessages
{
    /// <summary>Lays a conversation out, or says why it cannot be.</summary>
    public static (List<OllamaMessage>? Messages, GatewayError? Error) From(Conversation conversation, UpstreamTarget target)
    {
        var messages = new List<OllamaMessage>(conversation.Messages.Count);
        var called = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < conversation.Messages.Count; i++)
        {
            var message = conversation.Messages[i];
            var (text, images, error) = Content(message);
            if (error is not null)
                return (null, error with { Param = error.Param ?? $"messages[{i}]" });
            foreach (var call in message.ToolCalls)
                called[call.Id] = call.Name;
            messages.Add(new OllamaMessage(RoleOf(message.Role))
            {
                Text = text.Length == 0 && message.Role == Role.Assistant ? message.Refusal ?? "" : text,
                Images = images,
                Calls = message.ToolCalls,
                Thinking = message.Role == Role.Assistant && target.Supported.HasFlag(ParameterSet.Reasoning) ? Thoughts(message) : "",
                ToolCallId = message.Role == Role.Tool ? message.ToolCallId : null,
                ToolName = message.Role == Role.Tool ? called.GetValueOrDefault(message.ToolCallId ?? "") : null,
            });
        }

        return (messages, null);
    }

    /// <summary>Writes a system message of the gateway's own.</summary>
    public static void WriteSystem(Utf8JsonWriter writer, string text) => new OllamaMessage("system") { Text = text }.Write(writer);

    private static string RoleOf(Role role) => role switch
    {
        Role.User => "user",
        Role.Assistant => "assistant",
        Role.Tool => "tool",
        _ => "system",
    };

    private static string Thoughts(Message message) => message.ReasoningDetails.Count == 0
        ? message.Reasoning ?? ""
        : string.Concat(ReasoningReplay.Blocks(message, ReasoningReplay.Unknown).Select(block => block.Text));

    private static (string Text, List<string> Images, GatewayError? Error) Content(Message message)
    {
        var text = new StringBuilder(message.Name is { Length: > 0 } name && message.Role is Role.User or Role.System ? message.Name + ": " : "");
        var images = new List<string>();
        var texts = 0;
        foreach (var part in message.Parts)
        {
            var (said, image, error) = OllamaMedia.Read(part);
            if (error is not null)
                return ("", images, error);
            if (image is not null)
                images.Add(image);
            if (said is not null)
                text.Append(texts++ > 0 ? "\n" : "").Append(said);
        }

        return (text.ToString(), images, null);
    }
}
