namespace Fairlead.Simulator.Conversation;

/// <summary>
/// The simulator's tokens: at most one space, then either up to eight letters and digits in a row or one other character. Joined again the pieces are the text.
/// Usage is counted in them.
/// </summary>
internal static class Pieces
{
    private const int LongestPiece = 8;

    public static IReadOnlyList<string> Of(string text)
    {
        var pieces = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = NextLength(text, at);
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }

    public static long Count(string text)
    {
        long count = 0;
        for (var at = 0; at < text.Length; at += NextLength(text, at))
        {
            count++;
        }

        return count;
    }

    /// <summary>The length in characters of the piece that starts at <paramref name="at"/>.</summary>
    public static int NextLength(string text, int at)
    {
        var end = at;
        if (text[end] == ' ' && end + 1 < text.Length)
        {
            end++;
        }

        var start = end;
        while (end < text.Length && end - start < LongestPiece && char.IsLetterOrDigit(text[end]))
        {
            end++;
        }

        if (end > start)
        {
            return end - at;
        }

        var pair = char.IsHighSurrogate(text[end]) && end + 1 < text.Length && char.IsLowSurrogate(text[end + 1]);
        return end + (pair ? 2 : 1) - at;
    }
}
