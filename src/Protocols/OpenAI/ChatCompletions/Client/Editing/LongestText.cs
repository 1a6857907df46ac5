using System.Buffers;
using System.Text;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>The longest text of some messages: a content that is a string, or a text part of one. It can lose its middle.</summary>
internal sealed class LongestText
{
    /// <summary>Characters that stay at each end at least: less is no text any more.</summary>
    private const int LeastKept = 32;

    private const string Ellipsis = "\n…\n";

    private readonly ReadOnlyMemory<byte> message;
    private readonly Range place;
    private readonly string text;

    private LongestText(int index, ReadOnlyMemory<byte> message, Range place)
    {
        (Message, this.message, this.place) = (index, message, place);
        text = JsonText.ToText(message.Span[place][1..^1]);
        Tokens = Count(text);
    }

    /// <summary>Which message it is in.</summary>
    public int Message { get; }

    /// <summary>Its o200k tokens.</summary>
    public int Tokens { get; }

    /// <summary>The longest, of equals the first; null where there is no text.</summary>
    public static LongestText? Of(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var (best, at) = (-1, 0..0);
        for (var i = 0; i < messages.Count; i++)
        {
            var item = messages[i].Span;
            var content = JsonMembers.Find(item, "content"u8);
            Consider(i, item, content, ref best, ref at);
            if (content is not [(byte)'[', ..])
                continue;
            var parts = new JsonElements(content);
            while (parts.Next())
            {
                if (parts.Value is [(byte)'{', ..] && JsonMembers.FindString(parts.Value, "type"u8).SequenceEqual("text"u8))
                    Consider(i, item, JsonMembers.Find(parts.Value, "text"u8), ref best, ref at);
            }
        }

        return best < 0 ? null : new LongestText(best, messages[best], at);
    }

    /// <summary>The message with as much of the text's head and tail as fits, the same of both; null where too little would be left.</summary>
    public ReadOnlyMemory<byte>? CutTo(Func<int, bool> fits)
    {
        var (least, most) = (LeastKept, (text.Length - 1) / 2);
        if (least > most || !fits(Count(Cut(least))))
            return null;
        // A few characters more or less are not worth counting a long text again.
        while (most - least > Math.Max(8, text.Length / 4096))
        {
            var half = least + ((most - least) / 2);
            if (fits(Count(Cut(half))))
                least = half;
            else
                most = half;
        }

        var output = new ArrayBufferWriter<byte>(message.Length);
        var json = new JsonOutput(output);
        json.Frame(message.Span[..place.Start.Value]);
        json.String(Cut(least));
        json.Frame(message.Span[place.End.Value..]);
        json.Flush();
        return output.WrittenMemory;
    }

    private static void Consider(int index, ReadOnlySpan<byte> message, ReadOnlySpan<byte> value, ref int best, ref Range at)
    {
        if (value is not [(byte)'"', ..] || value.Length <= at.End.Value - at.Start.Value)
            return;
        message.Overlaps(value, out var start);
        (best, at) = (index, start..(start + value.Length));
    }

    private static int Count(string text) => Tokenizer.O200k.Count(Encoding.UTF8.GetBytes(text));

    private string Cut(int kept)
    {
        // Not through the middle of a pair.
        var head = char.IsHighSurrogate(text[kept - 1]) ? kept - 1 : kept;
        var tail = text.Length - kept;
        tail += char.IsLowSurrogate(text[tail]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, head), Ellipsis, text.AsSpan(tail));
    }
}
