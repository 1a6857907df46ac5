namespace Fairlead.Catalog.Configuration;

/// <summary>Reads <c>inference.free_models</c>.</summary>
internal static class FreeModelLimitsReader
{
    private static readonly MemberNames Members = new("free_models", "per_minute", "per_day", "per_day_purchased", "purchase_usd");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            Func<FreeModelLimits, FreeModelLimits>? change = name switch
            {
                "per_minute" => Requests(ref json) is { } most ? o => o with { PerMinute = OrNone(most) } : null,
                "per_day" => Requests(ref json) is { } most ? o => o with { PerDay = OrNone(most) } : null,
                "per_day_purchased" => Requests(ref json) is { } most ? o => o with { PerDayPurchased = OrNone(most) } : null,
                _ => json.Number(0, 9_000_000) is { } usd ? o => o with { PurchaseUsd = usd } : null,
            };
            if (change is not null)
                changes.Add(options => options with { FreeModels = change(options.FreeModels) });
        }
    }

    private static long? Requests(ref ConfigurationCursor json) => json.Whole(0, int.MaxValue);

    private static int? OrNone(long most) => most == 0 ? null : (int)most;
}
