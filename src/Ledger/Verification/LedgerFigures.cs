using System.Data.Common;
using Dapper;

namespace Fairlead.Ledger.Verification;

/// <summary>What a ledger amounts to, to compare two that must be the same. Amounts are 10⁻¹² US dollars, added in 128 bits.</summary>
/// <param name="Accounts">How many accounts, the platform's own included.</param>
/// <param name="CustomerBalances">What all customers have.</param>
/// <param name="PlatformBalances">What the platform's accounts hold: the same with the other sign.</param>
/// <param name="Generations">How many generations are recorded.</param>
/// <param name="Charged">What they cost their callers.</param>
public sealed record LedgerFigures(long Accounts, Int128 CustomerBalances, Int128 PlatformBalances, long Generations, Int128 Charged)
{
    /// <summary>Reads them, each row once.</summary>
    public static LedgerFigures Read(DbConnection connection)
    {
        var (accounts, customers, platform) = (0L, (Int128)0, (Int128)0);
        foreach (var (id, balance) in connection.Query<(long, long)>("SELECT id, balance FROM ledger_accounts", buffered: false, commandTimeout: 0))
        {
            accounts++;
            (customers, platform) = id > 0 ? (customers + balance, platform) : (customers, platform + balance);
        }

        var (generations, charged) = (0L, (Int128)0);
        foreach (var cost in connection.Query<long>("SELECT cost FROM generations", buffered: false, commandTimeout: 0))
        {
            generations++;
            charged += cost;
        }

        return new(accounts, customers, platform, generations, charged);
    }
}
