using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Journal;
using Fairlead.Storage;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// Decides who commits settlements when. Settlements gather until everything in flight has joined or 1 ms has passed (up to 4 ms while they come so fast that
/// waiting pays), and are committed together by the caller whose settlement completed the batch, on its own thread: a hand-over to a thread of ours would
/// cost two switches of thread per batch. That thread commits what no caller does: a batch whose time is up and nobody else joins, and intents. A waiter goes on only after its commit. Intents ride along and
/// nobody waits for them; a request that ends within 20 ms never writes one.
/// <code>
/// TryHold ──► Opened ─────────┐ intents (after 20 ms)
/// Settle ───► Settle ────► gather ──► one transaction ──► waiters go on
///                            ├─ all joined, or 1 ms old when another joins: the caller commits
///                            └─ else the thread, when 1 ms has passed
/// Dispose ──► Released ───────┘ intents to delete
/// </code>
/// The thread never ends before <see cref="StopAsync"/>.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The thread disposes it when StopAsync ends it.")]
internal sealed class SettlementWriter
{
    private const int LargestBatch = 1024;
    private const int GatherMs = 1;

    /// <summary>
    /// A batch that <see cref="BusyPerMs"/> or more join per millisecond goes on gathering for so long: under such load a commit costs more processor time
    /// than the wait costs anybody, and callers are answered sooner for it (bench/README.md).
    /// </summary>
    private const int GatherBusyMs = 4;

    private const int BusyPerMs = 2;

    /// <summary>For so long after a batch of several, the thread looks by itself whenever the next could be due rather than being woken for each batch.</summary>
    private const int BusyMs = 10;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards everything below, and the intents of holds.</summary>
    private readonly object _lock = new();
    private readonly IntentList _intents = new();
    private List<PendingSettlement> _waiting = [];
    private long _firstWaitingAt;
    private int _committing;
    private int _inFlight;
    private long _opened;
    private long _openedBefore;
    private long _gatheredAt;
    private int _gathered;
    private Parking _parking;
    private bool _stopping;

    // Used by whoever set _busy: the thread, or a caller.
    private readonly SettlementCommitter _committer;
    private readonly ChargeJournal? _journal;
    private readonly List<Hold> _intentBatch = [];
    private List<PendingSettlement> _batch = [];
    private List<long> _doneBatch = [];
    private bool _busy;

    public SettlementWriter(Database database, ISettlementStore store, ChargeJournal? journal, ILogger logger)
    {
        _journal = journal;
        _committer = new SettlementCommitter(database, store, journal, logger);
        new Thread(Run) { IsBackground = true, Name = "settlement writer" }.Start();
    }

    /// <summary>Why the thread sleeps, so that nobody wakes it for nothing.</summary>
    private enum Parking
    {
        Awake,
        /// <summary>For at most the time a batch gathers: it will look in time by itself.</summary>
        Brief,
        /// <summary>Until settlements wait or the end of a longer time.</summary>
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
                var lag = depth == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_firstWaitingAt);
                return new(depth, lag, _inFlight, _committer.Batches, _committer.Settled, _committer.Failed, _committer.Time, _journal?.Count ?? 0);
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
            _intents.Add(hold);
            WakeIfIdle();
        }
    }

    /// <summary>A request ended without a settlement.</summary>
    public void Released(Hold hold)
    {
        lock (_lock)
        {
            _inFlight--;
            _intents.Delete(IntentList.End(hold));
            if (_waiting.Count > 0 && HaveAllJoined)
            {
                Wake();
            }
            else
            {
                WakeIfIdle();
            }
        }
    }

    /// <summary>
    /// Settles. Completes when it is durable; fails with <see cref="StorageException"/> when it cannot be. Blocks for the time of one commit when it
    /// completes a batch: the work is this process's own, so another thread would not be done sooner.
    /// </summary>
    public ValueTask<Credits> Settle(PendingSettlement settlement)
    {
        var completion = settlement.Completion;
        lock (_lock)
        {
            if (_stopping)
            {
                // An intent that was written stays: the next start records the request as cancelled.
                _inFlight -= settlement.EndsHold ? 1 : 0;
                settlement.Fail(
                    new StorageException(StorageFailure.Closing, "The gateway is shutting down and its ledger is closed; nothing was charged."));
                settlement.Release();
                return completion;
            }

            _inFlight += settlement.EndsHold ? 0 : 1;
            settlement.IntentRow = settlement.EndsHold ? IntentList.End(settlement.Hold!) : 0;
            if (_waiting.Count == 0)
            {
                _firstWaitingAt = Stopwatch.GetTimestamp();
            }

            _waiting.Add(settlement);
            if (_busy)
            {
                return completion;
            }

            if (!IsDue())
            {
                if (_waiting.Count == 1 && _parking is not Parking.Brief)
                {
                    Wake();
                }

                return completion;
            }

            TakeBatch();
        }

        CommitBatch(own: settlement);
        // Nobody waits for it yet: the caller gets a completed task.
        settlement.Release();
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

    private void Run()
    {
        while (WaitForBatch())
        {
            CommitBatch(own: null);
        }

        _committer.Dispose();
        _ended.SetResult();
    }

    /// <summary>Waits for work and takes it; false when stopped and nothing is left.</summary>
    private bool WaitForBatch()
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

            TakeBatch();
            return true;
        }
    }

    /// <summary>Takes what waits out, to be committed by the calling thread. Under the lock.</summary>
    private void TakeBatch()
    {
        _busy = true;
        (_batch, _waiting) = (_waiting, _batch);
        _committing = _batch.Count;
        _intents.TakeIntents(_intentBatch);
        _doneBatch = _intents.TakeDone();
    }

    /// <summary>Commits the batch taken and lets its waiters go on; <paramref name="own"/>, if it is in it, is left to the caller.</summary>
    private void CommitBatch(PendingSettlement? own)
    {
        var result = _committer.Commit(_batch, _intentBatch, _doneBatch);
        List<PendingSettlement> settled;
        lock (_lock)
        {
            Finish(_batch, _intentBatch, _doneBatch, result);
            settled = _batch;
            // From here on the next batch may be taken, by any thread.
            _batch = new List<PendingSettlement>(settled.Count);
            _intentBatch.Clear();
        }

        SettlementReleases.Queue(settled, own);
    }

    private bool IsDue() => _waiting.Count == 0
        ? _intents.IsDue(_stopping)
        : _stopping || HaveAllJoined || HaveGathered(Stopwatch.GetElapsedTime(_firstWaitingAt).TotalMilliseconds);

    private bool HaveGathered(double ms) => ms >= GatherMs && (ms >= GatherBusyMs || _waiting.Count < ms * BusyPerMs);

    /// <summary>The commit is over: what was in flight no longer is, and the store is free.</summary>
    private void Finish(List<PendingSettlement> settlements, List<Hold> intents, List<long> done, CommitResult result)
    {
        _busy = false;
        _committing = 0;
        _inFlight -= settlements.Count;
        (_gatheredAt, _gathered) = settlements.Count > 1 ? (Stopwatch.GetTimestamp(), settlements.Count) : (_gatheredAt, _gathered);
        _intents.Finish(intents, done, result);
        foreach (var settlement in settlements)
        {
            if (settlement.HasFailed)
            {
                // The request is over, though its record could not be written: it must not look as if it still held credits.
                _intents.Delete(settlement.IntentRow);
            }
        }

        // Those that joined meanwhile have their own time to gather, unless nobody else can join any more.
        if (_stopping || (_waiting.Count > 0 && (IsDue() || _parking is not Parking.Brief)))
        {
            Wake();
        }
        else
        {
            WakeIfIdle();
        }
    }

    /// <summary>
    /// Sleeps until there may be something to do. As long as requests come in, the thread looks by itself every 20 ms for intents to write, and while batches
    /// gather as often as one could be due, rather than being woken for each of them.
    /// </summary>
    private void Park()
    {
        var recent = _gatheredAt != 0 && Stopwatch.GetElapsedTime(_gatheredAt).TotalMilliseconds < BusyMs;
        var brief = !_busy && (_waiting.Count > 0 || recent);
        // A batch like the last one takes so long to gather: waking up once in that time is enough.
        var gatherMs = recent && _gathered >= GatherBusyMs * BusyPerMs ? GatherBusyMs : GatherMs;
        var quiet = !brief && _waiting.Count == 0 && _intents.IsEmpty && _opened == _openedBefore;
        _openedBefore = _opened;
        _parking = brief ? Parking.Brief : quiet ? Parking.Idle : Parking.Timed;
        Monitor.Wait(_lock, brief ? gatherMs : quiet ? Timeout.Infinite : IntentList.LingerMs);
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

    /// <summary>Intents are no reason to end a sleep that ends by itself.</summary>
    private void WakeIfIdle()
    {
        if (_parking is Parking.Idle && !_intents.IsEmpty)
        {
            Wake();
        }
    }
}
