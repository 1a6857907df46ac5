using Fairlead.Ledger.Generations;
using Fairlead.Ledger.RollUps;
using Fairlead.Ledger.Schema;
using Fairlead.Ledger.Transfer;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Fairlead.Storage.Transfer;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Ledger;

/// <summary>Registers the ledger.</summary>
public static class LedgerServices
{
    /// <summary>
    /// <see cref="CreditLedger"/> (started and drained by the host), <see cref="GenerationStore"/>, <see cref="KeyUsageStore"/>,
    /// <see cref="ActivityStore"/>, <see cref="LedgerVerifier"/> and the ledger's tables. Needs <c>AddStorage</c>.
    /// </summary>
    /// <param name="services">Where they are registered.</param>
    /// <param name="node">Which node this process is; asked for when the ledger is first resolved.</param>
    /// <param name="configure">Sets options.</param>
    public static IServiceCollection AddLedger(this IServiceCollection services, Func<NodeId> node, Action<LedgerOptions>? configure = null)
    {
        services.AddOptionsWithValidateOnStart<LedgerOptions>().Configure(options => configure?.Invoke(options)).ValidateDataAnnotations();
        services.AddSingleton(_ => node());
        services.AddSingleton(LedgerMigrations.Set);
        services.AddSingleton<CreditLedger>();
        services.AddSingleton<IForeignChangeListener>(static provider => provider.GetRequiredService<CreditLedger>());
        services.AddHostedService(static provider => provider.GetRequiredService<CreditLedger>());
        services.AddSingleton<GenerationStore>();
        services.AddSingleton<KeyUsageStore>();
        services.AddSingleton<ActivityStore>();
        services.AddSingleton<LedgerVerifier>();
        services.AddSingleton<ILedgerCheck, JournalCheck>();
        services.AddSingleton<TableTransfer, PriceTransfer>();
        services.AddSingleton<TableTransfer, GenerationTransfer>();
        services.AddSingleton<TableTransfer, BalanceTransfer>();
        services.AddSingleton<TableTransfer>(static _ => new ReservationTransfer("account_leases"));
        services.AddSingleton<TableTransfer>(static _ => new ReservationTransfer("key_leases"));
        services.AddSingleton<TableTransfer>(static provider => new RunTransfer("intents", provider.GetRequiredService<NodeId>, renumbered: true));
        services.AddSingleton<TableTransfer>(static provider => new RunTransfer("ledger_boots", provider.GetRequiredService<NodeId>, renumbered: false));
        return services;
    }
}
