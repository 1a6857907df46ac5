using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fairlead.Protocols.Tokens;

/// <summary>What the o200k pattern tells characters apart by.</summary>
[Flags]
internal enum CharacterClass : byte
{
    /// <summary>No character.</summary>
    None = 0,
    /// <summary>Punctuation, symbols, controls: neither space, letter nor number.</summary>
    Other = 1,
    /// <summary>A combining mark: part of a word, and allowed in a run of symbols.</summary>
    Mark = 2,
    /// <summary>Upper or title case.</summary>
    Upper = 4,
    /// <summary>Lower case.</summary>
    Lower = 8,
    /// <summary>Modifier and other letters, which have no case.</summary>
    Caseless = 16,
    /// <summary>Any number.</summary>
    Number = 32,
    /// <summary>Space other than line ends.</summary>
    Space = 64,
    /// <summary>CR or LF.</summary>
    LineEnd = 128,

    /// <summary><c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c></summary>
    WordHead = Upper | Caseless | Mark,
    /// <summary><c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c></summary>
    WordTail = Lower | Caseless | Mark,
    /// <summary><c>[^\r\n\p{L}\p{N}]</c></summary>
    WordPrefix = Other | Mark | Space,
    /// <summary><c>[^\s\p{L}\p{N}]</c></summary>
    Symbol = Other | Mark,
    /// <summary><c>\s</c></summary>
    White = Space | LineEnd,
}

/// <summary>Reads one character and its class.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Ascii = [.. Enumerable.Range(0, 128).Select(code => Of(new Rune(code)))];

    /// <summary>Belongs to one of the classes of a set.</summary>
    public static bool IsIn(this CharacterClass one, CharacterClass set) => (one & set) != CharacterClass.None;

    /// <summary>The class of the character at the start of a text that is not empty, and its length in bytes; a bad byte is a symbol of one byte.</summary>
    public static CharacterClass Read(ReadOnlySpan<byte> utf8, out int length)
    {
        var first = utf8[0];
        if (first < 128)
        {
            length = 1;
            return Ascii[first];
        }

        if (Rune.DecodeFromUtf8(utf8, out var rune, out length) == OperationStatus.Done)
            return Of(rune);
        length = 1;
        return CharacterClass.Other;
    }

    private static CharacterClass Of(Rune rune)
    {
        if (rune.Value is '\r' or '\n')
            return CharacterClass.LineEnd;
        if (IsSpace(rune))
            return CharacterClass.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Upper,
            UnicodeCategory.LowercaseLetter => CharacterClass.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Caseless,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => CharacterClass.Other,
        };
    }

    // JavaScript's \s, which we are checked against: it has U+FEFF and lacks U+0085; the other regex engines this pattern runs on have it the
    // other way round.
    private static bool IsSpace(Rune rune) => rune.Value == 0xFEFF || (Rune.IsWhiteSpace(rune) && rune.Value != 0x85);
}
