using Dapper;
using Fairlead.Ledger.Journal;
using Fairlead.Ledger.Settlement;
using Fairlead.Storage;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger;

/// <summary>What an earlier run of this node kept on its disk because the database was away.</summary>
public sealed partial class CreditLedger
{
    /// <summary>After so long without an answer a batch goes to the journal. Less than a lease lasts.</summary>
    private static readonly TimeSpan PatienceWithTheDatabase = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PatienceWithLocks = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    /// <summary>How many charges wait in a folder that was given as <see cref="LedgerOptions.JournalFolder"/>; changes nothing.</summary>
    /// <exception cref="StorageException">The journal cannot be read.</exception>
    public static int CountJournaled(string folder) => JournalFile.Read(folder).Left.Count;

    /// <summary>
    /// Settles it as long as what the last run had reserved is still in this node's name, so before the run begins that frees it.
    /// </summary>
    /// <returns>The journal, and what the database refused of it; null where this node needs none.</returns>
    private async Task<(JournalFile? Journal, List<PendingSettlement> Refused)> SettleJournalAsync(CancellationToken cancellationToken)
    {
        if (options.Value.JournalFolder is not { } folder)
        {
            return (null, []);
        }

        var journal = JournalFile.Read(folder);
        if (journal.Left.Count == 0)
        {
            return (lease.IsAlone ? null : journal, []);
        }

        await CheckOwnerAsync(journal);
        var settlements = journal.Left.Select(static entry => entry.ToSettlement()).ToList();
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                using var replay = new JournalReplay(database, lease, new(0, lease.NodeId, lease.Run), clock, logger);
                await replay.WriteAsync(settlements);
                var refused = settlements.FindAll(static settlement => !settlement.IsSettled);
                LogSettled(settlements.Count - refused.Count, journal.Path, refused.Count);
                return (journal, refused);
            }
            catch (StorageException failure) when (failure.Failure is StorageFailure.Locked && clock.GetElapsedTime(began) < PatienceWithLocks)
            {
                await Task.Delay(BetweenTries, clock, cancellationToken);
            }
        }
    }

    /// <summary>Charges of one database are not settled in another.</summary>
    private async Task CheckOwnerAsync(JournalFile journal)
    {
        var isOurs = !lease.IsAlone && journal.Owner is { } owner && owner.Node == lease.NodeId.Value && await database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM ledger_boots WHERE id = @Boot AND node_id = @Node", owner),
            "looking for the run of the journal") > 0;
        if (!isOurs)
        {
            throw new StorageException(
                StorageFailure.CannotOpen,
                $"The journal {journal.Path} holds {journal.Left.Count} charges that callers were shown, of another node or another database than {database.Address.Location}. "
                + "Start once with the node-id and the database they belong to; or move the file away, and they are given up.");
        }
    }

    [LoggerMessage(EventId = 26, Level = LogLevel.Information,
        Message = "{Count} charges that the last run kept in {Path} while the database was away are settled; {Refused} were refused and stay in it.")]
    private partial void LogSettled(int count, string path, int refused);
}
