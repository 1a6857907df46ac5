using Fairlead.Catalog.Pricing;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads an <see cref="OutsideService"/>: <c>{base_url, api_key, api_key_env, timeout_s, price}</c>.</summary>
internal static class OutsideServiceReader
{
    private static readonly MemberNames Members = new("a service", "base_url", "api_key", "api_key_env", "timeout_s", "price");

    public static Func<OutsideService, OutsideService>? Read(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var changes = new List<Func<OutsideService, OutsideService>>();
        while (json.NextMember(Members, out var name))
        {
            Func<OutsideService, OutsideService>? change = name switch
            {
                "base_url" => ProviderReader.Address(ref json, placeholders: false) is { } address ? s => s with { BaseUrl = address.TrimEnd('/') } : null,
                "api_key" => ProviderReader.ApiKey(ref json) is { } key ? s => s with { ApiKey = key } : null,
                "api_key_env" => ProviderReader.Variables(ref json) is { } names ? s => s with { ApiKeyEnv = names } : null,
                "timeout_s" => OptionsReader.Seconds(ref json, 0.1m, 600) is { } time ? s => s with { Timeout = time } : null,
                _ => Price(ref json) is { } price ? s => s with { Price = price } : null,
            };
            if (change is not null)
                changes.Add(change);
        }

        return service => changes.Aggregate(service, static (current, change) => change(current));
    }

    private static decimal? Price(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Text(30) is not { } text)
            return null;
        // A unit at more than a dollar is a slip of the decimal point; finer than the unit of credits cannot be charged.
        if (PriceText.TryParse(text, out var price) && price is >= 0 and <= 1 && decimal.Round(price, 12) == price)
            return price;
        json.Report(at, "must be a price in US dollars for one unit in quotes, from \"0\" to \"1\", with at most 12 decimals.");
        return null;
    }
}
