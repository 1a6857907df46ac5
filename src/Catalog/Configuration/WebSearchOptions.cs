namespace Fairlead.Catalog.Configuration;

/// <summary><c>inference.web_search</c>: which services search the web for models that cannot, and what a result costs.</summary>
public sealed record WebSearchOptions
{
    /// <summary>Exa, switched on by <c>EXA_API_KEY</c>; SearXNG not set up.</summary>
    public static WebSearchOptions Default { get; } = new();

    /// <summary><c>exa</c>: the hosted service, or one that speaks the same. Needs a key. Default 0.004 dollars a result.</summary>
    public OutsideService Exa { get; init; } = new() { BaseUrl = "https://api.exa.ai", ApiKeyEnv = ["EXA_API_KEY"], Price = 0.004m };
    /// <summary><c>searxng</c>: an instance of one's own with the JSON format switched on. Needs an address. Default free.</summary>
    public OutsideService Searxng { get; init; } = new();

    /// <summary>The same with the keys that the environment holds.</summary>
    internal WebSearchOptions WithKeys(Func<string, string?> environment) => this with { Exa = Exa.WithKey(environment), Searxng = Searxng.WithKey(environment) };
}
