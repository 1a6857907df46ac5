using System.Globalization;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI;

/// <summary>
/// What OpenAI's own models refuse, by family (providers §3.1, 2026-08). Read off the public slug where that names them as the author, else off the provider's name
/// of the model, which an operator may serve under any id. Other authors' models have none of it.
/// </summary>
/// <param name="IsReasoning">Always or at times thinks, and refuses what goes with sampling then.</param>
/// <param name="IsSearchPreview">Searches the web, and takes no sampling at all.</param>
/// <param name="TakesNoSystem">Takes neither system nor developer messages.</param>
/// <param name="ThinksOptionally">Reasoning can be "none", and then sampling parameters are taken.</param>
/// <param name="ProMode">The model of the same name without <c>-pro</c>, asked to think in the mode <c>pro</c>; older <c>-pro</c> models are models of their own.</param>
/// <param name="CacheBreakpoints">Takes <c>prompt_cache_breakpoint</c> on parts and <c>prompt_cache_options</c>.</param>
internal readonly record struct OpenAIModelFamily(
    bool IsReasoning, bool IsSearchPreview, bool TakesNoSystem, bool ThinksOptionally, bool ProMode = false, bool CacheBreakpoints = false)
{
    private const string Author = "openai/";

    /// <summary>The family of what an endpoint serves.</summary>
    public static OpenAIModelFamily Of(UpstreamTarget target) =>
        target.Slug.StartsWith(Author, StringComparison.Ordinal) ? Named(target.Slug.AsSpan(Author.Length))
        : target.Model.StartsWith(Author, StringComparison.Ordinal) ? Named(target.Model.AsSpan(Author.Length))
        // Another author's model may be called o1 too: the name alone counts where it is the whole name.
        : target.Model.Contains('/', StringComparison.Ordinal) ? default : Named(target.Model);

    private static OpenAIModelFamily Named(ReadOnlySpan<char> name)
    {
        if (name.Contains("search-preview", StringComparison.Ordinal))
            return new OpenAIModelFamily(false, true, false, false);
        if (name.StartsWith("o1-mini") || name.StartsWith("o1-preview"))
            return new OpenAIModelFamily(true, false, true, false);
        if (name.Length > 1 && name[0] == 'o' && char.IsAsciiDigit(name[1]) && (name.Length == 2 || !char.IsAsciiLetterOrDigit(name[2])))
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
