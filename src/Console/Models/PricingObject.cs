using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Catalog.Pricing;

namespace Fairlead.Console.Models;

/// <summary>Prices on the wire: decimal strings in US dollars per unit (platform §3.1).</summary>
internal sealed record PricingObject
{
    /// <summary>What a model without an endpoint shows: as for routers, the price is not known beforehand.</summary>
    public static PricingObject Unknown { get; } = new() { Prompt = "-1", Completion = "-1" };

    [JsonPropertyName("prompt")]
    public required string Prompt { get; init; }

    [JsonPropertyName("completion")]
    public required string Completion { get; init; }

    [JsonPropertyName("request"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Request { get; init; }

    [JsonPropertyName("image"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Image { get; init; }

    [JsonPropertyName("image_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageToken { get; init; }

    [JsonPropertyName("image_output"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageOutput { get; init; }

    [JsonPropertyName("web_search"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebSearch { get; init; }

    [JsonPropertyName("internal_reasoning"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InternalReasoning { get; init; }

    [JsonPropertyName("input_cache_read"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InputCacheRead { get; init; }

    [JsonPropertyName("input_cache_write"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InputCacheWrite { get; init; }

    [JsonPropertyName("input_cache_write_1h"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InputCacheWrite1h { get; init; }

    [JsonPropertyName("audio"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audio { get; init; }

    [JsonPropertyName("audio_output"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AudioOutput { get; init; }

    [JsonPropertyName("input_audio_cache"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InputAudioCache { get; init; }

    [JsonPropertyName("discount"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Discount { get; init; }

    /// <summary>Prices that hold under conditions (platform §11.7): the conditions as numbers, the replacing prices as strings.</summary>
    [JsonPropertyName("overrides"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>? Overrides { get; init; }

    /// <summary>From a sheet. Request and image are always there: clients of 2025 read them without asking.</summary>
    public static PricingObject From(PriceSheet sheet) => new()
    {
        Prompt = PriceText.Format(sheet.Prompt),
        Completion = PriceText.Format(sheet.Completion),
        Request = PriceText.Format(sheet.Request),
        Image = PriceText.Format(sheet.Image),
        ImageToken = Text(sheet.ImageToken),
        ImageOutput = Text(sheet.ImageOutput),
        WebSearch = Text(sheet.WebSearch),
        InternalReasoning = Text(sheet.InternalReasoning),
        InputCacheRead = Text(sheet.InputCacheRead),
        InputCacheWrite = Text(sheet.InputCacheWrite),
        InputCacheWrite1h = Text(sheet.InputCacheWrite1h),
        Audio = Text(sheet.Audio),
        AudioOutput = Text(sheet.AudioOutput),
        InputAudioCache = Text(sheet.InputAudioCache),
        Discount = sheet.Discount,
        Overrides = sheet.Overrides.Count == 0 ? null : [.. sheet.Overrides.Select(ToOverride)],
    };

    private static Dictionary<string, JsonElement> ToOverride(PriceOverride entry)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        Add("min_prompt_tokens", entry.MinPromptTokens);
        Add("utc_start", entry.UtcStart);
        Add("utc_end", entry.UtcEnd);
        foreach (var (name, price) in entry.Prices)
            members[name] = JsonElement.Parse($"\"{PriceText.Format(price)}\"");
        return members;

        void Add(string name, long? value)
        {
            if (value is { } known)
                members[name] = JsonElement.Parse(known.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string? Text(decimal? price) => price is { } known ? PriceText.Format(known) : null;
}
