namespace Fairlead.Protocols.Json.Repair;

/// <summary>
/// Where strings end. By JSON's rule the next quote that no backslash stands before; by the loose rule only a quote that something follows which can follow a
/// string, so that <c>"she said "yes" twice"</c> is one string. Every byte is looked at a fixed number of times.
/// </summary>
internal static class Quotes
{
    /// <summary>The index of the quote that ends the string whose opening quote stands at <paramref name="at"/>; −1 when it stays open.</summary>
    public static int End(ReadOnlySpan<byte> text, int at, bool loose)
    {
        var quote = text[at++];
        while (true)
        {
            var found = text[at..].IndexOfAny(quote, (byte)'\\');
            if (found < 0)
                return -1;
            at += found;
            if (text[at] == quote)
            {
                if (!loose || Ends(text, at + 1))
                    return at;
                at++;
            }
            else if ((at += 2) >= text.Length)
            {
                return -1;
            }
        }
    }

    private static bool Ends(ReadOnlySpan<byte> text, int at)
    {
        var next = JsonScan.SkipBlank(text, at);
        if (next == text.Length)
            return true;
        var blank = text[at..next];
        return text[next] switch
        {
            (byte)',' or (byte)'}' or (byte)']' or (byte)':' or (byte)'{' or (byte)'[' or (byte)'`' or (byte)'#' => true,
            (byte)'/' => next + 1 < text.Length && text[next + 1] is (byte)'/' or (byte)'*',
            // A comma may be missing before the next line, string or number.
            _ => blank.Contains((byte)'\n') || (!blank.IsEmpty && (text[next] is (byte)'"' or (byte)'\'' || char.IsAsciiDigit((char)text[next]))),
        };
    }
}
