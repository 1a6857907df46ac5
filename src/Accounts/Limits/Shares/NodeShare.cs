namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// The part of one scope's limits that is this node's, where several share them: it admits only while what it counts fits. Belongs to the run and to one term of the node's lease;
/// in another it has nothing. Memory may know of less than the database has, never rely on more. Guarded by the scope's lock, save the gate.
/// </summary>
internal sealed class NodeShare(ScopeName name, RateShares shares)
{
    private RateAmounts _amounts;
    private RateAmounts _judged;
    private RateAmounts _held;
    private long _term;
    private long _droppedToday;
    /// <summary>What the database has; null where that is not known.</summary>
    private ShareRow? _row = ShareRow.None;

    public ScopeName Name => name;

    public RateShares Shares => shares;

    /// <summary>One at a time changes the row in the database.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The database may have a row of this run.</summary>
    public bool HasRow { get; private set; }

    /// <summary>What it may count.</summary>
    public ref readonly RateAmounts Amounts => ref _amounts;

    /// <summary>What of it requests keep that wait for another limit.</summary>
    public ref readonly RateAmounts Held => ref _held;

    /// <summary>The limits it was taken under.</summary>
    public ref readonly RateAmounts Judged => ref _judged;

    /// <summary>Whether a request fits. Not where a limit was lowered since: what was taken under the old one is judged anew.</summary>
    public bool Covers(in RateAmounts limits, in RateAmounts need, in RateAmounts counted)
    {
        if (!shares.IsCurrent(_term))
        {
            return false;
        }

        for (var d = 0; d < RateAmounts.Count; d++)
        {
            if (limits[d] != RateAmounts.NoLimit && (counted[d] + _held[d] + need[d] > _amounts[d] || limits[d] < _judged[d]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A request keeps what it needs.</summary>
    public void Hold(in RateAmounts need) => _held = _held.Plus(need);

    /// <summary>It does not any more.</summary>
    public void Release(in RateAmounts need)
    {
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            _held[d] -= need[d];
        }
    }

    /// <summary>More tokens count than the share has: requests grew while they ran.</summary>
    public bool IsOutgrown(long tokens) =>
        tokens > _amounts[(int)RateDimension.Tokens] && _judged[(int)RateDimension.Tokens] is > 0 and not RateAmounts.NoLimit;

    /// <summary>Before it is taken: what the node has under these limits. The row is not known until it is granted.</summary>
    public ShareAsk Prepare(in RateAmounts limits, in RateAmounts counted, long term, long day, IReadOnlyList<RateAmounts> needs)
    {
        BeginTerm(term);
        var keep = default(RateAmounts);
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            if (limits[d] == RateAmounts.NoLimit)
            {
                _amounts[d] = 0;
                continue;
            }

            if (limits[d] < _judged[d])
            {
                _amounts[d] = Math.Min(_amounts[d], counted[d]);
            }

            keep[d] = Math.Max(_amounts[d], counted[d]);
        }

        var row = _row;
        (_judged, _droppedToday, _row, HasRow) = (limits, 0, null, true);
        return new(limits, counted.Plus(_held), keep, needs) { Term = term, Day = day, Row = row };
    }

    /// <summary>After it was taken. Nothing is granted when the term has ended meanwhile; nothing of a day that is over.</summary>
    public void Grant(ShareAsk ask, SharePlan plan, long day)
    {
        if (_term != ask.Term)
        {
            return;
        }

        _amounts = plan.Own;
        _row = ask.IsWritten(plan.Own) ? ask.Row : new(plan.Own, ask.Day);
        HasRow = _row != ShareRow.None;
        ref var today = ref _amounts[(int)RateDimension.DailyRequests];
        today = day == ask.Day ? Math.Max(0, today - _droppedToday) : 0;
    }

    /// <summary>Before it is handed back: only what counts or is held is left, here first and then in the database. Null when the database has no more already.</summary>
    public ShareLeft? Lower(LimitScope scope, in RateAmounts counting, long day)
    {
        var counted = counting.Plus(_held);
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            _amounts[d] = Math.Min(_amounts[d], counted[d]);
        }

        var row = shares.IsCurrent(_term) ? _row : null;
        if (row is not null && !counted.AreNothing && !row.HasMoreThan(counted, day))
        {
            return null;
        }

        _row = null;
        return new(scope, counted, day, row?.Lowered(counted, day));
    }

    /// <summary>After it was handed back. Where nothing counts there is no row any more.</summary>
    public void HandedBack(ShareLeft left)
    {
        HasRow = !left.Counted.AreNothing;
        _row = HasRow ? left.After : ShareRow.None;
    }

    /// <summary>A request of the day is settled: it counts for everybody from now on and for this node no more.</summary>
    public void DropToday()
    {
        ref var today = ref _amounts[(int)RateDimension.DailyRequests];
        today = Math.Max(0, today - 1);
        _droppedToday++;
    }

    /// <summary>Another day has begun.</summary>
    public void BeginDay() => _amounts[(int)RateDimension.DailyRequests] = 0;

    private void BeginTerm(long term)
    {
        if (_term != term)
        {
            (_amounts, _term, _row) = (default, term, null);
        }
    }
}
