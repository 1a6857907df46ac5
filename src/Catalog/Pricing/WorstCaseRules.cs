using System.Runtime.CompilerServices;

namespace Fairlead.Catalog.Pricing;

/// <summary>What routing and holds ask of a price sheet: one price to compare by, and upper bounds (inference I-63). Computed once per sheet.</summary>
public static class WorstCaseRules
{
    // By reference: a sheet is immutable and one object per endpoint.
    private static readonly ConditionalWeakTable<PriceSheet, Bounds> BySheet = [];

    /// <summary>The price routing compares by, dollars per token: (3 × prompt + completion) / 4 plus a thousandth of the request price .</summary>
    public static decimal RoutingPrice(this PriceSheet sheet) => Of(sheet).Routing;

    /// <summary>
    /// The most a prompt of this length, so much output, one request and so many images can cost, in dollars: whatever was cached, thought or
    /// overridden. Searches the provider runs are not in it: their number is not known before.
    /// </summary>
    public static decimal WorstCase(this PriceSheet sheet, long promptTokens, long outputTokens, int images)
    {
        var bounds = Of(sheet);
        return (promptTokens * bounds.Prompt) + (outputTokens * bounds.Completion) + bounds.Request + (images * bounds.Image);
    }

    /// <summary>The most so many output tokens can cost, in dollars.</summary>
    public static decimal WorstCompletion(this PriceSheet sheet, long outputTokens) => outputTokens * Of(sheet).Completion;

    /// <summary>What a prompt and so much output cost at plain prices: the estimate shown in plans.</summary>
    public static decimal Estimate(this PriceSheet sheet, long promptTokens, long outputTokens, int images) =>
        (promptTokens * sheet.Prompt) + (outputTokens * sheet.Completion) + sheet.Request + (images * sheet.Image);

    private static Bounds Of(PriceSheet sheet) => BySheet.GetValue(sheet, static priced =>
    {
        var bounds = BoundsOf(priced);
        foreach (var entry in priced.Overrides)
        {
            var other = BoundsOf(priced.With(entry.Prices));
            bounds = new Bounds(
                bounds.Routing, Math.Max(bounds.Prompt, other.Prompt), Math.Max(bounds.Completion, other.Completion),
                Math.Max(bounds.Request, other.Request), Math.Max(bounds.Image, other.Image));
        }

        return bounds;
    });

    private static Bounds BoundsOf(PriceSheet sheet) => new(
        (((3 * sheet.Prompt) + sheet.Completion) / 4) + (sheet.Request / 1000),
        Max(sheet.Prompt, sheet.InputCacheRead, sheet.InputCacheWrite, sheet.InputCacheWrite1h, sheet.Audio, sheet.ImageToken, sheet.InputAudioCache),
        Max(sheet.Completion, sheet.InternalReasoning, sheet.AudioOutput, sheet.ImageOutput),
        sheet.Request,
        sheet.Image);

    private static decimal Max(decimal first, params ReadOnlySpan<decimal?> others)
    {
        foreach (var other in others)
            first = Math.Max(first, other ?? 0);
        return first;
    }

    private sealed record Bounds(decimal Routing, decimal Prompt, decimal Completion, decimal Request, decimal Image);
}
