using System.Diagnostics;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Journal;
using Fairlead.Storage;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// Commits a batch and tells its waiters. When it fails because of a row, its settlements are tried one by one, so that only the bad one fails; when it fails
/// because of the database, all fail and their waiters see why; but while a database that several nodes share is not reached, they go to the journal of this
/// node, and their waiters go on. Used by one thread at a time.
/// </summary>
internal sealed partial class SettlementCommitter : IDisposable
{
    private readonly Database _database;
    private readonly ILogger _logger;
    private readonly ISettlementStore _store;
    private readonly ChargeJournal? _journal;
    private bool _intentsFail;
    private long _batches;
    private long _settled;
    private long _failed;
    private long _ticks;

    public SettlementCommitter(Database database, ISettlementStore store, ChargeJournal? journal, ILogger logger)
    {
        _journal = journal;
        _database = database;
        _logger = logger;
        _store = store;
    }

    /// <summary>Commits since the start; read anywhere.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Generations committed since the start; read anywhere.</summary>
    public long Settled => Volatile.Read(ref _settled);

    /// <summary>Settlements given up since the start; read anywhere.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Time spent in commits since the start; read anywhere.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _ticks));

    /// <summary>Completes every settlement, one way or the other.</summary>
    public CommitResult Commit(List<PendingSettlement> settlements, List<Hold> intents, List<long> doneIntents)
    {
        if (_journal is { IsAway: true } && _journal.TryKeep(settlements, began: null, Fail))
        {
            return CommitResult.NotWritten;
        }

        if (TryCommit(settlements, intents, doneIntents) is not { } failure)
        {
            _intentsFail = false;
            return CommitResult.Written;
        }

        // A server that did not answer may have done what it was sent.
        var result = failure is StorageException { Failure: StorageFailure.OutcomeUnknown or StorageFailure.Unreachable } ? CommitResult.Unknown : CommitResult.NotWritten;
        if (TryKeep(settlements, failure))
        {
            return result;
        }

        if (settlements.Count > 1 && failure is not StorageException { ConcernsTheWholeDatabase: true })
        {
            CommitOneByOne(settlements);
            return result;
        }

        settlements.ForEach(settlement => Fail(settlement, failure));
        if (settlements.Count == 0 && !_intentsFail)
        {
            // Once, and not every 20 ms until it can be written again.
            _intentsFail = true;
            LogIntentsNotWritten(failure);
        }

        return result;
    }

    public void Dispose()
    {
        using var lease = _database.Lease();
        _store.Dispose();
    }

    private void CommitOneByOne(List<PendingSettlement> settlements)
    {
        foreach (var settlement in settlements)
        {
            List<PendingSettlement> alone = [settlement];
            if (_journal is { IsAway: true } && _journal.TryKeep(alone, began: null, Fail))
            {
                continue;
            }

            if (TryCommit(alone, [], []) is { } failure && !TryKeep(alone, failure))
            {
                Fail(settlement, failure);
            }
        }
    }

    /// <summary>Only where the database was not reached, or lost: whatever it answers is its word.</summary>
    private bool TryKeep(List<PendingSettlement> settlements, Exception failure) =>
        _journal is not null
        && failure is StorageException { Failure: StorageFailure.Unreachable or StorageFailure.OutcomeUnknown } away
        && _journal.TryKeep(settlements, away, Fail);

    private Exception? TryCommit(List<PendingSettlement> settlements, List<Hold> intents, List<long> doneIntents)
    {
        var began = Stopwatch.GetTimestamp();
        using var lease = _database.Lease();
        try
        {
            _store.Write(lease, settlements, intents, doneIntents);
        }
        catch (Exception failure)
        {
            // Not narrowed: whatever happened, the waiters must hear of it and the thread must live.
            return failure;
        }
        finally
        {
            Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - began);
        }

        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _settled, settlements.Count);
        // Under the lease, so that whoever reads balances under it sees memory and database agree.
        foreach (var settlement in settlements)
        {
            settlement.Succeed();
        }

        return null;
    }

    private void Fail(PendingSettlement settlement, Exception failure)
    {
        Interlocked.Increment(ref _failed);
        LogNotSettled(failure, settlement.Generation.Id);
        settlement.Fail(failure);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Generation {GenerationId} was not settled and not charged: its answer's end is withheld.")]
    private partial void LogNotSettled(Exception failure, string generationId);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning,
        Message = "The list of requests in flight could not be written; it is tried again until it can. A crash meanwhile leaves no record of them.")]
    private partial void LogIntentsNotWritten(Exception failure);
}
