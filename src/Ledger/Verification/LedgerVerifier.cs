using System.Data;
using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>
/// <c>ledger verify</c>: recomputes every balance from its entries and checks every invariant on one consistent snapshot, while the gateway may be running.
/// Sums are kept in 128 bits.
/// </summary>
/// <param name="database">What is verified.</param>
/// <param name="others">Checks of other rooms, which run after the ledger's own.</param>
public sealed class LedgerVerifier(Database database, IEnumerable<ILedgerCheck> others)
{
    private static readonly ILedgerCheck[] Checks =
    [
        new FileCheck(), new ChargeCheck(), new UniquenessCheck(), new DoubleEntryCheck(), new LimitCheck(), new RecoveryCheck(), new UsageRecordCheck(),
    ];

    /// <summary>Prints one line per check; a broken one names the offending ids (the first 20).</summary>
    /// <returns>True when everything holds.</returns>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public bool Verify(TextWriter output)
    {
        var holds = true;
        foreach (var result in Run())
        {
            holds &= result.Holds;
            output.WriteLine(result);
        }

        return holds;
    }

    /// <summary>Runs every check on one snapshot, each when its result is asked for.</summary>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public IEnumerable<CheckResult> Run()
    {
        using var lease = database.ReadSnapshot();
        foreach (var check in Checks.Concat(others))
        {
            var findings = new Findings();
            try
            {
                // So that one that fails does not end the transaction the others read in.
                lease.Connection.Execute("SAVEPOINT before_check");
                check.Run(lease.Connection, findings);
            }
            catch (DbException failure) when (lease.Connection.State is ConnectionState.Open)
            {
                // A damaged page or a missing table: the check could not be done, which is a break by itself.
                findings.Add($"could not be checked: {failure.Message}");
                lease.Connection.Execute("ROLLBACK TO SAVEPOINT before_check");
            }
            catch (DbException failure)
            {
                throw database.Explain(failure, "verifying the ledger");
            }

            yield return new(check.Name, check.Claim, findings.Looked, findings.Any ? findings.ToString() : null);
        }
    }
}
