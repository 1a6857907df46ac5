using Fairlead.Ledger;

namespace Fairlead.Catalog.Pricing;

/// <summary>
/// What routing and holds ask of a price sheet: one price to compare by, estimates, and upper bounds (inference I-63). Made once per endpoint, so that a
/// plan over many endpoints is integer arithmetic: rates are whole numbers of 10⁻¹⁸ dollars, amounts <see cref="Credits"/>. Nothing here is charged.
/// Immutable.
/// </summary>
public sealed class RoutingRates
{
    private const decimal AttoPerDollar = 1_000_000_000_000_000_000m;
    private const ulong AttoPerPico = 1_000_000;

    private readonly Plain plain;
    private readonly Plain worst;
    private readonly ulong cacheRead;

    private RoutingRates(long price, Plain plain, Plain worst, ulong cacheRead, bool cacheSaves) =>
        (Price, this.plain, this.worst, this.cacheRead, CacheSaves) = (price, plain, worst, cacheRead, cacheSaves);

    /// <summary>The price routing compares by, in 10⁻¹⁸ dollars per token: (3 × prompt + completion) / 4 plus a thousandth of the request price .</summary>
    public long Price { get; }

    /// <summary>Cached prompt tokens cost less than others: it pays to come back (routing §9).</summary>
    public bool CacheSaves { get; }

    /// <summary>The rates of a sheet.</summary>
    public static RoutingRates Of(PriceSheet sheet)
    {
        var dearest = WorstOf(sheet);
        foreach (var entry in sheet.Overrides)
            dearest = dearest.Or(WorstOf(sheet.With(entry.Prices)));
        var price = (((3 * sheet.Prompt) + sheet.Completion) / 4) + (sheet.Request / 1000);
        return new RoutingRates(
            Atto(price),
            new Plain((ulong)Atto(sheet.Prompt), (ulong)Atto(sheet.Completion), (ulong)Atto(sheet.Request), (ulong)Atto(sheet.Image)),
            dearest,
            (ulong)Atto(sheet.InputCacheRead ?? sheet.Prompt),
            sheet.InputCacheRead < sheet.Prompt);
    }

    /// <summary>What a prompt and so much output cost at plain prices, the first <paramref name="cachedTokens"/> of the prompt read from the cache.</summary>
    public Credits Estimate(long promptTokens, long cachedTokens, long outputTokens, int images) => ToCredits(
        plain.Of(promptTokens - cachedTokens, outputTokens, images) + Product(cachedTokens, cacheRead), up: false);

    /// <summary>
    /// The most a prompt of this length, so much output, one request and so many images can cost: whatever was cached, thought or overridden. Searches the
    /// provider runs are not in it: their number is not known before.
    /// </summary>
    public Credits WorstCase(long promptTokens, long outputTokens, int images) => ToCredits(worst.Of(promptTokens, outputTokens, images), up: true);

    /// <summary>The most so many output tokens can cost.</summary>
    public Credits WorstCompletion(long outputTokens) => ToCredits(Product(outputTokens, worst.Completion), up: true);

    /// <summary>How many output tokens an amount pays for at the dearest price; 0 where output is free.</summary>
    public long Affordable(Credits amount)
    {
        if (worst.Completion == 0 || amount <= Credits.Zero)
            return 0;
        var tokens = (UInt128)amount.PicoDollars * AttoPerPico / worst.Completion;
        return tokens > long.MaxValue ? long.MaxValue : (long)tokens;
    }

    private static Plain WorstOf(PriceSheet sheet) => new(
        Most(sheet.Prompt, sheet.InputCacheRead, sheet.InputCacheWrite, sheet.InputCacheWrite1h, sheet.Audio, sheet.ImageToken, sheet.InputAudioCache),
        Most(sheet.Completion, sheet.InternalReasoning, sheet.AudioOutput, sheet.ImageOutput),
        Most(sheet.Request),
        Most(sheet.Image));

    private static ulong Most(decimal first, params ReadOnlySpan<decimal?> others)
    {
        foreach (var other in others)
            first = Math.Max(first, other ?? 0);
        return (ulong)Atto(first, up: true);
    }

    // Prices above 9.2 dollars per token count as 9.2 dollars: no balance pays for a prompt at those.
    private static long Atto(decimal dollars, bool up = false)
    {
        if (dollars >= long.MaxValue / AttoPerDollar)
            return long.MaxValue;
        var scaled = dollars * AttoPerDollar;
        return Math.Max(0, (long)(up ? decimal.Ceiling(scaled) : decimal.Round(scaled)));
    }

    private static UInt128 Product(long tokens, ulong rate)
    {
        var high = Math.BigMul((ulong)Math.Max(0, tokens), rate, out var low);
        return new UInt128(high, low);
    }

    private static Credits ToCredits(UInt128 atto, bool up)
    {
        // 64 bits hold 18 dollars, and dividing 128 costs ten times as much.
        var wide = atto > ulong.MaxValue;
        var whole = wide ? atto / AttoPerPico : (ulong)atto / AttoPerPico;
        var rest = wide ? (ulong)(atto - (whole * AttoPerPico)) : (ulong)atto % AttoPerPico;
        if (whole >= long.MaxValue)
            return new Credits(long.MaxValue);
        var more = up ? rest > 0 : rest * 2 > AttoPerPico || (rest * 2 == AttoPerPico && (whole & 1) == 1);
        return new Credits((long)whole + (more ? 1 : 0));
    }

    private readonly record struct Plain(ulong Prompt, ulong Completion, ulong Request, ulong Image)
    {
        public UInt128 Of(long promptTokens, long outputTokens, int images)
        {
            var sum = Product(promptTokens, Prompt) + Product(outputTokens, Completion) + Request;
            return images == 0 ? sum : sum + Product(images, Image);
        }

        public Plain Or(Plain other) => new(
            Math.Max(Prompt, other.Prompt), Math.Max(Completion, other.Completion), Math.Max(Request, other.Request), Math.Max(Image, other.Image));
    }
}
