using Fairlead.Accounts.Limits.Shares;

namespace Fairlead.Accounts.Limits;

/// <summary>
/// What was done in the last minute under one set of limits, and what of it is still in flight. Guarded by <see cref="Sync"/>, which callers hold unless said
/// otherwise.
/// </summary>
/// <param name="scale">Of the clock.</param>
/// <param name="share">The part of the limits that is this node's; null where it has them to itself.</param>
internal abstract partial class LimitScope(TickScale scale, NodeShare? share)
{
    /// <summary>How long a request counts.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    public Lock Sync { get; } = new();

    public SlidingWindow Window { get; } = new(scale.Ticks(Length));

    /// <summary>Requests in flight.</summary>
    public long Open { get; private set; }

    /// <summary>No longer the scope of its key or account: who holds it looks it up again.</summary>
    public bool Retired { get; private set; }

    protected TickScale Scale => scale;

    /// <summary>Lets go what does not count any more.</summary>
    public virtual void MoveTo(long now, DateTimeOffset utc) => Window.MoveTo(now);

    /// <summary>Counts a request that begins. Returns its slot in the window.</summary>
    public long Begin(long now, long tokens)
    {
        Open++;
        return Window.Add(now, tokens);
    }

    /// <summary>A request may use more tokens than it was counted with. Takes the lock.</summary>
    public void Grow(long slot, long tokens)
    {
        lock (Sync)
        {
            Correct(slot, 0, tokens);
        }
    }

    /// <summary>A request ended. Takes the lock.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="requests">−1 when it is not to count after all, else 0.</param>
    /// <param name="tokens">What it used more (or less) than it was counted with.</param>
    public void End(long slot, long requests, long tokens)
    {
        lock (Sync)
        {
            Open--;
            Correct(slot, requests, tokens);
        }
    }

    /// <summary>Retires a scope in which nothing is left that counts. Takes the lock.</summary>
    public bool TryRetire(TimeProvider clock)
    {
        lock (Sync)
        {
            Window.MoveTo(clock.GetTimestamp());
            Retired = Open == 0 && Window.IsEmpty && Share is not { HasRow: true } && MayRetire(clock);
            return Retired;
        }
    }

    /// <summary>Nothing else is to be kept.</summary>
    protected virtual bool MayRetire(TimeProvider clock) => true;

    private void Correct(long slot, long requests, long tokens)
    {
        Window.Correct(slot, requests, tokens);
        if (Share is { } share && share.IsOutgrown(Window.Tokens))
        {
            share.Shares.CoverLater(this);
        }
    }
}

/// <summary>A limit that refuses. The wait is null where none would help or nobody knows.</summary>
internal readonly record struct ScopeRefusal(RateDimension Dimension, long Limit, long Remaining, TimeSpan? Wait);
