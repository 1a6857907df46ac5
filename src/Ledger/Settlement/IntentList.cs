using System.Diagnostics;
using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// What is in flight, as far as a crash must know: requests whose intent is to be written once they have been open for 20 ms, and rows to delete because
/// their request ended. Guarded by the lock of the settlement writer.
/// </summary>
internal sealed class IntentList
{
    /// <summary>How long a request is open before its intent is written, and a row is left before it is deleted: most end sooner and cost nothing.</summary>
    public const int LingerMs = 20;

    private readonly Queue<Hold> _queue = new();
    private List<long> _done = [];
    private long _oldestDoneAt;
    private long _nextRow = 1;

    public bool IsEmpty => _queue.Count == 0 && _done.Count == 0;

    /// <summary>A request came in flight.</summary>
    public void Add(Hold hold)
    {
        hold.Intent = IntentState.Queued;
        // The machine's own time: how long to linger says nothing about the clock that tests and replays set.
        hold.QueuedAt = Stopwatch.GetTimestamp();
        _queue.Enqueue(hold);
    }

    /// <summary>A request ended.</summary>
    /// <returns>The row to delete with it; 0 when none was written.</returns>
    public static long End(Hold hold)
    {
        var row = hold.Intent is IntentState.Written ? hold.IntentRow : 0;
        hold.Intent = IntentState.Ended;
        return row;
    }

    /// <summary>Deletes a row with some later commit; 0 is none.</summary>
    public void Delete(long row)
    {
        if (row == 0)
        {
            return;
        }

        if (_done.Count == 0)
        {
            _oldestDoneAt = Stopwatch.GetTimestamp();
        }

        _done.Add(row);
    }

    /// <summary>Whether anything waited long enough to deserve a commit of its own.</summary>
    public bool IsDue(bool stopping)
    {
        if (_done.Count > 0 && (stopping || HasLingered(_oldestDoneAt)))
        {
            return true;
        }

        while (_queue.TryPeek(out var hold) && hold.Intent is IntentState.Ended)
        {
            _queue.Dequeue();
        }

        return !stopping && _queue.TryPeek(out var oldest) && HasLingered(oldest.QueuedAt);
    }

    /// <summary>Takes the rows to write out, for a commit; <see cref="Finish"/> says what became of them.</summary>
    public void TakeIntents(List<Hold> into)
    {
        while (_queue.TryPeek(out var hold))
        {
            if (hold.Intent is not IntentState.Ended)
            {
                if (!HasLingered(hold.QueuedAt))
                {
                    return;
                }

                hold.Intent = IntentState.Writing;
                hold.IntentRow = _nextRow++;
                into.Add(hold);
            }

            _queue.Dequeue();
        }
    }

    /// <summary>
    /// Takes the rows to delete out, for a commit. Every commit of charges takes them, so that no reader ever sees credits spent that an ended request still
    /// seems to hold.
    /// </summary>
    public List<long> TakeDone()
    {
        if (_done.Count == 0)
        {
            return [];
        }

        var done = _done;
        _done = [];
        return done;
    }

    /// <summary>
    /// The commit is over: rows of requests that ended meanwhile are deleted next; what was not written is tried again, under another row where the first may
    /// have been written.
    /// </summary>
    public void Finish(List<Hold> intents, List<long> done, CommitResult result)
    {
        var written = result is CommitResult.Written;
        foreach (var hold in intents)
        {
            if (result is CommitResult.Unknown)
            {
                Delete(hold.IntentRow);
            }

            if (hold.Intent is IntentState.Writing)
            {
                if (written)
                {
                    hold.Intent = IntentState.Written;
                }
                else
                {
                    Add(hold);
                }
            }
            else if (written)
            {
                Delete(hold.IntentRow);
            }
        }

        if (!written)
        {
            done.ForEach(Delete);
        }
    }

    private static bool HasLingered(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds >= LingerMs;
}
