using Fairlead.Ledger.Settlement;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Journal;

/// <summary>
/// Where charges go while the database is away: decided in memory from what this node has reserved, kept on this machine's disk, shown to their callers, and
/// settled when the database answers again. Until then they stay promised, so nothing of what they take is promised twice. Thread-safe.
/// <code>
///                    a commit does not reach the database
/// reached ──────────────────────────────────────────────────────────► away
///  batches go to the database                                          batches go to the file
///         ◄──────────────────────────────────────────────────────────
///                    it answers, and everything kept is written
/// </code>
/// </summary>
internal sealed partial class ChargeJournal : IAsyncDisposable
{
    private const int PerLook = 256;

    /// <summary>The last part of the file is for requests that were admitted before: nothing is admitted any more.</summary>
    private const int PartKept = 8;

    /// <summary>Longer than a batch may take before it goes to the journal: here it has nowhere else to go.</summary>
    private static readonly TimeSpan PatienceWithTheDatabase = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(250);

    private readonly Database _database;
    private readonly NodeLease _lease;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LedgerRun _run;
    private readonly JournalFile _file;
    private readonly long _mostBytes;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly Task _watching;

    private readonly Lock _lock = new();
    private readonly List<PendingSettlement> _kept;
    private readonly HashSet<string> _ids;
    private volatile StorageException? _away;
    private volatile bool _isFull;
    private bool _fails;

    /// <param name="database">PostgreSQL.</param>
    /// <param name="lease">This node.</param>
    /// <param name="clock">Time.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="run">The run that has begun.</param>
    /// <param name="file">The journal, of which everything has been settled but <paramref name="refused"/>.</param>
    /// <param name="refused">What the database refused of it.</param>
    /// <param name="mostBytes">How long the file may become.</param>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public ChargeJournal(
        Database database, NodeLease lease, TimeProvider clock, ILogger logger, LedgerRun run, JournalFile file, List<PendingSettlement> refused, long mostBytes)
    {
        (_database, _lease, _clock, _logger, _run, _file, _kept, _mostBytes) = (database, lease, clock, logger, run, file, refused, mostBytes);
        _ids = [.. refused.Select(static settlement => settlement.Generation.Id)];
        StartFile();
        _watching = WatchAsync(_stop.Token);
    }

    /// <summary>The database was not reached, and has not been since.</summary>
    public bool IsAway => _away is not null;

    /// <summary>There is room for nothing but what is under way.</summary>
    public bool IsFull => _isFull;

    /// <summary>Charges on the disk that are not in the database.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>Keeps a batch while the database is away; false where it is not, and nothing has happened.</summary>
    /// <param name="settlements">The batch; each is kept, and may be shown, or refused.</param>
    /// <param name="began">Why the database was not reached just now; null where it was not tried.</param>
    /// <param name="refuse">Called for each that cannot be kept.</param>
    public bool TryKeep(IReadOnlyList<PendingSettlement> settlements, StorageException? began, Action<PendingSettlement, Exception> refuse)
    {
        lock (_lock)
        {
            // Whoever has become this node, or gave it up, disposes of what it had reserved.
            if ((_away ?? began) is not { } failure || _lease.Lost.IsCompleted)
            {
                return false;
            }

            if (_away is null)
            {
                _away = failure;
                _begun.Release();
                LogAway(failure, _file.Path);
            }

            Keep(settlements, failure, refuse);
            return true;
        }
    }

    /// <summary>Stops looking for the database. What is kept is settled by the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _file.Dispose();
        _stop.Dispose();
        _begun.Dispose();
    }

    private void Keep(IReadOnlyList<PendingSettlement> settlements, StorageException failure, Action<PendingSettlement, Exception> refuse)
    {
        var some = new List<PendingSettlement>(settlements.Count);
        foreach (var settlement in settlements)
        {
            // Whether a second one for the same hold was charged before, and how much, only the database knows.
            if ((settlement.EndsHold || settlement.Hold is null) && _ids.Add(settlement.Generation.Id))
            {
                some.Add(settlement);
            }
            else
            {
                refuse(settlement, failure);
            }
        }

        if (some.Count == 0)
        {
            return;
        }

        try
        {
            _file.Append([.. some.Select(JournalEntry.Of)], _mostBytes);
        }
        catch (StorageException full)
        {
            _isFull = true;
            some.ForEach(settlement =>
            {
                _ids.Remove(settlement.Generation.Id);
                refuse(settlement, full);
            });
            return;
        }

        _isFull = _file.Bytes > _mostBytes - (_mostBytes / PartKept);
        some.ForEach(static settlement => settlement.Keep());
        _kept.AddRange(some);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _begun.WaitAsync(stop);
                while (IsAway && !_lease.Lost.IsCompleted)
                {
                    await Task.Delay(BetweenProbes, _clock, stop);
                    if (_database.IsReachable())
                    {
                        await TrySettleAsync(stop);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task TrySettleAsync(CancellationToken stop)
    {
        try
        {
            await SettleAsync(stop);
            _fails = false;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Not narrowed: as long as it is not settled, it must be tried again.
            if (!_fails)
            {
                LogNotSettled(failure, _file.Path);
            }

            _fails = true;
        }
    }

    /// <summary>Settles what was kept, in order, and what is kept meanwhile, until nothing is left: then batches go to the database again.</summary>
    private async Task SettleAsync(CancellationToken stop)
    {
        using var replay = new JournalReplay(_database, _lease, _run, _clock, _logger, PatienceWithTheDatabase);
        var looked = 0;
        try
        {
            while (TakeSome(looked) is { Count: > 0 } some)
            {
                stop.ThrowIfCancellationRequested();
                await replay.WriteAsync(some);
                looked += some.Count;
            }
        }
        finally
        {
            lock (_lock)
            {
                Forget();
            }
        }
    }

    /// <summary>The next ones to settle; none when all were looked at, and the database is not away any more.</summary>
    private List<PendingSettlement> TakeSome(int looked)
    {
        lock (_lock)
        {
            if (looked < _kept.Count)
            {
                return _kept.GetRange(looked, Math.Min(PerLook, _kept.Count - looked));
            }

            Forget();
            try
            {
                StartFile();
            }
            catch (StorageException failure)
            {
                // What is in it is in the database too: settled again by a start, it changes nothing.
                LogNotEmptied(failure);
            }

            (_away, _isFull) = (null, false);
            LogBack(looked - _kept.Count, _kept.Count);
            return [];
        }
    }

    private void Forget()
    {
        _kept.RemoveAll(static settlement => settlement.IsSettled);
        _ids.Clear();
        _ids.UnionWith(_kept.Select(static settlement => settlement.Generation.Id));
    }

    private void StartFile() => _file.Begin(new(_run.Node.Value, _run.BootId), [.. _kept.Select(JournalEntry.Of)]);

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning,
        Message = "The database is not reached: what answers cost is kept in {Path} and charged when it is back.")]
    private partial void LogAway(Exception failure, string path);

    [LoggerMessage(EventId = 21, Level = LogLevel.Information, Message = "The database is back: {Count} charges of the journal are settled, {Refused} were refused and stay in it.")]
    private partial void LogBack(int count, int refused);

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning, Message = "The charges in {Path} could not be settled yet; it is tried again.")]
    private partial void LogNotSettled(Exception failure, string path);

    [LoggerMessage(EventId = 23, Level = LogLevel.Warning, Message = "The journal of charges could not be emptied; what it holds is settled.")]
    private partial void LogNotEmptied(Exception failure);
}
