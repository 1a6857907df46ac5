namespace Fairlead.Catalog.Snapshot;

/// <summary>
/// How callers and accounts name endpoints (routing §4.1, R-10): a bare slug or display name means every endpoint of the provider, a full tag means that
/// endpoint alone. Whether a bare name means the provider's service tiers too depends on the list: to leave out, always; to let in, where a tier is asked
/// for. Case does not matter.
/// </summary>
public static class ProviderNames
{
    /// <summary>The name means the endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">A slug, a display name or a tag.</param>
    /// <param name="withTiers">A bare name means the provider's service tiers too.</param>
    public static bool Matches(ModelEndpoint endpoint, string name, bool withTiers)
    {
        if (string.Equals(endpoint.Tag, name, StringComparison.OrdinalIgnoreCase))
            return true;
        return (withTiers || endpoint.Tier == ServiceTier.Default)
            && (string.Equals(endpoint.Provider.Slug, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(endpoint.Provider.Name, name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>One of the names means the endpoint.</summary>
    public static bool MatchesAny(ModelEndpoint endpoint, IReadOnlyList<string> names, bool withTiers)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (Matches(endpoint, names[i], withTiers))
                return true;
        }

        return false;
    }

    /// <summary>The first entry that means the endpoint, or <paramref name="otherwise"/>.</summary>
    public static short FirstMatch(ModelEndpoint endpoint, IReadOnlyList<string> names, bool withTiers, short otherwise)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (Matches(endpoint, names[i], withTiers))
                return (short)i;
        }

        return otherwise;
    }

    /// <summary>Names that are no provider of the catalog and no tag of one: passed over, and listed where the caller looks (issue C).</summary>
    public static IReadOnlyList<string> Unknown(IReadOnlyList<string> names, IReadOnlyList<Provider> providers)
    {
        var unknown = new List<string>();
        foreach (var name in names)
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var provider = slash < 0 ? name : name[..slash];
            if (!providers.Any(one => Same(one.Slug, provider) || (slash < 0 && Same(one.Name, provider))) && !unknown.Contains(name))
                unknown.Add(name);
        }

        return unknown;
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
