using System.Buffers;

namespace Fairlead.Protocols.Json.Repair;

/// <summary>
/// Reads one object or array as a person would and writes it as JSON: single quotes, names and words without quotes, comments, commas too many or missing,
/// literals of Python, line ends in strings, brackets and strings that stay open. One pass, no way back, nesting bounded by <see cref="JsonLimits.Depth"/>.
/// </summary>
internal ref struct TolerantReader
{
    // An open name that holds one of these has swallowed more than itself.
    private static readonly SearchValues<byte> NoName = SearchValues.Create(":{}[]\n"u8);

    private readonly ReadOnlySpan<byte> text;
    private readonly bool looseQuotes;
    private JsonOutput output;
    private int at;
    private int depth;
    // One bit per open container, the innermost lowest; set for objects. As many as there may be levels.
    private UInt128 kinds;
    private bool began;

    public TolerantReader(ReadOnlySpan<byte> text, bool looseQuotes, IBufferWriter<byte> target)
    {
        this.text = text;
        this.looseQuotes = looseQuotes;
        output = new JsonOutput(target);
    }

    /// <summary>At least one member of an object was read: this was meant to be JSON.</summary>
    public bool HasMembers { get; private set; }

    /// <summary>Nothing but blanks and comments stands behind what was read.</summary>
    public readonly bool AtEnd => Blanks.Skip(text, at) >= text.Length;

    /// <summary>Copies the value at the start of the text; what stands behind it is not looked at. False when it cannot be made sense of: the target then holds nonsense.</summary>
    /// <param name="prefix">Up to there the text is JSON: it is copied as it stands.</param>
    public bool TryCopy(in ValidPrefix prefix)
    {
        var copied = prefix.At == 0 ? Container() : Rest(prefix);
        output.Flush();
        return copied;
    }

    private bool Rest(in ValidPrefix prefix)
    {
        var compact = ArrayPool<byte>.Shared.Rent(prefix.At);
        var length = JsonBlanks.Remove(text[..prefix.At], compact);
        output.Frame(compact.AsSpan(0, length), continues: compact[length - 1] is not ((byte)'{' or (byte)'['));
        ArrayPool<byte>.Shared.Return(compact);
        (at, depth, kinds) = (prefix.At, prefix.Depth, prefix.Kinds);
        HasMembers = began = prefix.Began;
        while (depth > 0)
        {
            var read = (kinds & UInt128.One) == UInt128.One ? OtherMembers() : OtherElements();
            kinds >>= 1;
            depth--;
            if (!read)
                return false;
            HasMembers = began = true;
        }

        return true;
    }

    private bool Container()
    {
        if (depth == JsonLimits.Depth)
            return false;
        var isObject = text[at++] == (byte)'{';
        depth++;
        kinds = (kinds << 1) | (isObject ? UInt128.One : UInt128.Zero);
        var read = isObject ? Members() : Elements();
        kinds >>= 1;
        depth--;
        return read;
    }

    private bool Members()
    {
        output.BeginObject();
        return OtherMembers();
    }

    private bool OtherMembers()
    {
        while (true)
        {
            Separators();
            if (Closes((byte)'}', out var end))
            {
                output.EndObject();
                return end;
            }

            if (!Name(out var name))
                return false;
            if (name.IsEmpty && at >= text.Length)
                continue;
            LooseString.WriteName(name, ref output);
            if (!MemberValue())
                return false;
            HasMembers = began = true;
        }
    }

    private bool Elements()
    {
        output.BeginArray();
        return OtherElements();
    }

    private bool OtherElements()
    {
        while (true)
        {
            var separated = text[at - 1] == (byte)'[';
            separated |= Separators();
            if (Closes((byte)']', out var end))
            {
                output.EndArray();
                return end;
            }

            if (!Value(separated, ofMember: false))
                return false;
            began = true;
        }
    }

    /// <summary>Skips blanks and commas, however many; whether there was a comma.</summary>
    private bool Separators()
    {
        var comma = false;
        while ((at = Blanks.Skip(text, at)) < text.Length && text[at] == (byte)',')
        {
            comma = true;
            at++;
        }

        return comma;
    }

    /// <summary>
    /// The innermost container ends here: by its own bracket, by one that closes an outer container (left to that), or with the text. An empty thing that the
    /// text ends in is more likely prose (<paramref name="believable"/>).
    /// </summary>
    private bool Closes(byte bracket, out bool believable)
    {
        believable = true;
        if (at >= text.Length || Blanks.IsFence(text, at))
        {
            believable = began;
            return true;
        }

        var here = text[at];
        if (here is not ((byte)'}' or (byte)']'))
            return false;
        var otherOpen = here == (byte)'}' ? kinds != 0 : depth > (int)UInt128.PopCount(kinds);
        if (here == bracket || !otherOpen)
            at++;
        return true;
    }

    /// <summary>A member's name and its colon. Empty at the end of the text for a name that was cut before its colon: the member is left out.</summary>
    private bool Name(out ReadOnlySpan<byte> name)
    {
        var quoted = text[at] is (byte)'"' or (byte)'\'';
        var start = at;
        if (!(quoted ? QuotedName(out name) : BareName(out name)))
            return false;
        at = Blanks.Skip(text, at);
        if (at < text.Length && text[at] == (byte)':')
        {
            at++;
            return true;
        }

        if (at >= text.Length)
        {
            name = [];
            return began;
        }

        // {"name: "John"}: the quote that ended the name begins the value.
        if (!quoted || name.TrimEnd((byte)' ') is not [.. var before, (byte)':'] || before.IsEmpty)
            return false;
        at = start + 1 + name.Length;
        name = before;
        return true;
    }

    private bool QuotedName(out ReadOnlySpan<byte> name)
    {
        var end = Quotes.End(text, at, looseQuotes);
        name = end < 0 ? text[(at + 1)..] : text[(at + 1)..end];
        if (end < 0 && (looseQuotes || name.IndexOfAny(NoName) >= 0))
            return false;
        at = end < 0 ? text.Length : end + 1;
        return true;
    }

    private bool BareName(out ReadOnlySpan<byte> name)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] is (byte)'_' or (byte)'$' or (byte)'-' or (byte)'.' or >= 0x80))
            at++;
        name = text[start..at];
        if (at < text.Length && text[at] is (byte)'"' or (byte)'\'')
            at++;
        return !name.IsEmpty && !IsPunctuation(name);
    }

    private bool MemberValue()
    {
        at = Blanks.Skip(text, at);
        if (at < text.Length && text[at] is not ((byte)',' or (byte)'}' or (byte)']') && !Blanks.IsFence(text, at))
            return Value(separated: true, ofMember: true);
        output.Null();
        return true;
    }

    private bool Value(bool separated, bool ofMember)
    {
        switch (text[at])
        {
            case (byte)'{' or (byte)'[':
                return Container();
            case (byte)'"' or (byte)'\'':
                return String();
            default:
                return Word(separated, ofMember);
        }
    }

    private bool String()
    {
        var end = Quotes.End(text, at, looseQuotes);
        if (end < 0 && looseQuotes)
            return false;
        var stop = end < 0 ? EndOfOpenString() : end;
        var inside = text[(at + 1)..stop];
        if (end >= 0 && text[at] == (byte)'"' && inside.IndexOfAny(JsonText.NeedsEscape) < 0)
            output.Raw(text[at..(end + 1)]);
        else
            LooseString.Write(inside, ref output);
        at = end < 0 ? stop : end + 1;
        return true;
    }

    /// <summary>A string that stays open goes to the end of the text, or to the brackets there if they close everything that is open.</summary>
    private readonly int EndOfOpenString()
    {
        var stop = text.Length;
        for (var level = depth - 1; level >= 0; level--)
        {
            stop = text[..stop].TrimEnd(Blanks.All).Length;
            var isObject = ((kinds >> level) & UInt128.One) == UInt128.One;
            if (stop <= at + 1 || text[stop - 1] != (isObject ? (byte)'}' : (byte)']'))
                return text.Length;
            stop--;
        }

        return stop;
    }

    /// <summary>A number, a literal, or (in an object, behind a colon, comma or bracket) a text without its quotes.</summary>
    private bool Word(bool separated, bool ofMember)
    {
        // Elements may be separated by blanks alone, members are not.
        var end = EndOfWord(at, atBlank: !ofMember);
        if (LooseScalar.TryWrite(text[at..end].TrimEnd(Blanks.InLine), ref output))
        {
            at = end;
            return true;
        }

        end = EndOfWord(end, atBlank: false);
        var words = text[at..end].TrimEnd(Blanks.InLine);
        // {"a":1 b:2}: the last word is the next name.
        if (end < text.Length && text[end] == (byte)':' && words.IndexOfAny(Blanks.InLine) is var first and > 0 && LooseScalar.TryWrite(words[..first], ref output))
        {
            at += first;
            return true;
        }

        if (words.IsEmpty || IsPunctuation(words) || kinds == 0 || !separated || (end < text.Length && text[end] is (byte)':' or (byte)'"' or (byte)'\'' or (byte)'{' or (byte)'['))
            return false;
        output.String(words);
        at = end;
        return true;
    }

    /// <summary>Dots, and what U+2000 to U+203F begins: no name and no word, whatever was meant.</summary>
    private static bool IsPunctuation(ReadOnlySpan<byte> word) => word[0] == (byte)'.' || word.StartsWith<byte>([0xE2, 0x80]);

    private readonly int EndOfWord(int end, bool atBlank)
    {
        while (end < text.Length && !(atBlank && text[end] is (byte)' ' or (byte)'\t') && !EndsWord(end))
            end++;
        return end;
    }

    private readonly bool EndsWord(int index) => text[index] switch
    {
        (byte)',' or (byte)'}' or (byte)']' or (byte)'{' or (byte)'[' or (byte)':' or (byte)'"' or (byte)'\'' or (byte)'`' or (byte)'\n' => true,
        (byte)'/' or (byte)'#' => text[index - 1] is (byte)' ' or (byte)'\t' && Blanks.IsComment(text, index),
        _ => false,
    };
}
