namespace Fairlead.Protocols.Tokens;

/// <summary>
/// Cuts a text into the pieces that are encoded each on its own, exactly as the pattern of o200k_base does, its order of alternatives and its
/// backtracking included, in one or two passes over each piece:
/// <code>
/// 1  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+('s|'t|'re|'ve|'m|'ll|'d, any case)?
/// 2  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(the same)?
/// 3  \p{N}{1,3}
/// 4   ?[^\s\p{L}\p{N}]+[\r\n/]*
/// 5  \s*[\r\n]+
/// 6  \s+(?!\S)
/// 7  \s+
/// </code>
/// </summary>
internal static class PieceSplitter
{
    /// <summary>Bytes of the first piece of a text that is not empty; at least one.</summary>
    public static int Next(ReadOnlySpan<byte> text)
    {
        var first = CharacterClasses.Read(text, out var firstLength);
        if (first.IsIn(CharacterClass.WordPrefix))
        {
            if (Word(text, firstLength) is var word && word > 0)
                return word;
            if (first.IsIn(CharacterClass.Mark))
                return Word(text, 0);
        }
        else if (first.IsIn(CharacterClass.Number))
        {
            return Numbers(text);
        }
        else if (!first.IsIn(CharacterClass.LineEnd))
        {
            return Word(text, 0);
        }

        if (first.IsIn(CharacterClass.Symbol))
            return Symbols(text, firstLength);
        if (text[0] == ' ' && text.Length > 1 && CharacterClasses.Read(text[1..], out var secondLength).IsIn(CharacterClass.Symbol))
            return Symbols(text, 1 + secondLength);
        return White(text);
    }

    /// <summary>Alternatives 1 and 2 from the end of the optional prefix; 0 when no word starts there.</summary>
    private static int Word(ReadOnlySpan<byte> text, int start)
    {
        var at = start;
        var afterLastCaseless = 0;
        var next = CharacterClass.Other;
        var length = 0;
        while (at < text.Length && (next = CharacterClasses.Read(text[at..], out length)).IsIn(CharacterClass.WordHead))
        {
            at += length;
            if (next.IsIn(CharacterClass.WordTail))
                afterLastCaseless = at;
        }

        if (at < text.Length && next.IsIn(CharacterClass.Lower))
        {
            do
                at += length;
            while (at < text.Length && CharacterClasses.Read(text[at..], out length).IsIn(CharacterClass.WordTail));
        }
        else if (afterLastCaseless > 0)
        {
            // Alternative 1 gives characters back until its tail can match: the last one without case ends the piece.
            at = afterLastCaseless;
        }
        else if (at == start)
        {
            return 0;
        }

        return at + Contraction(text[at..]);
    }

    private static int Contraction(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '\'')
            return 0;
        var first = text[1] | 0x20;
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        if (text.Length < 3)
            return 0;
        var second = text[2] | 0x20;
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static int Numbers(ReadOnlySpan<byte> text)
    {
        var at = 0;
        for (var taken = 0; taken < 3 && at < text.Length; taken++)
        {
            if (!CharacterClasses.Read(text[at..], out var length).IsIn(CharacterClass.Number))
                break;
            at += length;
        }

        return at;
    }

    private static int Symbols(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && CharacterClasses.Read(text[at..], out var length).IsIn(CharacterClass.Symbol))
            at += length;
        while (at < text.Length && text[at] is (byte)'\r' or (byte)'\n' or (byte)'/')
            at++;
        return at;
    }

    private static int White(ReadOnlySpan<byte> text)
    {
        var at = 0;
        var afterLineEnd = 0;
        var beforeLast = 0;
        while (at < text.Length && CharacterClasses.Read(text[at..], out var length) is var next && next.IsIn(CharacterClass.White))
        {
            beforeLast = at;
            at += length;
            if (next.IsIn(CharacterClass.LineEnd))
                afterLineEnd = at;
        }

        if (afterLineEnd > 0)
            return afterLineEnd;
        return at == text.Length || beforeLast == 0 ? at : beforeLast;
    }
}
