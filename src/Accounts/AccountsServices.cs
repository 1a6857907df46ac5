using Fairlead.Accounts.Bootstrap;
using Fairlead.Accounts.Keys;
using Fairlead.Accounts.Schema;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Accounts;

/// <summary>Registers accounts and keys.</summary>
public static class AccountsServices
{
    /// <summary>
    /// <see cref="KeyIndex"/> (loaded by the host), <see cref="KeyStore"/>, <see cref="AccountStore"/>, <see cref="AccountBootstrap"/> and their tables.
    /// Needs <c>AddStorage</c> and <c>AddLedger</c>.
    /// </summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton(AccountsMigrations.Set);
        services.AddSingleton<KeyStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<AccountBootstrap>();
        services.AddSingleton<KeyIndex>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<KeyIndex>());
        services.AddHostedService(static provider => provider.GetRequiredService<KeyIndex>());
        return services;
    }
}
