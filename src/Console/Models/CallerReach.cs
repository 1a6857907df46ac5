using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Models;

/// <summary>Which endpoints an account's own settings leave it (routing §4.2): what routing would drop for every request of it.</summary>
internal static class CallerReach
{
    /// <summary>The account may be served by an endpoint of the model; of a router, by one of a model it could choose.</summary>
    public static bool Reaches(CatalogSnapshot catalog, AccountSettings account, Model model) => model.Router switch
    {
        RouterKind.None => ModelMapping.Visible(catalog, model).Any(endpoint => Allows(account, model, endpoint)),
        RouterKind.Free => catalog.Listed.Any(other => other is { Router: RouterKind.None, CostsNothing: true } && Reaches(catalog, account, other)),
        _ => catalog.Listed.Any(other => other.Router == RouterKind.None && Reaches(catalog, account, other)),
    };

    /// <summary>The account may be served by this endpoint.</summary>
    private static bool Allows(AccountSettings account, Model model, ModelEndpoint endpoint)
    {
        var mayTrain = model.IsFree || endpoint.Rates.Price == 0 ? account.AllowFreeTraining : account.AllowPaidTraining;
        return (mayTrain || endpoint.DataPolicy is { Training: false })
            && (!account.Zdr || endpoint.Zdr)
            && (account.AllowedProviders.Count == 0 || ProviderNames.MatchesAny(endpoint, account.AllowedProviders, withTiers: true))
            && !ProviderNames.MatchesAny(endpoint, account.IgnoredProviders, withTiers: true);
    }
}
