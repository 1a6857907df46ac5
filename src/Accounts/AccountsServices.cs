using Fairlead.Accounts.Bootstrap;
using Fairlead.Accounts.Keys;
using Fairlead.Accounts.Limits;
using Fairlead.Accounts.Limits.Shares;
using Fairlead.Accounts.Presets;
using Fairlead.Accounts.Schema;
using Fairlead.Accounts.Settings;
using Fairlead.Storage.Changes;
using Fairlead.Storage.Transfer;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Accounts;

/// <summary>Registers accounts and keys.</summary>
public static class AccountsServices
{
    /// <summary>
    /// <see cref="KeyIndex"/>, <see cref="AccountSettingsIndex"/> and <see cref="PresetIndex"/> (loaded by the host), <see cref="KeyStore"/>,
    /// <see cref="AccountStore"/>, <see cref="AccountSettingsStore"/>, <see cref="PresetStore"/>, <see cref="RateLimiter"/>, <see cref="AccountBootstrap"/> and their tables.
    /// Needs <c>AddStorage</c> and <c>AddLedger</c>.
    /// </summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton(AccountsMigrations.Set);
        services.AddSingleton<TableTransfer>(static _ => new NodeTransfer("rate_shares"));
        services.AddSingleton<KeyStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<AccountBootstrap>();
        services.AddSingleton<KeyIndex>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<KeyIndex>());
        services.AddHostedService(static provider => provider.GetRequiredService<KeyIndex>());
        services.AddSingleton<AccountSettingsStore>();
        services.AddSingleton<AccountSettingsIndex>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<AccountSettingsIndex>());
        services.AddHostedService(static provider => provider.GetRequiredService<AccountSettingsIndex>());
        services.AddSingleton<PresetStore>();
        services.AddSingleton<PresetIndex>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<PresetIndex>());
        services.AddHostedService(static provider => provider.GetRequiredService<PresetIndex>());
        services.AddSingleton<RateLimiter>();
        services.AddHostedService<RateLimitSweeper>();
        return services;
    }

    /// <summary>Keeps this node's shares of rate limits, where several nodes share the database. For a program that serves.</summary>
    public static IServiceCollection AddRateShares(this IServiceCollection services) => services.AddHostedService<RateShareKeeper>();
}
