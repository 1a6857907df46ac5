using Fairlead.Ledger.Leases;
using Fairlead.Ledger.Settlement;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Journal;

/// <summary>
/// Settles what a journal holds. Each generation is charged once, however often this runs: the database knows its id. A charge draws on what the node has still
/// reserved for it. Where it has not, because the operator gave the node up, it is charged as far as the account has free credits, and the rest is the operator's.
/// </summary>
internal sealed partial class JournalReplay : IDisposable
{
    private const int PerBatch = 256;

    private readonly Database _database;
    private readonly LeaseStore _leases;
    private readonly ILogger _logger;
    private readonly ISettlementStore _store;

    /// <param name="database">PostgreSQL.</param>
    /// <param name="lease">This node.</param>
    /// <param name="run">Which run of it settles.</param>
    /// <param name="clock">Time.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="patience">How long to wait for an answer, where others wait for the right to write meanwhile; null where nobody does.</param>
    /// <exception cref="StorageException">The database refuses.</exception>
    public JournalReplay(Database database, NodeLease lease, LedgerRun run, TimeProvider clock, ILogger logger, TimeSpan? patience = null)
    {
        (_database, _logger) = (database, logger);
        _leases = new(database, lease);
        _store = SettlementStores.Open(database, run, clock.GetUtcNow(), patience);
    }

    /// <summary>Settles them in order. Those that are not <see cref="PendingSettlement.IsSettled"/> afterwards the database refuses for what they are.</summary>
    /// <exception cref="StorageException">The database cannot settle any now; some may be settled.</exception>
    public async Task WriteAsync(IReadOnlyList<PendingSettlement> settlements)
    {
        foreach (var batch in Batches(settlements.Where(static settlement => !settlement.IsSettled)))
        {
            if (TryWrite(batch) is null)
            {
                continue;
            }

            foreach (var settlement in batch)
            {
                await WriteAloneAsync(settlement);
            }
        }
    }

    public void Dispose()
    {
        using var lease = _database.Lease();
        _store.Dispose();
    }

    /// <summary>A posting belongs to one month, by the moment its charges were decided.</summary>
    internal static IEnumerable<List<PendingSettlement>> Batches(IEnumerable<PendingSettlement> settlements)
    {
        var batch = new List<PendingSettlement>();
        foreach (var settlement in settlements)
        {
            if (batch.Count == PerBatch || (batch.Count > 0 && MonthAccounts.Of(batch[0].SettledAtMs) != MonthAccounts.Of(settlement.SettledAtMs)))
            {
                yield return batch;
                batch = [];
            }

            batch.Add(settlement);
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private async Task WriteAloneAsync(PendingSettlement settlement)
    {
        if (TryWrite([settlement]) is null)
        {
            return;
        }

        var covered = await _leases.CoverAsync(settlement.Generation.AccountId, settlement.Generation.KeyId, settlement.Charged, settlement.OfKeyLease);
        var asCovered = settlement.Of(covered);
        if (TryWrite([asCovered]) is { } refusal)
        {
            settlement.Refuse();
            LogRefused(refusal, settlement.Generation.Id);
            return;
        }

        if (covered < settlement.Charged)
        {
            LogShort(settlement.Generation.Id, new(settlement.Charged), new(covered));
        }

        settlement.SucceedAs(asCovered);
    }

    /// <summary>Null when they are settled, else why these in particular are not.</summary>
    private Exception? TryWrite(List<PendingSettlement> batch)
    {
        using var lease = _database.Lease();
        try
        {
            _store.Write(lease, batch, [], []);
        }
        catch (Exception failure) when (failure is not StorageException { Failure: not StorageFailure.Other })
        {
            return failure;
        }

        // Under the lease, as every commit.
        batch.ForEach(static settlement => settlement.Succeed());
        return null;
    }

    [LoggerMessage(EventId = 24, Level = LogLevel.Error,
        Message = "The charge of generation {GenerationId} in the journal is refused by the database; it stays in the journal and is tried again by the next start.")]
    private partial void LogRefused(Exception refusal, string generationId);

    [LoggerMessage(EventId = 25, Level = LogLevel.Warning,
        Message = "Generation {GenerationId} was shown to cost {Shown} USD; this node had been given up meanwhile, and its account has {Charged} USD left for it: the rest is the operator's.")]
    private partial void LogShort(string generationId, Credits shown, Credits charged);
}
