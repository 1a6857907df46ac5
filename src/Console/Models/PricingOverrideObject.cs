using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Catalog.Pricing;

namespace Fairlead.Console.Models;

/// <summary>Prices that hold under conditions (platform §11.7): the conditions, and the replacing prices by their wire names.</summary>
internal sealed record PricingOverrideObject
{
    [JsonPropertyName("min_prompt_tokens"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MinPromptTokens { get; init; }

    [JsonPropertyName("utc_start"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? UtcStart { get; init; }

    [JsonPropertyName("utc_end"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? UtcEnd { get; init; }

    [JsonExtensionData]
    public required IDictionary<string, JsonElement> Prices { get; init; }

    public static PricingOverrideObject From(PriceOverride entry) => new()
    {
        MinPromptTokens = entry.MinPromptTokens,
        UtcStart = entry.UtcStart,
        UtcEnd = entry.UtcEnd,
        Prices = entry.Prices.ToDictionary(price => price.Key, price => JsonElement.Parse($"\"{PriceText.Format(price.Value)}\""), StringComparer.Ordinal),
    };
}
