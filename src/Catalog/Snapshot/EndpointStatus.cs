namespace Fairlead.Catalog.Snapshot;

/// <summary>The numbers of an endpoint's <c>status</c> (platform P11, P13).</summary>
public static class EndpointStatus
{
    /// <summary>Lower priority than those that are healthy.</summary>
    public const int Degraded = -1;
    /// <summary>Last resort.</summary>
    public const int Down = -2;
    /// <summary>Last resort, by the operator's will.</summary>
    public const int Deranked = -3;
    /// <summary>Not verified yet: neither shown nor used.</summary>
    public const int Staged = -5;
    /// <summary>Neither shown nor used.</summary>
    public const int Disabled = -10;

    /// <summary>Every number there is, 0 (healthy) first.</summary>
    public static IReadOnlyList<int> All { get; } = [0, Degraded, Down, Deranked, Staged, Disabled];

    /// <summary>Why an endpoint of this status is neither shown nor used; null where it is.</summary>
    public static string? WhyWithheld(int status) => status switch
    {
        Staged => "it is staged (status -5).",
        Disabled => "it is disabled (status -10).",
        _ => null,
    };
}
