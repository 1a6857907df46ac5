using System.Buffers;
using System.Text;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>A piece of text: the inside of a source string as it stands, or plain text of ours.</summary>
internal readonly ref struct TextPiece(ReadOnlySpan<byte> bytes, bool escaped)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>The bytes are the inside of a JSON string and are copied as they are.</summary>
    public bool IsEscaped { get; } = escaped;

    public bool IsEmpty => Bytes.IsEmpty;

    /// <summary>The text itself.</summary>
    public string ToText() => IsEscaped ? JsonText.ToText(Bytes) : Encoding.UTF8.GetString(Bytes);

    /// <summary>Writes the piece inside an open string.</summary>
    public void WriteTo(ref JsonOutput output)
    {
        if (IsEscaped)
            output.Escaped(Bytes);
        else
            output.Text(Bytes);
    }
}

/// <summary>Content and reasoning of one delta or message, whatever form the host gave them (providers §2.4, "Role, content", "Reasoning").</summary>
internal ref struct MessageText
{
    public TextPiece Content;
    public TextPiece Reasoning;
    /// <summary>The source holds a content that is a string or typed parts, possibly empty.</summary>
    public bool HasContent;

    /// <summary>Sorts the text out. Rewritten text lives in the buffers of <paramref name="state"/> until the next call.</summary>
    /// <param name="parts">The message's members.</param>
    /// <param name="state">The choice it belongs to.</param>
    /// <param name="whole">The message is complete: nothing is held back.</param>
    public static MessageText Read(scoped in MessageParts parts, ChoiceState state, bool whole)
    {
        state.ClearTexts();
        var text = default(MessageText);
        // Hosts that send both fields send the same text in both.
        var field = Inside(parts.ReasoningContent);
        if (field.IsEmpty)
            field = Inside(parts.Reasoning);
        if (!field.IsEmpty)
        {
            state.Think.SetPlain();
            text.Reasoning = new TextPiece(field, escaped: true);
        }
        else if (!parts.ReasoningDetails.IsEmpty)
        {
            JoinDetails(parts.ReasoningDetails, state.Reasoning);
            if (!state.WrittenReasoning.IsEmpty)
                state.Think.SetPlain();
        }
        text.ReadContent(parts.Content, state, whole);
        if (text.Reasoning.IsEmpty)
            text.Reasoning = new TextPiece(state.WrittenReasoning, escaped: false);
        return text;
    }

    private void ReadContent(ReadOnlySpan<byte> content, ChoiceState state, bool whole)
    {
        if (content.IsEmpty)
            return;
        HasContent = true;
        if (content[0] == (byte)'[')
        {
            ReadTypedParts(content, state);
            Content = new TextPiece(state.WrittenContent, escaped: false);
            return;
        }
        var inside = Inside(content);
        if (!state.Think.IsPlain && !state.Think.Holds && !inside.IsEmpty && inside[0] is not ((byte)'<' or (byte)' ' or (byte)'\\'))
            state.Think.SetPlain();
        if (state.Think.IsPlain || inside.IsEmpty)
        {
            Content = new TextPiece(inside, escaped: true);
            return;
        }
        var held = state.Think.Holds;
        var rented = ArrayPool<byte>.Shared.Rent(inside.Length);
        var length = JsonText.Unescape(inside, rented);
        state.Think.Split(rented.AsSpan(0, length), state.Reasoning, state.Content);
        ArrayPool<byte>.Shared.Return(rented);
        if (whole)
            state.Think.Finish(state.Reasoning, state.Content);
        // Nothing was taken out: the source's own spelling stays.
        Content = !held && !state.Think.Holds && state.Content.Written.Length == length
            ? new TextPiece(inside, escaped: true)
            : new TextPiece(state.Content.Written, escaped: false);
    }

    // Mistral: {type:text,text}, {type:thinking,thinking:[{type:text,text}]}; references name documents we do not have.
    private static void ReadTypedParts(ReadOnlySpan<byte> content, ChoiceState state)
    {
        var parts = new JsonElements(content);
        while (parts.Next())
        {
            if (parts.Value[0] != (byte)'{')
                continue;
            if (JsonMembers.Find(parts.Value, "thinking"u8) is { IsEmpty: false } thinking)
            {
                if (thinking[0] == (byte)'"')
                    AppendText(thinking, state.Reasoning);
                var inner = new JsonElements(thinking);
                while (inner.Next())
                    AppendText(JsonMembers.Find(inner.Value, "text"u8), state.Reasoning);
            }
            else
            {
                AppendText(JsonMembers.Find(parts.Value, "text"u8), state.Content);
            }
        }
    }

    private static void JoinDetails(ReadOnlySpan<byte> details, PooledBuffer reasoning)
    {
        var blocks = new JsonElements(details);
        while (blocks.Next())
        {
            var text = JsonMembers.Find(blocks.Value, "text"u8);
            AppendText(text.IsEmpty ? JsonMembers.Find(blocks.Value, "summary"u8) : text, reasoning);
        }
    }

    private static void AppendText(ReadOnlySpan<byte> quoted, PooledBuffer target)
    {
        var inside = Inside(quoted);
        if (inside.IsEmpty)
            return;
        var length = JsonText.Unescape(inside, target.GetSpan(inside.Length));
        target.Advance(length);
    }

    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> value) => value is [(byte)'"', .. var inside, (byte)'"'] ? inside : default;
}
