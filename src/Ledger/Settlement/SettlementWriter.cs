using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// Commits settlements in groups. When nothing else is in flight the caller's own thread commits at once, which spares two switches of thread; else a thread
/// of ours gathers until everything in flight has joined or 1 ms has passed, and commits them together. A waiter goes on only after its commit. Intents ride
/// along and nobody waits for them; a request that ends within 20 ms never writes one.
/// <code>
/// TryHold ──► Opened ─────────┐ intents (after 20 ms)
/// Settle ───► Enqueue ──► gather ──► one transaction ──► waiters go on
///                └─ alone ────────────────┘
/// Dispose ──► Released ───────┘ intents to delete
/// </code>
/// When a batch fails because of a row, its settlements are tried one by one, so that only the bad one fails; when it fails because of the database, all fail
/// and their waiters see why. The thread never ends before <see cref="StopAsync"/>.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The thread disposes the store when StopAsync ends it.")]
internal sealed partial class SettlementWriter
{
    private const int LargestBatch = 1024;
    private const int GatherMs = 1;
    private const int LingerMs = 20;

    private readonly object _lock = new();
    private readonly Database _database;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by _lock.
    private readonly Queue<Hold> _intents = new();
    private readonly List<long> _doneIntents = [];
    private List<PendingSettlement> _waiting = [];
    private long _firstWaitingAt;
    private int _committing;
    private int _inFlight;
    private long _opened;
    private long _nextIntentRow = 1;
    private long _oldestDoneAt;
    private Parking _parking;
    private bool _stopping;

    // Guarded by _lock: somebody, the thread or a caller alone, is using the store and the fields below it.
    private bool _busy;
    private readonly SettlementStore _store;

    // Used by the thread only; swapped with the lists above.
    private readonly List<Hold> _intentBatch = [];
    private readonly List<long> _doneBatch = [];
    private List<PendingSettlement> _batch = [];
    private long _openedBefore;
    private bool _intentsFail;

    // Read anywhere.
    private long _batches;
    private long _settled;
    private long _failed;

    public SettlementWriter(Database database, long bootId, ILogger logger)
    {
        _database = database;
        _logger = logger;
        using (var lease = database.Lease())
        {
            _store = new SettlementStore(lease.Connection, bootId);
        }

        new Thread(Run) { IsBackground = true, Name = "settlement writer" }.Start();
    }

    /// <summary>Why the thread sleeps, so that nobody wakes it for nothing.</summary>
    private enum Parking
    {
        Awake,
        /// <summary>Until more settlements or the end of a time.</summary>
        Timed,
        /// <summary>Until anything happens.</summary>
        Idle,
    }

    public WriterStatus Status
    {
        get
        {
            lock (_lock)
            {
                var depth = _waiting.Count + _committing;
                return new(
                    depth, depth == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_firstWaitingAt), _inFlight,
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
            _opened++;
            hold.QueuedAt = Now();
            _intents.Enqueue(hold);
            if (_parking is Parking.Idle)
            {
                Wake();
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

            if (_waiting.Count > 0 && HaveAllJoined)
            {
                Wake();
            }
        }
    }

    /// <summary>
    /// Settles. Completes when it is durable; fails with <see cref="StorageException"/> when it cannot be. Blocks for the time of one commit when nothing else is
    /// in flight.
    /// </summary>
    public ValueTask<Credits> Settle(PendingSettlement settlement)
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

            if (_stopping)
            {
                _inFlight--;
                settlement.Fail(
                    new StorageException(StorageFailure.Closing, "The gateway is shutting down and its ledger is closed; nothing was charged."));
                return completion;
            }

            if (_waiting.Count == 0)
            {
                _firstWaitingAt = Now();
            }

            if (_busy || _inFlight > 1)
            {
                _waiting.Add(settlement);
                if (_waiting.Count == 1 || HaveAllJoined)
                {
                    Wake();
                }

                return completion;
            }

            _busy = true;
            _committing = 1;
        }

        CommitAlone(settlement);
        return completion;
    }

    /// <summary>Commits what waits, then ends the thread. Later settlements fail.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stopping = true;
            Wake();
        }

        return _ended.Task;
    }

    private bool HaveAllJoined => _waiting.Count >= _inFlight || _waiting.Count >= LargestBatch;

    private void CommitAlone(PendingSettlement settlement)
    {
        if (TryCommit([settlement], [], []) is { } failure)
        {
            FailAll([settlement], failure);
        }

        lock (_lock)
        {
            _busy = false;
            _committing = 0;
            _inFlight--;
            if (_waiting.Count > 0 || _stopping)
            {
                Wake();
            }
        }
    }

    private void Run()
    {
        while (TakeBatch())
        {
            CommitBatch();
            FinishIntents();
        }

        using (_database.Lease())
        {
            _store.Dispose();
        }

        _ended.SetResult();
    }

    /// <summary>Waits for work; false when stopped and nothing is left.</summary>
    private bool TakeBatch()
    {
        lock (_lock)
        {
            while (_busy || !IsDue())
            {
                if (_stopping && !_busy)
                {
                    return false;
                }

                Park();
            }

            _busy = true;
            (_batch, _waiting) = (_waiting, _batch);
            _committing = _batch.Count;
            TakeIntents();
            _doneBatch.AddRange(_doneIntents);
            _doneIntents.Clear();
            return true;
        }
    }

    private bool IsDue() => _waiting.Count > 0
        ? _stopping || HaveAllJoined || Stopwatch.GetElapsedTime(_firstWaitingAt).TotalMilliseconds >= GatherMs
        : _doneIntents.Count > 0 && (_stopping || Remaining(_oldestDoneAt) == 0) || AnIntentIsDue();

    private bool AnIntentIsDue()
    {
        while (_intents.TryPeek(out var hold) && hold.Intent is IntentState.Ended)
        {
            _intents.Dequeue();
        }

        return _intents.Count > 0 && !_stopping && Remaining(_intents.Peek().QueuedAt) == 0;
    }

    /// <summary>
    /// Sleeps until there may be something to do. As long as requests come in, the thread looks by itself every 20 ms for intents to write, rather than being
    /// woken by each of them.
    /// </summary>
    private void Park()
    {
        var waitMs = LingerMs;
        if (_waiting.Count > 0)
        {
            waitMs = GatherMs;
        }
        else if (_intents.Count == 0 && _doneIntents.Count == 0 && _opened == _openedBefore)
        {
            waitMs = Timeout.Infinite;
        }

        _openedBefore = _opened;
        _parking = waitMs is Timeout.Infinite ? Parking.Idle : Parking.Timed;
        Monitor.Wait(_lock, waitMs);
        _parking = Parking.Awake;
    }

    private void Wake()
    {
        if (_parking is not Parking.Awake)
        {
            _parking = Parking.Awake;
            Monitor.Pulse(_lock);
        }
    }

    private static int Remaining(long since) => Math.Max(0, LingerMs - (int)Stopwatch.GetElapsedTime(since).TotalMilliseconds);

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

    private void CommitBatch()
    {
        if (TryCommit(_batch, _intentBatch, _doneBatch) is { } failure)
        {
            RequeueIntents();
            if (_batch.Count == 0 && !_intentsFail)
            {
                _intentsFail = true;
                LogIntentsNotWritten(failure);
            }

            if (_batch.Count <= 1 || failure is StorageException { ConcernsTheWholeDatabase: true })
            {
                FailAll(_batch, failure);
            }
            else
            {
                CommitOneByOne();
            }
        }
        else
        {
            _intentsFail = false;
            _doneBatch.Clear();
        }

        lock (_lock)
        {
            _busy = false;
            _committing = 0;
            _inFlight -= _batch.Count;
        }

        _batch.Clear();
    }

    private void CommitOneByOne()
    {
        foreach (var settlement in _batch)
        {
            if (TryCommit([settlement], [], []) is { } failure)
            {
                FailAll([settlement], failure);
            }
        }
    }

    private Exception? TryCommit(List<PendingSettlement> settlements, List<Hold> intents, List<long> doneIntents)
    {
        using var lease = _database.Lease();
        try
        {
            _store.Write(settlements, intents, doneIntents);
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
            if (settlement.IntentRow != 0)
            {
                // The request is over, though its record could not be written: it must not look as if it still held credits.
                lock (_lock)
                {
                    NoteDone(settlement.IntentRow);
                }
            }

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
                    hold.QueuedAt = Now();
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
            _oldestDoneAt = Now();
            if (_parking is Parking.Idle)
            {
                Wake();
            }
        }

        _doneIntents.Add(row);
    }

    /// <summary>The machine's own time: how long to gather says nothing about the clock that tests and replays set.</summary>
    private static long Now() => Stopwatch.GetTimestamp();

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Generation {GenerationId} was not settled and not charged: its answer's end is withheld.")]
    private partial void LogNotSettled(Exception failure, string generationId);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning,
        Message = "The list of requests in flight could not be written; it is tried again until it can. A crash meanwhile leaves no record of them.")]
    private partial void LogIntentsNotWritten(Exception failure);
}
