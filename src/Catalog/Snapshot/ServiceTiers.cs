namespace Fairlead.Catalog.Snapshot;

/// <summary>Names of service tiers.</summary>
public static class ServiceTiers
{
    /// <summary>The tier that an endpoint's tag names: <c>openai/priority</c>.</summary>
    public static ServiceTier OfTag(string tag) => tag.EndsWith("/priority", StringComparison.OrdinalIgnoreCase) ? ServiceTier.Priority
        : tag.EndsWith("/flex", StringComparison.OrdinalIgnoreCase) ? ServiceTier.Flex
        : ServiceTier.Default;

    /// <summary>The word for it in requests and answers; null for the tier everybody has.</summary>
    public static string? WireName(ServiceTier tier) => tier switch
    {
        ServiceTier.Priority => "priority",
        ServiceTier.Flex => "flex",
        _ => null,
    };
}
