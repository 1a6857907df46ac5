using System.Buffers;

namespace Fairlead.Inference.Routers.Auto;

/// <summary>Adds up what looks like a program or a formula, whatever language surrounds it.</summary>
internal static class MarkScore
{
    private static readonly string[] CodeMarks =
    [
        "();", "=> ", "!=", "===", "&&", "::", "/>", "</", "#include", "\ndef ", "public static", "\nimport ", "console.", "printf", "SELECT ", "  return ", "});", "];", "->",
        "{\n", ";\n", "==", "+=", ".get(", "--", "sudo ", ":=", " = [", "++", "} else", "[i]", "0x",
    ];

    private static readonly SearchValues<char> Symbols = SearchValues.Create("∫∑√∞≤≥≠≈∂∇∆∏∈∉⊂∪∩∀∃πθ°²³×÷·");

    private static readonly SearchValues<char> Separators = SearchValues.Create(" \n\t,()[]{}\"'`;:?");

    private static readonly string[] Spoken = [" times ", " plus ", " minus ", " divided by ", " mal ", " durch ", " fois ", " por ", " per ", " più ", " x ", " raz ", " çarpı "];

    private static readonly string[] FileEnds =
    [
        ".py", ".js", ".ts", ".tsx", ".jsx", ".cs", ".cpp", ".go", ".rs", ".java", ".rb", ".sh", ".sql", ".json", ".yaml", ".yml", ".toml", ".html", ".css", ".ipynb", ".php",
        ".kt", ".csproj", ".env", ".xml", ".log",
    ];

    public static Score Of(string text) => new(Code(text), Mathematics(text));

    private static int Code(string text)
    {
        var score = text.Contains("```", StringComparison.Ordinal) ? 4 : 0;
        foreach (var mark in CodeMarks)
            score += text.Contains(mark, StringComparison.Ordinal) ? 1 : 0;
        var names = 0;
        foreach (var word in text.AsSpan().SplitAny(Separators))
        {
            var name = text.AsSpan(word);
            if (name.Length is < 4 or > 60)
                continue;
            names += IsIdentifier(name) || (word.End.Value + 1 < text.Length && text[word.End.Value] == '(' && text[word.End.Value + 1] == ')') ? 1 : 0;
            if (Array.Exists(FileEnds, end => text.AsSpan(word).TrimEnd('.').EndsWith(end, StringComparison.OrdinalIgnoreCase)))
                names += 3;
        }

        return score + Math.Min(names, 3);
    }

    /// <summary><c>snake_case</c>, or <c>camelCase</c> that is no trade name such as iPhone.</summary>
    private static bool IsIdentifier(ReadOnlySpan<char> name)
    {
        if (!char.IsAsciiLetter(name[0]) || name.ContainsAnyExcept(Letters))
            return false;
        if (name[1..^1].Contains('_'))
            return true;
        var humps = name.IndexOfAnyInRange('A', 'Z');
        return char.IsAsciiLetterLower(name[0]) && humps >= 3;
    }

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    private static int Mathematics(string text)
    {
        var score = 0;
        foreach (var command in (ReadOnlySpan<string>)["\\frac", "\\int", "\\sum", "\\sqrt", "\\begin{", "\\lim", "\\cdot", "\\("])
            score += text.Contains(command, StringComparison.Ordinal) ? 2 : 0;
        score += text.Contains("f(x)", StringComparison.Ordinal) ? 2 : 0;
        if (text.AsSpan().ContainsAny(Symbols))
            score += 2;
        var (numbers, operations) = Count(text);
        score += Math.Min(operations, 2) * 2;
        if (numbers >= 3 || (numbers == 2 && HasPercent(text)))
            score++;
        if (text.Contains("= ?", StringComparison.Ordinal) || text.Contains("=?", StringComparison.Ordinal))
            score += 2;
        return Math.Min(score, 6) + (numbers >= 2 && Asks(text) ? 2 : 0);
    }

    /// <summary>Numbers, and operators between a number or a single letter on each side: <c>3x + 5</c>, <c>2^10</c>, <c>x = 7</c>.</summary>
    private static (int Numbers, int Operations) Count(string text)
    {
        var (numbers, operations) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]) && (i == 0 || !char.IsAsciiLetterOrDigit(text[i - 1]) && text[i - 1] is not '.' and not ','))
                numbers++;
            if (text[i] is '+' or '*' or '^' or '=' or '×' or '÷' or '/' && IsOperand(text, i, -1) && IsOperand(text, i, +1))
                operations++;
            else if (text[i] == ' ' && i > 0 && char.IsAsciiDigit(text[i - 1]) && IsSpokenOperation(text.AsSpan(i)))
                operations++;
        }

        return (numbers, operations);
    }

    /// <summary>" times 23", " plus 4".</summary>
    private static bool IsSpokenOperation(ReadOnlySpan<char> rest)
    {
        foreach (var word in Spoken)
        {
            if (rest.StartsWith(word, StringComparison.OrdinalIgnoreCase) && rest.Length > word.Length && char.IsAsciiDigit(rest[word.Length]))
                return true;
        }

        return false;
    }

    private static bool HasPercent(string text) => text.IndexOf('%', StringComparison.Ordinal) is > 0 and var at && char.IsAsciiDigit(text[at - 1]);

    private static bool IsOperand(string text, int at, int step)
    {
        // Dates and shares (24/7, 01/02) have no spaces around the stroke; formulas with a division mostly do.
        var i = at + step;
        var spaced = i >= 0 && i < text.Length && text[i] == ' ';
        if (spaced)
            i += step;
        if (i < 0 || i >= text.Length || (text[at] == '/' && !spaced))
            return false;
        if (char.IsAsciiDigit(text[i]) || (text[i] == '(' && step > 0) || (text[i] == ')' && step < 0))
            return true;
        var beyond = i + step;
        return char.IsAsciiLetter(text[i]) && (beyond < 0 || beyond >= text.Length || !char.IsAsciiLetter(text[beyond]));
    }

    /// <summary>A question for a number.</summary>
    private static bool Asks(string text)
    {
        foreach (var words in TaskTerms.Asking)
        {
            if (text.Contains(words, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
