namespace Fairlead.Inference.Routers.Auto;

/// <summary>Adds up the words and pairs of words of a text that <see cref="TaskTerms"/> knows, each once. Work is bounded by the length of the sample.</summary>
internal static class TermScore
{
    public static Score Of(string text)
    {
        var lower = text.ToLowerInvariant();
        var score = Phrases(lower);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var terms = TaskTerms.Words.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = lower.AsSpan();
        var previous = default(Range);
        for (var at = 0; at < lower.Length;)
        {
            if (!IsOfWord(lower[at]))
            {
                at++;
                continue;
            }

            var end = at + 1;
            while (end < lower.Length && IsOfWord(lower[end]))
                end++;
            // "C++" and "C#" are words; a point at the end is not of its word.
            var word = at..Trimmed(rest, at, end);
            Add(terms, rest[word], seen, ref score);
            if (!previous.Equals(default) && word.Start.Value - previous.End.Value == 1)
                Add(terms, rest[previous.Start..word.End], seen, ref score);
            previous = word;
            at = end;
        }

        return score;
    }

    private static void Add(Dictionary<string, Score>.AlternateLookup<ReadOnlySpan<char>> terms, ReadOnlySpan<char> term, HashSet<string> seen, ref Score score)
    {
        if (terms.TryGetValue(term, out var key, out var value) && seen.Add(key))
            score += value;
    }

    /// <summary>Scripts without spaces, and languages whose words change their ends: looked for anywhere.</summary>
    private static Score Phrases(string text)
    {
        var score = default(Score);
        foreach (var (phrase, value) in TaskTerms.Phrases)
        {
            if (text.Contains(phrase, StringComparison.Ordinal))
                score += value;
        }

        return score;
    }

    // Letters of scripts without spaces belong to no word: "用Python写" holds the word "python". From U+2E80 on they are Chinese, Japanese and Korean.
    private static bool IsOfWord(char c) => c < '\u2e80' && char.IsLetterOrDigit(c) || c is '+' or '#' or '.' or '-' or '_' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static int Trimmed(ReadOnlySpan<char> text, int start, int end)
    {
        while (end > start + 1 && text[end - 1] is '.' or '-')
            end--;
        return end;
    }
}
