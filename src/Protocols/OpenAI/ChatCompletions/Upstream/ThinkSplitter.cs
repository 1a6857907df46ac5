using System.Runtime.CompilerServices;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Takes a leading <c>&lt;think&gt;…&lt;/think&gt;</c> out of content (providers §2.4): only at the start of the answer, after whitespace. Tags may be cut
/// across deltas, so up to eight bytes are held back. Works on text, not on JSON.
/// </summary>
internal sealed class ThinkSplitter
{
    // Whitespace before the tag that is still waited through; more than this is an answer that begins with blank lines.
    private const int MostBlank = 8;

    private Held held;
    private int heldLength;
    private Phase phase;

    [InlineArray(MostBlank + 8)]
    private struct Held
    {
        private byte first;
    }

    private enum Phase
    {
        Start,
        Thinking,
        Closed,
        Plain,
    }

    /// <summary>Content passes untouched from here on.</summary>
    public bool IsPlain => phase == Phase.Plain;

    /// <summary>Text is held back.</summary>
    public bool Holds => heldLength > 0;

    /// <summary>Reasoning came another way, or the answer has another shape: nothing is split.</summary>
    public void SetPlain()
    {
        if (phase == Phase.Start && heldLength == 0)
            phase = Phase.Plain;
    }

    /// <summary>Splits a piece of content text, appending to the two buffers.</summary>
    public void Split(ReadOnlySpan<byte> text, PooledBuffer reasoning, PooledBuffer content)
    {
        while (!text.IsEmpty)
        {
            if (phase is Phase.Plain)
            {
                content.Append(text);
                return;
            }
            if (phase is Phase.Closed)
            {
                // The blank lines after the closing tag belong to the template.
                text = text.TrimStart("\r\n"u8);
                if (!text.IsEmpty)
                    phase = Phase.Plain;
                continue;
            }
            Take(ref text, reasoning, content);
        }
    }

    /// <summary>The answer ended: what is held back goes where it belongs.</summary>
    public void Finish(PooledBuffer reasoning, PooledBuffer content)
    {
        (phase == Phase.Thinking ? reasoning : content).Append(held[..heldLength]);
        heldLength = 0;
        phase = Phase.Plain;
    }

    private void Take(ref ReadOnlySpan<byte> text, PooledBuffer reasoning, PooledBuffer content)
    {
        if (phase == Phase.Start)
        {
            held[heldLength++] = text[0];
            text = text[1..];
            var begun = ((ReadOnlySpan<byte>)held[..heldLength]).TrimStart(" \t\r\n"u8);
            if (begun.SequenceEqual("<think>"u8))
            {
                heldLength = 0;
                phase = Phase.Thinking;
            }
            else if (!"<think>"u8.StartsWith(begun) || heldLength - begun.Length > MostBlank)
            {
                Finish(reasoning, content);
            }
            return;
        }
        if (heldLength == 0)
        {
            var open = text.IndexOf((byte)'<');
            reasoning.Append(open < 0 ? text : text[..open]);
            text = open < 0 ? default : text[open..];
            if (text.IsEmpty)
                return;
        }
        held[heldLength++] = text[0];
        text = text[1..];
        if (held[..heldLength].SequenceEqual("</think>"u8))
        {
            heldLength = 0;
            phase = Phase.Closed;
        }
        else if (!"</think>"u8.StartsWith(held[..heldLength]))
        {
            // Not the tag after all; its last byte may begin another.
            var again = held[heldLength - 1] == (byte)'<';
            reasoning.Append(held[..(again ? heldLength - 1 : heldLength)]);
            heldLength = again ? 1 : 0;
        }
    }
}
