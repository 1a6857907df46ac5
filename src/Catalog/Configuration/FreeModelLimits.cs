using Fairlead.Ledger;

namespace Fairlead.Catalog.Configuration;

/// <summary>How many requests for free models (<c>:free</c>) an account may make, by what it ever bought (platform §11.4, I-62). Null is no limit.</summary>
public sealed record FreeModelLimits
{
    /// <summary>Everything at its default.</summary>
    public static FreeModelLimits Default { get; } = new();

    /// <summary><c>inference.free_models.per_minute</c>: requests in any 60 seconds. Default 20; 0 is no limit.</summary>
    public int? PerMinute { get; init; } = 20;
    /// <summary><c>inference.free_models.per_day</c>: requests on a UTC day. Default 50; 0 is no limit.</summary>
    public int? PerDay { get; init; } = 50;
    /// <summary><c>inference.free_models.per_day_purchased</c>: the same for accounts that bought enough. Default 1000; 0 is no limit.</summary>
    public int? PerDayPurchased { get; init; } = 1000;
    /// <summary><c>inference.free_models.purchase_usd</c>: what is enough, all time, in US dollars. Default 10; 0 is enough for everybody.</summary>
    public decimal PurchaseUsd { get; init; } = 10m;

    /// <summary>How many an account that bought so much may make on a UTC day.</summary>
    public int? PerDayFor(Credits purchased) => IsUnlocked(purchased) ? PerDayPurchased : PerDay;

    /// <summary>Whether so much bought is enough for <see cref="PerDayPurchased"/>.</summary>
    public bool IsUnlocked(Credits purchased) => purchased.Dollars >= PurchaseUsd;
}
