using System.Text.RegularExpressions;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>
/// What the models named in a text are to do: the text without the words that name them. A quotation is the task itself; else the part before "using …" or
/// behind "ask … to"; else the whole text, because a wrong cut is worse than none.
/// </summary>
internal static partial class TaskText
{
    public static string Of(string text, IReadOnlyList<Mention> mentions)
    {
        var trimmed = text.Trim();
        if (mentions.Count == 0)
            return trimmed;
        try
        {
            return Cut(text, trimmed, mentions);
        }
        catch (RegexMatchTimeoutException)
        {
            return trimmed;
        }
    }

    private static string Cut(string text, string trimmed, IReadOnlyList<Mention> mentions)
    {
        if (Quoted(text, mentions) is { } quoted)
            return quoted;
        // The names and what joins them, as one piece.
        var (start, end) = (mentions[0].Start, mentions[^1].End);
        if (!AreOneList(text, mentions))
            return trimmed;
        start = text.LastIndexOf('~', start) == start - 1 && start > 0 ? start - 1 : start;
        var before = text[..start];
        var after = text[end..];
        if (Using().Match(before) is { Success: true } cut && before[..cut.Index].Trim().Length > 0)
            return Joined(before[..cut.Index], after);
        if (Ask().IsMatch(before) && To().Match(after) is { Success: true } to && after[to.Length..].Trim().Length > 0)
            return Sentence(after[to.Length..]);
        return trimmed;
    }

    private static string? Quoted(string text, IReadOnlyList<Mention> mentions)
    {
        foreach (Match match in Quotation().Matches(text))
        {
            // A quoted model is a model.
            if (match.Groups["text"].Value.Trim() is { Length: > 1 } inside && !mentions.Any(mention => mention.Start >= match.Index && mention.End <= match.Index + match.Length))
                return inside;
        }

        return null;
    }

    /// <summary>Between two names stand only commas and small words.</summary>
    private static bool AreOneList(string text, IReadOnlyList<Mention> mentions)
    {
        for (var i = 1; i < mentions.Count; i++)
        {
            if (!Between().IsMatch(text[mentions[i - 1].End..mentions[i].Start]))
                return false;
        }

        return true;
    }

    private static string Joined(string before, string after)
    {
        var rest = after.Trim().TrimStart(',', ';').Trim();
        var task = before.Trim().TrimEnd(',', ';', ':').Trim();
        return rest.Trim('.', '!', '?', ' ').Length == 0 ? Sentence(task) : Sentence($"{task} {rest}");
    }

    private static string Sentence(string text) => text.Trim().TrimStart(',', ':').Trim() is { Length: > 0 } left ? char.ToUpperInvariant(left[0]) + left[1..] : text.Trim();

    [GeneratedRegex("[\"“„«](?<text>[^\"“”„«»]{2,20000})[\"”“»]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Quotation();

    [GeneratedRegex(@"(?:^|[\s,])(?:using|with|via|through|by|on|in|to|from|for|against|across|mit|avec|con|usando|com|через|с)\s+(?:the\s+|both\s+|all\s+of\s+|models?\s+|latest\s+|newest\s+|den\s+)*[""'`(]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Using();

    [GeneratedRegex(@"(?:^|\s)(?:ask|tell|have|let|get|use|want|call|query|prompt|make|compare|frag|frage|demande\s+à|pregunta\s+a|utilise|usa|nutze)\s+(?:the\s+|both\s+|models?\s+|latest\s+|newest\s+)*[""'`(]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Ask();

    [GeneratedRegex(@"^[""'`)]*\s*(?:to\b|:|,|for\b|on\b|and\b|how\b|pour\b|um\b|zu\b|para\b|de\b)\s*(?:ask\s+(?:it|them|each)\s*:?\s*)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex To();

    [GeneratedRegex(@"^[\s,;/&+""'`()~]*(?:(?:and|or|then|also|versus|vs\.?|the|latest|with|to|und|oder|et|ou|y|o|e|и|model|models|as\s+well\s+as)[\s,;""'`()~]*)*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 5000)]
    private static partial Regex Between();
}
