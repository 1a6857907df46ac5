namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>One result of a web search, whoever searched.</summary>
/// <param name="Title">Its title; the address where there is none.</param>
/// <param name="Url">Its address.</param>
/// <param name="Excerpt">What it says about the query; may be empty.</param>
internal sealed record SearchResult(string Title, string Url, string Excerpt);

/// <summary>What is searched for.</summary>
/// <param name="Text">The query.</param>
/// <param name="MaxResults">Most results wanted.</param>
/// <param name="IncludeDomains">Only these sites; empty means any.</param>
/// <param name="ExcludeDomains">Never these sites.</param>
internal sealed record SearchQuery(string Text, int MaxResults, IReadOnlyList<string> IncludeDomains, IReadOnlyList<string> ExcludeDomains)
{
    /// <summary>How thoroughly, in Exa's words; null leaves it to the service.</summary>
    public string? Mode { get; init; }

    /// <summary>The user's country, two letters; null where it is not known.</summary>
    public string? Country { get; init; }

    /// <summary>A query of at most <paramref name="most"/> results, as the settings have the rest.</summary>
    public static SearchQuery Of(string text, int most, WebSearchSettings settings) => new(text, most, settings.IncludeDomains, settings.ExcludeDomains)
    {
        Mode = settings.Mode, Country = settings.Location?.Country is { Length: 2 } country ? country : null,
    };
}
