using System.Text;

namespace Fairlead.Protocols.Json.Repair;

/// <summary>Numbers and literals as people, Python and JavaScript write them, as JSON writes them.</summary>
internal static class LooseScalar
{
    private static readonly byte[][] Nothing = [.. new[] { "null", "none", "undefined", "nan", "infinity", "-infinity" }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>Writes a word that is a number or a literal; false when it is neither.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> word, ref JsonOutput output)
    {
        if (word.IsEmpty)
            return false;
        if (word[0] is (byte)'-' or (byte)'+' or (byte)'.' || char.IsAsciiDigit((char)word[0]))
        {
            if (IsNumber(word))
            {
                output.Raw(word);
                return true;
            }

            if (TryWriteNumber(word, ref output))
                return true;
        }

        if (Is(word, "true"u8) || Is(word, "false"u8))
        {
            output.Boolean(word.Length == 4);
            return true;
        }

        foreach (var nothing in Nothing)
        {
            // As JSON.stringify writes what it has no number for.
            if (Is(word, nothing))
            {
                output.Null();
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> literal) => Ascii.EqualsIgnoreCase(word, literal);

    /// <summary><c>+1</c>, <c>.5</c>, <c>-.5</c>, <c>5.</c></summary>
    private static bool TryWriteNumber(ReadOnlySpan<byte> word, ref JsonOutput output)
    {
        const int Longest = 64;
        if (word.Length > Longest)
            return false;
        Span<byte> number = stackalloc byte[Longest + 2];
        var length = 0;
        if (word[0] is (byte)'-' or (byte)'+')
        {
            if (word[0] == (byte)'-')
                number[length++] = (byte)'-';
            word = word[1..];
        }

        if (word is [(byte)'.', ..])
            number[length++] = (byte)'0';
        word.CopyTo(number[length..]);
        length += word.Length;
        if (word is [.., (byte)'.'])
            number[length++] = (byte)'0';
        if (!IsNumber(number[..length]))
            return false;
        output.Raw(number[..length]);
        return true;
    }

    /// <summary>A number by JSON's grammar.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> word)
    {
        var at = word is [(byte)'-', ..] ? 1 : 0;
        var whole = Digits(word, ref at);
        if (whole == 0 || (whole > 1 && word[at - whole] == (byte)'0'))
            return false;
        if (at < word.Length && word[at] == (byte)'.')
        {
            at++;
            if (Digits(word, ref at) == 0)
                return false;
        }

        if (at < word.Length && word[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < word.Length && word[at] is (byte)'+' or (byte)'-')
                at++;
            if (Digits(word, ref at) == 0)
                return false;
        }

        return at == word.Length;
    }

    private static int Digits(ReadOnlySpan<byte> word, ref int at)
    {
        var from = at;
        while (at < word.Length && char.IsAsciiDigit((char)word[at]))
            at++;
        return at - from;
    }
}
