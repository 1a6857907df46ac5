using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Prepare;

/// <summary>
/// What orders a model's endpoints, by the precedence of routing §6.5: <c>order</c> and <c>provider.sort</c>, the slug's variant, the account's
/// default, what a service tier implies (§15), quality where there are tools, else the draw by price.
/// </summary>
internal sealed class SortChoice(CanonicalRequest request, AccountSettings account, ExactoOptions exacto)
{
    /// <summary>The tier that <c>:nitro</c> or <c>:floor</c> lets in, where it is what orders and the default tier is not asked for (§15).</summary>
    public ServiceTier AlsoTier(RouteSort? variant) => request is { ServiceTier: not "default", Provider: { Order.Count: 0, Sort: null } }
        ? variant switch { RouteSort.Throughput => ServiceTier.Priority, RouteSort.Price => ServiceTier.Flex, _ => ServiceTier.Default }
        : ServiceTier.Default;

    public RouteSort For(RouteSort? variant)
    {
        // The list orders; within one entry the default algorithm does.
        if (request.Provider.Order.Count > 0)
            return RouteSort.Balanced;
        return RouteSorts.Parse(request.Provider.Sort) ?? variant ?? RouteSorts.Parse(account.DefaultProviderSort) ?? request.ServiceTier switch
        {
            "priority" or "fast" => RouteSort.Throughput,
            "flex" => RouteSort.Price,
            _ when exacto.Auto && (request.Used & ParameterSet.Tools) != ParameterSet.None => RouteSort.BalancedExacto,
            _ => RouteSort.Balanced,
        };
    }
}
