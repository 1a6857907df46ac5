using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Schema;
using Fairlead.Ledger.Verification;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Ledger;

/// <summary>Registers the ledger.</summary>
public static class LedgerServices
{
    /// <summary>
    /// <see cref="CreditLedger"/> (started and drained by the host), <see cref="GenerationStore"/>, <see cref="LedgerVerifier"/> and the ledger's tables.
    /// Needs <c>AddStorage</c>.
    /// </summary>
    public static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddSingleton(LedgerMigrations.Set);
        services.AddSingleton<CreditLedger>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<CreditLedger>());
        services.AddHostedService(static provider => provider.GetRequiredService<CreditLedger>());
        services.AddSingleton<GenerationStore>();
        services.AddSingleton<LedgerVerifier>();
        return services;
    }
}
