using Fairlead.Catalog.Building;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Reports;

/// <summary>What <c>catalog validate</c> prints.</summary>
public static class CatalogReport
{
    /// <summary>
    /// Writes mistakes, warnings and what the catalog would offer. Returns the exit code: 0 when the configuration is right, 1 when it has a
    /// mistake.
    /// </summary>
    /// <param name="outcome">What came of loading.</param>
    /// <param name="all">Show every model and endpoint, with the reason where it is not live; else only live ones.</param>
    /// <param name="output">Where to.</param>
    public static int Write(CatalogOutcome outcome, bool all, TextWriter output)
    {
        foreach (var mistake in outcome.Mistakes)
            output.WriteLine($"error: {Clean(mistake.ToString())}");
        foreach (var warning in outcome.Warnings)
            output.WriteLine($"warning: {Clean(warning.ToString())}");
        if (outcome.Snapshot is not { } snapshot)
        {
            output.WriteLine(Invariant($"{Count(outcome.Mistakes.Count, "mistake")}. The configuration would be refused."));
            return 1;
        }

        WriteSummary(snapshot, output);
        foreach (var model in snapshot.Models)
        {
            if (all || model is { Router: RouterKind.None, LiveEndpoints.Count: > 0 })
                WriteModel(model, all, output);
        }

        return 0;
    }

    private static void WriteSummary(CatalogSnapshot snapshot, TextWriter output)
    {
        var endpoints = snapshot.Models.Where(m => m.Router == RouterKind.None).SelectMany(m => m.Endpoints).ToList();
        var live = snapshot.Models.Where(m => m is { AliasTarget: null, Router: RouterKind.None }).SelectMany(m => m.LiveEndpoints).ToList();
        var serving = live.Select(e => e.Provider.Slug).Distinct().Order(StringComparer.Ordinal).ToList();
        output.WriteLine("The configuration is valid.");
        output.WriteLine(Invariant($"Known: {Count(snapshot.Models.Count, "model")}, {Count(endpoints.Count, "endpoint")}, {Count(snapshot.Providers.Count, "provider")}."));
        output.WriteLine(Invariant($"Live: {Count(snapshot.Models.Count(m => m is { Router: RouterKind.None, LiveEndpoints.Count: > 0 }), "model")}, {Count(live.Count, "endpoint")}, {Count(serving.Count, "provider")}{(serving.Count > 0 ? $" ({string.Join(", ", serving)})" : "")}."));
        foreach (var group in endpoints.Where(e => e.NotDispatchable is not null).GroupBy(e => e.NotDispatchable!).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
            output.WriteLine(Invariant($"Never dispatched: {Count(group.Count(), "endpoint")}: {group.Key}"));
    }

    private static void WriteModel(Model model, bool all, TextWriter output)
    {
        output.WriteLine(Clean(model.AliasTarget is null ? model.Id : $"{model.Id} → {model.AliasTarget}"));
        if (model.Router != RouterKind.None)
        {
            output.WriteLine(model.Router == RouterKind.NotOffered ? "  a router this version does not have" : "  a router (docs/routers.md)");
            return;
        }

        foreach (var endpoint in all ? model.Endpoints : model.LiveEndpoints)
            output.WriteLine(Clean($"  {endpoint.Tag,-32} {Price(endpoint.Pricing),-28} {State(endpoint)}"));
        if (all && model.Endpoints.Count == 0 && model.AliasTarget is null)
            output.WriteLine("  no endpoint");
    }

    private static string State(ModelEndpoint endpoint) =>
        endpoint.NotDispatchable is { } never ? "never dispatched: " + never
        : endpoint.Provider.NotLive is { } missing ? "not live: " + missing
        : EndpointStatus.WhyWithheld(endpoint.Status) is { } why ? "not live: " + why
        : "live";

    // Dollars per million tokens, as price lists show them.
    private static string Price(PriceSheet sheet) => $"${PriceText.Format(sheet.Prompt * 1_000_000)} / ${PriceText.Format(sheet.Completion * 1_000_000)} per million";

    private static string Count(int count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    // Names come from files: no control characters reach the terminal.
    private static string Clean(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
