using Fairlead.Catalog.Pricing;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads a <c>pricing</c> object.</summary>
internal static class PricingReader
{
    // Dearer than this is a slip of the decimal point: no provider asks a dollar per token, or a thousand per call, image or search.
    private const decimal MostPerToken = 1m;
    private const decimal MostPerUnit = 1000m;

    private static readonly MemberNames Members = new("pricing", "prompt", "completion", "request", "image", "image_token", "image_output", "audio",
        "audio_output", "input_audio_cache", "web_search", "internal_reasoning", "input_cache_read", "input_cache_write", "input_cache_write_1h",
        "discount", "overrides");

    private static readonly MemberNames OverrideMembers = new("a price override", "min_prompt_tokens", "utc_start", "utc_end", "prompt", "completion",
        "request", "image", "image_token", "image_output", "audio", "audio_output", "input_audio_cache", "web_search", "internal_reasoning",
        "input_cache_read", "input_cache_write", "input_cache_write_1h");

    public static PriceSheet? Read(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (!json.EnterObject())
            return null;
        var prices = new Dictionary<string, decimal>(StringComparer.Ordinal);
        var discount = 0m;
        IReadOnlyList<PriceOverride> overrides = [];
        while (json.NextMember(Members, out var name))
        {
            if (name == "discount")
                discount = json.Number(-10m, 1m) ?? 0;
            else if (name == "overrides")
                overrides = ReadOverrides(ref json);
            else if (Price(ref json, name) is { } price)
                prices.Add(name, price);
        }

        foreach (var required in (ReadOnlySpan<string>)["prompt", "completion"])
        {
            if (!prices.ContainsKey(required) && !json.HasMistakeUnder(required))
                json.Report(at, $"\"{required}\" is missing: US dollars per token, as text (\"0.000001\"; \"0\" is free).");
        }

        return PriceSheet.FromPrices(prices) with { Discount = discount, Overrides = overrides };
    }

    private static List<PriceOverride> ReadOverrides(ref ConfigurationCursor json)
    {
        var list = new List<PriceOverride>();
        if (json.IsNull || !json.EnterList())
            return list;
        while (json.NextElement())
        {
            var at = json.Mark;
            if (!json.EnterObject())
                continue;
            long? minPromptTokens = null;
            int? start = null, end = null;
            var prices = new Dictionary<string, decimal>(StringComparer.Ordinal);
            while (json.NextMember(OverrideMembers, out var name))
            {
                switch (name)
                {
                    case "min_prompt_tokens": minPromptTokens = json.Whole(0, 1_000_000_000); break;
                    case "utc_start": start = TimeOfDay(ref json); break;
                    case "utc_end": end = TimeOfDay(ref json); break;
                    default:
                        if (Price(ref json, name) is { } price)
                            prices.Add(name, price);
                        break;
                }
            }

            if (start is null != end is null)
                json.Report(at, "\"utc_start\" and \"utc_end\" are given together or not at all.");
            if (minPromptTokens is null && start is null)
                json.Report(at, "a price override needs a condition: \"min_prompt_tokens\", or \"utc_start\" with \"utc_end\".");
            list.Add(new PriceOverride { MinPromptTokens = minPromptTokens, UtcStart = start, UtcEnd = end, Prices = prices });
        }

        return list;
    }

    // HHMM; 2400 as an end is midnight.
    private static int? TimeOfDay(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Whole(0, 2400) is not { } value)
            return null;
        if (value % 100 < 60)
            return (int)value;
        json.Report(at, "must be a time of day as HHMM, from 0 to 2400.");
        return null;
    }

    private static decimal? Price(ref ConfigurationCursor json, string name)
    {
        var at = json.Mark;
        if (json.Text(40) is not { } text)
            return null;
        if (!PriceText.TryParse(text, out var price))
        {
            json.Report(at, text.StartsWith('-')
                ? "a price cannot be negative."
                : "must be US dollars as plain decimal text, without exponent, at most 24 digits after the point and 18 that count: \"0.000001\".");
            return null;
        }

        var most = name is "request" or "image" or "image_output" or "web_search" ? MostPerUnit : MostPerToken;
        if (price <= most)
            return price;
        json.Report(at, $"is more than {most} US dollars {(most == MostPerToken ? "per token" : "per unit")}; prices are per single token or unit, not per million.");
        return null;
    }
}
