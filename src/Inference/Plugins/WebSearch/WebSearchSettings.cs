using Fairlead.Catalog.Configuration;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>Who is to search.</summary>
internal enum SearchEngine
{
    /// <summary>Nobody said: the provider where all that may answer can, else what the operator set up.</summary>
    Auto,
    /// <summary><c>native</c>: the provider.</summary>
    Native,
    /// <summary><c>exa</c></summary>
    Exa,
    /// <summary><c>searxng</c>: an instance of the operator's own. Ours, not in the contract.</summary>
    Searxng,
}

/// <summary>The plugin's options for one request, and the services it may use.</summary>
internal sealed record WebSearchSettings
{
    private const int MostDomains = 50;

    public required SearchEngine Engine { get; init; }

    /// <summary>1 to 25. The default value is 5.</summary>
    public required int MaxResults { get; init; }

    /// <summary>Put before the results; null is ours.</summary>
    public string? Prompt { get; init; }

    public IReadOnlyList<string> IncludeDomains { get; init; } = [];

    public IReadOnlyList<string> ExcludeDomains { get; init; } = [];

    /// <summary>Most searches of one answer by the provider itself. The default value is 5.</summary>
    public int MaxUses { get; init; } = 5;

    /// <summary>The operator's service for it; null where none is set up.</summary>
    public OutsideService? Service { get; init; }

    /// <summary>The operator's service is SearXNG.</summary>
    public bool IsSearxng { get; init; }

    /// <summary>The options of the tool <c>openrouter:web_search</c>, which never leaves the search to the provider.</summary>
    public static WebSearchSettings ReadTool(PluginOptions options, WebSearchOptions services, int mostDomains)
    {
        if (options.Word("engine", "auto", "native", "exa", "searxng", "firecrawl", "parallel", "perplexity") == "native")
            options.Fail("engine", "cannot be native here: the plugin web with engine native lets the provider search");
        return Read(options, services) with
        {
            IncludeDomains = options.Texts("allowed_domains", mostDomains, 253),
            ExcludeDomains = options.Texts("excluded_domains", mostDomains, 253),
        };
    }

    public static WebSearchSettings Read(PluginOptions options, WebSearchOptions services)
    {
        var word = options.Word("engine", "auto", "native", "exa", "searxng", "firecrawl", "parallel", "perplexity");
        var exa = services.Exa is { BaseUrl: not null, ApiKey: not null } ? services.Exa : null;
        var searxng = services.Searxng.BaseUrl is null ? null : services.Searxng;
        if (word is "firecrawl" or "parallel" or "perplexity")
            options.Fail("engine", $"names a search service this gateway does not have; it has native{(exa is null ? "" : ", exa")}{(searxng is null ? "" : ", searxng")}");
        else if (word == "exa" && exa is null)
            options.Fail("engine", "names Exa, which is not set up on this gateway: it needs a key (EXA_API_KEY, or inference.web_search.exa)");
        else if (word == "searxng" && searxng is null)
            options.Fail("engine", "names SearXNG, which is not set up on this gateway: it needs an address (inference.web_search.searxng)");

        // Where both are set up, the instance of the operator's own stands back: it is there for who names it.
        var isSearxng = word == "searxng" || (word != "exa" && exa is null);
        return new WebSearchSettings
        {
            Engine = word switch { "native" => SearchEngine.Native, "exa" => SearchEngine.Exa, "searxng" => SearchEngine.Searxng, _ => SearchEngine.Auto },
            MaxResults = options.Whole("max_results", 1, 25) ?? 5,
            Prompt = options.Text("search_prompt", 10_000),
            IncludeDomains = options.Texts("include_domains", MostDomains, 253),
            ExcludeDomains = options.Texts("exclude_domains", MostDomains, 253),
            MaxUses = options.Whole("max_uses", 1, 50) ?? 5,
            Service = word == "native" ? null : isSearxng ? searxng : exa,
            IsSearxng = isSearxng,
        };
    }
}
