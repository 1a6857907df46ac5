using System.Text;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Routers.Auto;

/// <summary>
/// What the classifier looks at: facts about the request, and a bounded piece of what the user last said. The beginning and the end of a long text tell
/// what it is about; the middle is not read.
/// </summary>
/// <param name="Text">From the last message of the user.</param>
/// <param name="Before">From the one before it; empty when there is none.</param>
/// <param name="Sees">There are pictures or film.</param>
/// <param name="Calls">There are tools the model may call.</param>
/// <param name="Tokens">Estimated tokens of the prompt.</param>
internal readonly record struct PromptSample(string Text, string Before, bool Sees, bool Calls, int Tokens)
{
    /// <summary>Characters kept of the beginning of a message.</summary>
    public const int Head = 4000;
    /// <summary>Characters kept of its end.</summary>
    public const int Tail = 1000;

    public static PromptSample Of(CanonicalRequest request)
    {
        var content = request.Content;
        var texts = new[] { "", "" };
        var found = 0;
        var messages = request.Conversation.Messages;
        for (var i = messages.Count - 1; i >= 0 && found < texts.Length; i--)
        {
            if (messages[i].Role == Role.User)
                texts[found++] = TextOf(messages[i]);
        }

        return new PromptSample(
            texts[0], texts[1], content.Images + content.Videos > 0, content.Tools > 0 && request.ToolChoice is not { Kind: ToolChoiceKind.None }, content.PromptTokens);
    }

    /// <summary>The beginning and the end of a text.</summary>
    public static string Bounded(string text) => text.Length <= Head + Tail ? text : string.Concat(text.AsSpan(0, Head), "\n", text.AsSpan(text.Length - Tail));

    private static string TextOf(Message message)
    {
        if (message.Parts is [TextPart only])
            return Bounded(only.Text);
        var text = new StringBuilder();
        foreach (var part in message.Parts)
        {
            if (part is TextPart piece && text.Length <= Head + Tail)
                text.Append(Bounded(piece.Text)).Append('\n');
        }

        return Bounded(text.ToString());
    }
}
