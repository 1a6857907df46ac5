namespace Fairlead.Inference.Route;

/// <summary>What the endpoints of a model are ordered by. Values are stored with decisions and only grow.</summary>
internal enum RouteSort : byte
{
    /// <summary>Nothing said: one is drawn, the cheaper the likelier (routing §6.1).</summary>
    Balanced = 0,
    /// <summary>Cheapest first.</summary>
    Price = 1,
    /// <summary>Most tokens per second first.</summary>
    Throughput = 2,
    /// <summary>Quickest first token first.</summary>
    Latency = 3,
    /// <summary>Tiers of quality, the cheapest first within each (routing §10.3).</summary>
    Exacto = 4,
    /// <summary>Nothing said, but there are tools: tiers of quality, and a draw within the best .</summary>
    BalancedExacto = 5,
}

internal static class RouteSorts
{
    /// <summary>One endpoint is drawn.</summary>
    public static bool IsBalanced(RouteSort sort) => sort is RouteSort.Balanced or RouteSort.BalancedExacto;

    /// <summary>Tiers of quality come first.</summary>
    public static bool HasTiers(RouteSort sort) => sort is RouteSort.Exacto or RouteSort.BalancedExacto;

    /// <summary>The word on the wire, or null.</summary>
    public static RouteSort? Parse(string? word) => word switch
    {
        "price" => RouteSort.Price,
        "throughput" => RouteSort.Throughput,
        "latency" => RouteSort.Latency,
        "exacto" => RouteSort.Exacto,
        _ => null,
    };

    /// <summary>As explanations say it.</summary>
    public static string Name(RouteSort sort) => sort switch
    {
        RouteSort.Price => "price",
        RouteSort.Throughput => "throughput",
        RouteSort.Latency => "latency",
        RouteSort.Exacto => "exacto",
        RouteSort.BalancedExacto => "exacto, then drawn by price",
        _ => "drawn by price",
    };
}
