using Fairlead.Ledger.Holds;
using Fairlead.Storage;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// Commits settlements in groups on a thread of its own. When nothing else is in flight it commits at once; else it gathers until everything in flight
/// has joined or 1 ms has passed. A waiter goes on only after its commit. Intents ride along and nobody waits for them; a request that ends within 20 ms
/// never writes one.
/// <code>
/// TryHold ──► Opened ─────────┐ intents (after 20 ms)
/// Settle ───► Enqueue ──► gather ──► one transaction ──► waiters go on
/// Dispose ──► Released ───────┘ intents to delete
/// </code>
/// When a batch fails because of a row, its settlements are tried one by one, so that only the bad one fails; when it fails because of the database, all fail
/// and their waiters see why. The thread never ends before <see cref="StopAsync"/>.
/// </summary>
internal sealed partial class SettlementWriter
{
    private const int LargestBatch = 1024;
    private const int GatherMs = 1;
    private const int LingerMs = 20;

    private readonly object _lock = new();
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by _lock.
    private readonly Queue<Hold> _intents = new();
    private readonly List<long> _doneIntents = [];
    private List<PendingSettlement> _waiting = [];
    private long _firstWaitingAt;
    private int _committing;
    private int _inFlight;
    private long _nextIntentRow = 1;
    private long _oldestDoneAt;
    private bool _stopping;

    // Used by the thread only; swapped with the lists above.
    private readonly List<Hold> _intentBatch = [];
    private readonly List<long> _doneBatch = [];
    private List<PendingSettlement> _batch = [];

    // Read anywhere.
    private long _batches;
    private long _settled;
    private long _failed;

    public SettlementWriter(Database database, long bootId, TimeProvider clock, ILogger logger)
    {
        _database = database;
        _clock = clock;
        _logger = logger;
        SettlementStore store;
        using (var lease = database.Lease())
        {
            store = new SettlementStore(lease.Connection, bootId);
        }

        // The thread owns the store.
        new Thread(() => Run(store)) { IsBackground = true, Name = "settlement writer" }.Start();
    }

    public WriterStatus Status
    {
        get
        {
            lock (_lock)
            {
                var depth = _waiting.Count + _committing;
                return new(
                    depth, depth == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(_firstWaitingAt), _inFlight,
                    Volatile.Read(ref _batches), Volatile.Read(ref _settled), Volatile.Read(ref _failed));
            }
        }
    }

    /// <summary>A request came in flight.</summary>
    public void Opened(Hold hold)
    {
        lock (_lock)
        {
            _inFlight++;
            hold.QueuedAt = _clock.GetTimestamp();
            _intents.Enqueue(hold);
            if (_intents.Count == 1 && _waiting.Count == 0)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>A request ended without a settlement.</summary>
    public void Released(Hold hold)
    {
        lock (_lock)
        {
            _inFlight--;
            if (EndIntent(hold) is var row and not 0)
            {
                NoteDone(row);
            }

            PulseWhenAllJoined();
        }
    }

    /// <summary>Queues a settlement. Completes when it is durable; fails with <see cref="StorageException"/> when it cannot be.</summary>
    public ValueTask<Credits> Enqueue(PendingSettlement settlement)
    {
        var completion = settlement.Completion;
        lock (_lock)
        {
            if (settlement.EndsHold)
            {
                settlement.IntentRow = EndIntent(settlement.Hold!);
            }
            else
            {
                _inFlight++;
            }

            if (!_stopping)
            {
                if (_waiting.Count == 0)
                {
                    _firstWaitingAt = _clock.GetTimestamp();
                    Monitor.Pulse(_lock);
                }

                _waiting.Add(settlement);
                PulseWhenAllJoined();
                return completion;
            }

            _inFlight--;
        }

        settlement.Fail(new StorageException(StorageFailure.Closing, "The gateway is shutting down and its ledger is closed; nothing was charged."));
        return completion;
    }

    /// <summary>Commits what waits, then ends the thread. Later settlements fail.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        return _ended.Task;
    }

    private void Run(SettlementStore store)
    {
        while (TakeBatch())
        {
            CommitBatch(store);
            FinishIntents();
        }

        using (_database.Lease())
        {
            store.Dispose();
        }

        _ended.SetResult();
    }

    /// <summary>Waits for work; false when stopped and nothing is left.</summary>
    private bool TakeBatch()
    {
        lock (_lock)
        {
            _committing = 0;
            while (!IsDue(out var waitMs))
            {
                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_lock, waitMs);
            }

            (_batch, _waiting) = (_waiting, _batch);
            _committing = _batch.Count;
            TakeIntents();
            _doneBatch.AddRange(_doneIntents);
            _doneIntents.Clear();
            return true;
        }
    }

    /// <summary>Whether to commit now; otherwise how long to wait for more at most.</summary>
    private bool IsDue(out int waitMs)
    {
        if (_waiting.Count > 0)
        {
            waitMs = GatherMs;
            return _stopping || _waiting.Count >= _inFlight || _waiting.Count >= LargestBatch
                || _clock.GetElapsedTime(_firstWaitingAt).TotalMilliseconds >= GatherMs;
        }

        while (_intents.TryPeek(out var hold) && hold.Intent is IntentState.Ended)
        {
            _intents.Dequeue();
        }

        waitMs = Timeout.Infinite;
        if (_doneIntents.Count > 0)
        {
            waitMs = Remaining(_oldestDoneAt);
        }

        if (_intents.Count > 0 && !_stopping)
        {
            var remaining = Remaining(_intents.Peek().QueuedAt);
            waitMs = waitMs is Timeout.Infinite ? remaining : Math.Min(waitMs, remaining);
        }

        return waitMs == 0 || (_stopping && _doneIntents.Count > 0);
    }

    private int Remaining(long since) => Math.Max(0, LingerMs - (int)_clock.GetElapsedTime(since).TotalMilliseconds);

    private void TakeIntents()
    {
        while (_intents.TryPeek(out var hold))
        {
            if (hold.Intent is not IntentState.Ended)
            {
                if (Remaining(hold.QueuedAt) > 0)
                {
                    return;
                }

                hold.Intent = IntentState.Writing;
                hold.IntentRow = _nextIntentRow++;
                _intentBatch.Add(hold);
            }

            _intents.Dequeue();
        }
    }

    private void CommitBatch(SettlementStore store)
    {
        if (TryCommit(store, _batch, _intentBatch, _doneBatch) is { } failure)
        {
            RequeueIntents();
            if (_batch.Count == 1 || failure is StorageException { ConcernsTheWholeDatabase: true })
            {
                FailAll(_batch, failure);
            }
            else
            {
                CommitOneByOne(store);
            }
        }
        else
        {
            _doneBatch.Clear();
        }

        lock (_lock)
        {
            _inFlight -= _batch.Count;
        }

        _batch.Clear();
    }

    private void CommitOneByOne(SettlementStore store)
    {
        foreach (var settlement in _batch)
        {
            if (TryCommit(store, [settlement], [], []) is { } failure)
            {
                FailAll([settlement], failure);
            }
        }
    }

    private Exception? TryCommit(SettlementStore store, List<PendingSettlement> settlements, List<Hold> intents, List<long> doneIntents)
    {
        using var lease = _database.Lease();
        try
        {
            store.Write(settlements, intents, doneIntents);
        }
        catch (Exception failure)
        {
            // Not narrowed: whatever happened, the waiters must hear of it and the thread must live.
            return failure;
        }

        Interlocked.Increment(ref _batches);
        Succeed(settlements);
        return null;
    }

    /// <summary>Under the lease, so that whoever reads balances under it sees memory and database agree.</summary>
    private void Succeed(List<PendingSettlement> settlements)
    {
        Interlocked.Add(ref _settled, settlements.Count);
        foreach (var settlement in settlements)
        {
            settlement.Succeed();
        }
    }

    private void FailAll(List<PendingSettlement> settlements, Exception failure)
    {
        Interlocked.Add(ref _failed, settlements.Count);
        foreach (var settlement in settlements)
        {
            LogNotSettled(failure, settlement.Generation.Id);
            settlement.Fail(failure);
        }
    }

    /// <summary>After the commit: rows of requests that ended meanwhile are deleted with the next batch.</summary>
    private void FinishIntents()
    {
        if (_intentBatch.Count == 0 && _doneBatch.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var hold in _intentBatch)
            {
                if (hold.Intent is IntentState.Writing)
                {
                    hold.Intent = IntentState.Written;
                }
                else
                {
                    NoteDone(hold.IntentRow);
                }
            }

            // Left over only when the batch failed.
            foreach (var row in _doneBatch)
            {
                NoteDone(row);
            }
        }

        _intentBatch.Clear();
        _doneBatch.Clear();
    }

    /// <summary>The batch failed: the intents in it are tried again later.</summary>
    private void RequeueIntents()
    {
        lock (_lock)
        {
            foreach (var hold in _intentBatch)
            {
                if (hold.Intent is IntentState.Writing)
                {
                    hold.Intent = IntentState.Queued;
                    hold.QueuedAt = _clock.GetTimestamp();
                    _intents.Enqueue(hold);
                }
            }
        }

        _intentBatch.Clear();
    }

    /// <returns>The row to delete; 0 when none was written.</returns>
    private static long EndIntent(Hold hold)
    {
        var row = hold.Intent is IntentState.Written ? hold.IntentRow : 0;
        hold.Intent = IntentState.Ended;
        return row;
    }

    private void NoteDone(long row)
    {
        if (_doneIntents.Count == 0)
        {
            _oldestDoneAt = _clock.GetTimestamp();
            Monitor.Pulse(_lock);
        }

        _doneIntents.Add(row);
    }

    private void PulseWhenAllJoined()
    {
        if (_waiting.Count > 0 && (_waiting.Count >= _inFlight || _waiting.Count >= LargestBatch))
        {
            Monitor.Pulse(_lock);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Generation {GenerationId} was not settled and not charged: its answer's end is withheld.")]
    private partial void LogNotSettled(Exception failure, string generationId);
}
