using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Routers.Auto;

/// <summary>
/// Cost wishes over a ranked list (routing §8). A model's percentile is its place among the list's prices, cheapest first. A tier is a band of percentiles; the
/// older number is a ceiling: 0 the 90th percentile, 10 the 10th. Models within keep their rank and come first, the others follow, nearest first, so that a
/// wish nothing fits never fails a request.
/// </summary>
internal static class CostBands
{
    public static IReadOnlyList<Model> Arrange(IReadOnlyList<Model> ranked, AutoSettings settings, int? defaultTradeoff)
    {
        if ((settings.CostTier is null && (settings.CostQualityTradeoff ?? defaultTradeoff) is null) || ranked.Count < 2)
            return ranked;
        var (low, high) = settings.CostTier is { } tier ? (20.0 * tier, 20.0 * (tier + 1)) : (0.0, 90.0 - (8.0 * (settings.CostQualityTradeoff ?? defaultTradeoff)!.Value));
        var byPrice = ranked.OrderBy(Price).ToList();
        var percentiles = new Dictionary<Model, double>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < byPrice.Count; i++)
            percentiles[byPrice[i]] = 100.0 * (i + 0.5) / byPrice.Count;
        return [.. ranked.OrderBy(model => Distance(percentiles[model], low, high))];
    }

    private static double Distance(double percentile, double low, double high) =>
        percentile < low ? low - percentile : percentile < high ? 0 : percentile - high;

    private static long Price(Model model) => model.LiveEndpoints.Min(static endpoint => endpoint.Rates.Price);
}
