using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Models;

/// <summary>Which endpoints an account's own settings leave it (routing §4.2): what routing would drop for every request of it.</summary>
internal static class CallerReach
{
    /// <summary>The account may be served by this endpoint.</summary>
    public static bool Allows(AccountSettings account, Model model, ModelEndpoint endpoint)
    {
        var mayTrain = model.IsFree || endpoint.Rates.Price == 0 ? account.AllowFreeTraining : account.AllowPaidTraining;
        return (mayTrain || endpoint.DataPolicy is { Training: false })
            && (!account.Zdr || endpoint.Zdr)
            && (account.AllowedProviders.Count == 0 || ProviderNames.MatchesAny(endpoint, account.AllowedProviders))
            && !ProviderNames.MatchesAny(endpoint, account.IgnoredProviders);
    }
}
