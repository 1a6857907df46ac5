using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Schema;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Ledger;

/// <summary>Registers the ledger.</summary>
public static class LedgerServices
{
    /// <summary>
    /// <see cref="CreditLedger"/> (started and drained by the host), <see cref="GenerationStore"/> and the ledger's tables. Needs <c>AddStorage</c>.
    /// </summary>
    public static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddSingleton(LedgerMigrations.Set);
        services.AddSingleton<CreditLedger>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<CreditLedger>());
        services.AddHostedService(static provider => provider.GetRequiredService<CreditLedger>());
        services.AddSingleton<GenerationStore>();
        return services;
    }
}
