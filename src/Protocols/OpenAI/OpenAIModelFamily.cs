using System.Globalization;

namespace Fairlead.Protocols.OpenAI;

/// <summary>What OpenAI's own models refuse, by family (providers §3.1, 2026-08). Read off the public slug; other authors' models have none of it.</summary>
/// <param name="IsReasoning">Always or at times thinks, and refuses what goes with sampling then.</param>
/// <param name="IsSearchPreview">Searches the web, and takes no sampling at all.</param>
/// <param name="TakesNoSystem">Takes neither system nor developer messages.</param>
/// <param name="ThinksOptionally">Reasoning can be "none", and then sampling parameters are taken.</param>
/// <param name="ProMode">The model of the same name without <c>-pro</c>, asked to think in the mode <c>pro</c>; older <c>-pro</c> models are models of their own.</param>
/// <param name="CacheBreakpoints">Takes <c>prompt_cache_breakpoint</c> on parts and <c>prompt_cache_options</c>.</param>
internal readonly record struct OpenAIModelFamily(
    bool IsReasoning, bool IsSearchPreview, bool TakesNoSystem, bool ThinksOptionally, bool ProMode = false, bool CacheBreakpoints = false)
{
    /// <summary>The family of a public slug such as <c>openai/gpt-5.1</c>.</summary>
    public static OpenAIModelFamily Of(string slug)
    {
        const string Author = "openai/";
        if (!slug.StartsWith(Author, StringComparison.Ordinal))
            return default;
        var name = slug.AsSpan(Author.Length);
        if (name.Contains("search-preview", StringComparison.Ordinal))
            return new OpenAIModelFamily(false, true, false, false);
        if (name.StartsWith("o1-mini") || name.StartsWith("o1-preview"))
            return new OpenAIModelFamily(true, false, true, false);
        if (name.Length > 1 && name[0] == 'o' && char.IsAsciiDigit(name[1]))
            return new OpenAIModelFamily(true, false, false, false);
        if (!name.StartsWith("gpt-") || name.Contains("-chat", StringComparison.Ordinal) || name.Length < 5 || !char.IsAsciiDigit(name[4]) || name[4] < '5')
            return default;
        var version = Version(name[4..]);
        return new OpenAIModelFamily(true, false, false, version >= 5.1m, version >= 5.6m && name.EndsWith("-pro"), version >= 5.6m);
    }

    private static decimal Version(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        return decimal.TryParse(text[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) ? version : 5;
    }
}
