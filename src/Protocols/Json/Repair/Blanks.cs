namespace Fairlead.Protocols.Json.Repair;

/// <summary>What stands between tokens: white space, comments of JavaScript and Python; and the fences of Markdown that end everything.</summary>
internal static class Blanks
{
    /// <summary>White space of JSON.</summary>
    public static ReadOnlySpan<byte> All => " \n\r\t"u8;

    /// <summary>White space that does not end a line, or not where it matters.</summary>
    public static ReadOnlySpan<byte> InLine => " \t\r"u8;

    /// <summary>The first index from <paramref name="at"/> on that is neither white space nor part of a comment.</summary>
    public static int Skip(ReadOnlySpan<byte> text, int at)
    {
        while (true)
        {
            at = JsonScan.SkipBlank(text, at);
            if (at >= text.Length || text[at] is not ((byte)'/' or (byte)'#') || !IsComment(text, at))
                return at;
            at = EndOfComment(text, at);
        }
    }

    /// <summary><c>//</c>, <c>/*</c>, or <c>#</c> with a blank (without one it is more likely a colour).</summary>
    public static bool IsComment(ReadOnlySpan<byte> text, int at) =>
        at + 1 < text.Length && ((text[at] == (byte)'#' && text[at + 1] == (byte)' ') || (text[at] == (byte)'/' && text[at + 1] is (byte)'/' or (byte)'*'));

    /// <summary>The index behind the comment at <paramref name="at"/>; one that nobody closed goes to the end.</summary>
    public static int EndOfComment(ReadOnlySpan<byte> text, int at)
    {
        var block = text[at] == (byte)'/' && text[at + 1] == (byte)'*';
        var end = block ? text[(at + 2)..].IndexOf("*/"u8) : text[at..].IndexOf((byte)'\n');
        if (end < 0)
            return text.Length;
        return block ? at + 2 + end + 2 : at + end;
    }

    public static bool IsFence(ReadOnlySpan<byte> text, int at) => text[at] == (byte)'`' && text[at..].StartsWith("```"u8);
}
