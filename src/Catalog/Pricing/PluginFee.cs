using Fairlead.Ledger;

namespace Fairlead.Catalog.Pricing;

/// <summary>What a plugin did that costs: so many of something, each at a price. Stored with the charge, so that it can be computed again.</summary>
/// <param name="Id">The plugin.</param>
/// <param name="Count">How many: results, pages, requests.</param>
/// <param name="Each">The price of one.</param>
public readonly record struct PluginFee(string Id, long Count, Credits Each)
{
    /// <summary>The plugin whose count is a number of search results.</summary>
    public const string Web = "web";

    /// <summary>The price of all.</summary>
    public Credits Total => new(checked(Count * Each.PicoDollars));

    /// <summary>The price of several.</summary>
    public static Credits Sum(IReadOnlyList<PluginFee> fees)
    {
        var sum = Credits.Zero;
        foreach (var fee in fees)
            sum += fee.Total;
        return sum;
    }

    /// <summary>The search results among them, which records count with the provider's own searches.</summary>
    public static long Results(IReadOnlyList<PluginFee> fees)
    {
        var results = 0L;
        foreach (var fee in fees)
            results += fee.Id == Web ? fee.Count : 0;
        return results;
    }
}
