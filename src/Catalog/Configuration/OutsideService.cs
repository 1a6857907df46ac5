namespace Fairlead.Catalog.Configuration;

/// <summary>A service of the operator's choice that a plugin asks: where it is and with which key. Operators name it, so it may stand in a private network.</summary>
public sealed record OutsideService
{
    /// <summary>Without trailing slash; null where there is none.</summary>
    public string? BaseUrl { get; init; }
    /// <summary>The key; null where there is none.</summary>
    public string? ApiKey { get; init; }
    /// <summary>Environment variables that may hold the key, where the configuration does not.</summary>
    public IReadOnlyList<string> ApiKeyEnv { get; init; } = [];
    /// <summary>How long one call may take. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>US dollars for one unit: a search result, a page.</summary>
    public decimal Price { get; init; }

    /// <summary>The same with the key that the environment holds.</summary>
    internal OutsideService WithKey(Func<string, string?> environment)
    {
        if (ApiKey is not null)
            return this;
        foreach (var name in ApiKeyEnv)
        {
            if (environment(name)?.Trim() is { Length: > 0 } key)
                return this with { ApiKey = key };
        }

        return this;
    }
}
