using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Cohere;

/// <summary>
/// A conversation as the vendor's messages (providers contract §9). Roles stay as they are, except developer, which is system. Results and
/// answers hold text only: their images follow as the user's, behind the last result of their step.
/// </summary>
internal static class CohereMessages
{
    /// <summary>Lays a conversation out, or says why it cannot be.</summary>
    public static (List<CohereMessage>? Messages, GatewayError? Error) From(Conversation conversation, UpstreamTarget target)
    {
        var messages = new List<CohereMessage>(conversation.Messages.Count);
        var shown = new List<CoherePart>();
        for (var i = 0; i < conversation.Messages.Count; i++)
        {
            var message = conversation.Messages[i];
            if (message.Role != Role.Tool)
                Show(messages, shown);
            var (parts, error) = Parts(message);
            if (parts is null)
                return (null, error! with { Param = error.Param ?? $"messages[{i}]" });
            if (message.Role is Role.Tool or Role.Assistant)
            {
                shown.AddRange(parts.Where(part => part.ImageUrl is not null));
                parts.RemoveAll(part => part.ImageUrl is not null);
            }

            messages.Add(message.Role switch
            {
                Role.Assistant => OfAssistant(message, parts, target),
                Role.Tool => new CohereMessage("tool") { Parts = parts, ToolCallId = message.ToolCallId, TextOnly = true },
                Role.User => new CohereMessage("user") { Parts = parts },
                _ => new CohereMessage("system") { Parts = parts },
            });
        }

        Show(messages, shown);
        return (messages, null);
    }

    /// <summary>Writes a system message of the gateway's own.</summary>
    public static void WriteSystem(Utf8JsonWriter writer, string text) =>
        new CohereMessage("system") { Parts = [new CoherePart(text, null, null)] }.Write(writer);

    private static void Show(List<CohereMessage> messages, List<CoherePart> shown)
    {
        if (shown.Count == 0)
            return;
        messages.Add(new CohereMessage("user") { Parts = [.. shown] });
        shown.Clear();
    }

    // Thoughts go back to models that think, plans to any: where only plain text came, the one is the other.
    private static CohereMessage OfAssistant(Message message, List<CoherePart> parts, UpstreamTarget target)
    {
        if (parts.Count == 0 && !string.IsNullOrEmpty(message.Refusal))
            parts.Add(new CoherePart(message.Refusal, null, null));
        var thinks = target.Supported.HasFlag(ParameterSet.Reasoning);
        var blocks = ReasoningReplay.Blocks(message, ReasoningReplay.Unknown);
        var thoughts = string.Concat(blocks.Where(block => block.Type == "reasoning.text").Select(block => block.Text));
        var plan = string.Concat(blocks.Where(block => block.Type == "reasoning.summary").Select(block => block.Summary));
        if (message.ReasoningDetails.Count == 0 && message.Reasoning is { Length: > 0 } plain)
            (thoughts, plan) = thinks ? (plain, "") : ("", plain);
        if (thinks && thoughts.Length > 0)
            parts.Insert(0, new CoherePart(thoughts, null, null) { Thinking = true });
        return new CohereMessage("assistant") { Parts = parts, Calls = message.ToolCalls, Plan = message.ToolCalls.Count > 0 ? plan : "" };
    }

    private static (List<CoherePart>? Parts, GatewayError? Error) Parts(Message message)
    {
        var parts = new List<CoherePart>(message.Parts.Count + 1);
        var named = message.Name is { Length: > 0 } name && message.Role is Role.User or Role.System ? message.Name + ": " : null;
        foreach (var part in message.Parts)
        {
            var (written, error) = CohereMedia.ToPart(part);
            if (error is not null)
                return (null, error);
            if (named is not null && written!.ImageUrl is null)
            {
                written = written with { Text = named + written.Text };
                named = null;
            }

            parts.Add(written!);
        }

        return (parts, null);
    }
}
