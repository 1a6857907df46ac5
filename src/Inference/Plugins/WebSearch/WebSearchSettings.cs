using System.Text.Json;
using Fairlead.Catalog.Configuration;
using Fairlead.Protocols.Canonical;

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
    private const int LongestDomain = 253;
    private const int LongestPlace = 255;

    private static readonly string[] ExaModes = ["instant", "fast", "auto", "deep-lite", "deep", "deep-reasoning"];

    public required SearchEngine Engine { get; init; }

    /// <summary>1 to 25. The default value is 5.</summary>
    public required int MaxResults { get; init; }

    /// <summary>Put before the results; null is ours.</summary>
    public string? Prompt { get; init; }

    public IReadOnlyList<string> IncludeDomains { get; init; } = [];

    public IReadOnlyList<string> ExcludeDomains { get; init; } = [];

    /// <summary>Most searches of one answer by the provider itself. The default value is 5.</summary>
    public int MaxUses { get; init; } = 5;

    /// <summary>How thoroughly Exa searches, in its own words; null leaves it to Exa.</summary>
    public string? Mode { get; init; }

    /// <summary>How much of what is found a provider reads that searches itself: <c>low</c>, <c>medium</c>, <c>high</c>; null leaves it to the provider.</summary>
    public string? ContextSize { get; init; }

    /// <summary>Roughly where the user is.</summary>
    public UserLocation? Location { get; init; }

    /// <summary>The operator's service for it; null where none is set up.</summary>
    public OutsideService? Service { get; init; }

    /// <summary>The operator's service is SearXNG.</summary>
    public bool IsSearxng { get; init; }

    /// <summary>The options of the tool <c>openrouter:web_search</c>; OpenAI's names for it have a list of sites under <c>filters</c>.</summary>
    public static WebSearchSettings ReadTool(PluginOptions options, CanonicalRequest request, WebSearchOptions services)
    {
        var filters = options.Inside("filters");
        var allowed = options.Texts("allowed_domains", MostDomains, LongestDomain);
        var settings = Read(options, request, services) with
        {
            IncludeDomains = allowed.Count > 0 ? allowed : filters.Texts("allowed_domains", MostDomains, LongestDomain),
            ExcludeDomains = options.Texts("excluded_domains", MostDomains, LongestDomain),
        };
        options.Take(filters);
        return settings;
    }

    public static WebSearchSettings Read(PluginOptions options, CanonicalRequest request, WebSearchOptions services)
    {
        var (size, location) = OfRequest(options, request);
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
            IncludeDomains = options.Texts("include_domains", MostDomains, LongestDomain),
            ExcludeDomains = options.Texts("exclude_domains", MostDomains, LongestDomain),
            MaxUses = options.Whole("max_uses", 1, 50) ?? 5,
            // A mode of another engine is passed over (routing §11.2).
            Mode = options.Text("mode", 100) is { } mode && ExaModes.Contains(mode) ? mode : null,
            ContextSize = options.Word("search_context_size", "low", "medium", "high") ?? size,
            Location = ReadLocation(options) ?? location,
            Service = word == "native" ? null : isSearxng ? searxng : exa,
            IsSearxng = isSearxng,
        };
    }

    /// <summary>What <c>web_search_options</c> of the request says, for options that say nothing.</summary>
    private static (string? ContextSize, UserLocation? Location) OfRequest(PluginOptions options, CanonicalRequest request)
    {
        if ((request.Used & ParameterSet.WebSearchOptions) == ParameterSet.None)
            return default;
        using var body = JsonDocument.Parse(request.Body);
        if (!body.RootElement.TryGetProperty("web_search_options", out var said) || said.ValueKind != JsonValueKind.Object)
            return default;
        var beside = new PluginOptions("web_search_options", said, default);
        var found = (beside.Word("search_context_size", "low", "medium", "high"), ReadLocation(beside));
        options.Take(beside);
        return found;
    }

    /// <summary>The members stand in <c>user_location</c>, or under <c>approximate</c> in it, as OpenAI's chat has them.</summary>
    private static UserLocation? ReadLocation(PluginOptions options)
    {
        var place = options.Inside("user_location");
        place.Word("type", "approximate");
        var nested = place.Inside("approximate");
        var location = new UserLocation(Read("city"), Read("region"), Read("country"), Read("timezone"));
        place.Take(nested);
        options.Take(place);
        return location == Nowhere ? null : location;

        string? Read(string name) => place.Text(name, LongestPlace) ?? nested.Text(name, LongestPlace);
    }

    private static readonly UserLocation Nowhere = new(null, null, null, null);
}
