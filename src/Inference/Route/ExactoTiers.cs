using System.Buffers;

namespace Fairlead.Inference.Route;

/// <summary>
/// Tiers of quality (routing §10.3, R-36): good 0, too little known 1, deprioritised 2. An endpoint is deprioritised when its throughput lies more than 1.5,
/// or its share of tool calls that could work more than 2 deviations below the median of its model. An operator's list of good endpoints replaces the
/// measurements.
/// </summary>
internal static class ExactoTiers
{
    private const int LeastProviders = 4;
    private const double ThroughputDeviations = 1.5;
    private const double ToolDeviations = 2;

    // The median of absolute deviations of a normal distribution is 0.6745 of its standard deviation.
    private const double MadToDeviation = 1.4826;

    // Where most are alike, small differences are no deviation.
    private const double LeastDeviation = 0.05;

    /// <summary>The tier of each candidate; nothing where the measurements tell nobody apart.</summary>
    public static byte[] Of(ReadOnlySpan<Standing> standings, ReadOnlySpan<RouteSort> sorts, OrderingRules rules)
    {
        byte[]? tiers = null;
        for (var model = 0; model < sorts.Length; model++)
        {
            if (RouteSorts.HasTiers(sorts[model]))
                Judge(standings, (byte)model, rules, ref tiers);
        }

        return tiers ?? [];
    }

    private static void Judge(ReadOnlySpan<Standing> standings, byte model, OrderingRules rules, ref byte[]? tiers)
    {
        var curated = false;
        foreach (ref readonly var standing in standings)
            curated |= standing.Model == model && standing.Curated;
        if (curated)
        {
            tiers ??= new byte[standings.Length];
            for (var i = 0; i < standings.Length; i++)
            {
                if (standings[i].Model == model)
                    tiers[i] = (byte)(standings[i].Curated ? 0 : 2);
            }

            return;
        }

        var speed = Floor(standings, model, rules, ThroughputOf, ThroughputDeviations);
        var tools = Floor(standings, model, rules, ToolSuccessOf, ToolDeviations);
        if (speed is null && tools is null)
            return;
        tiers ??= new byte[standings.Length];
        for (var i = 0; i < standings.Length; i++)
        {
            if (standings[i].Model != model)
                continue;
            var throughput = ThroughputOf(in standings[i], rules);
            var success = ToolSuccessOf(in standings[i], rules);
            tiers[i] = throughput < speed || success < tools ? (byte)2 : throughput is null || success is null ? (byte)1 : (byte)0;
        }
    }

    private delegate double? Measure(in Standing standing, OrderingRules rules);

    private static double? ThroughputOf(in Standing standing, OrderingRules rules) =>
        standing.Health.Throughput30m.Samples >= rules.Exacto.LeastRequests ? standing.Health.Throughput30m.P50 : null;

    private static double? ToolSuccessOf(in Standing standing, OrderingRules rules) => standing.Health.ToolAnswers >= rules.Exacto.LeastToolRequests
        ? 1.0 - ((double)standing.Health.ToolErrors / standing.Health.ToolAnswers)
        : null;

    /// <summary>Below this an endpoint is deprioritised; null with too few endpoints to compare.</summary>
    private static double? Floor(ReadOnlySpan<Standing> standings, byte model, OrderingRules rules, Measure measure, double deviations)
    {
        var values = ArrayPool<double>.Shared.Rent(standings.Length);
        try
        {
            var count = 0;
            foreach (ref readonly var standing in standings)
            {
                if (standing.Model == model && measure(in standing, rules) is { } value)
                    values[count++] = value;
            }

            if (count < LeastProviders)
                return null;
            var known = values.AsSpan(0, count);
            var median = Median(known);
            foreach (ref var value in known)
                value = Math.Abs(value - median);
            return median - (deviations * Math.Max(MadToDeviation * Median(known), LeastDeviation * median));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(values);
        }
    }

    private static double Median(Span<double> values)
    {
        values.Sort();
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
