namespace Fairlead.Accounts.Limits;

/// <summary>What one key, or all keys of one account, did in the last minute and have open. Guarded by <see cref="Sync"/>, which callers hold unless said otherwise.</summary>
internal sealed class LimitScope(long windowTicks)
{
    public Lock Sync { get; } = new();

    public SlidingWindow Window { get; } = new(windowTicks);

    /// <summary>Requests in flight.</summary>
    public long Open { get; private set; }

    /// <summary>No longer the scope of its key or account: who holds it looks it up again.</summary>
    public bool Retired { get; private set; }

    /// <summary>What refuses one more request, or null. Call <see cref="SlidingWindow.MoveTo"/> before.</summary>
    public ScopeRefusal? Refuses(in RateLimits limits, long now, long tokens)
    {
        if (Window.Requests >= limits.Rpm)
        {
            return new(RateDimension.Requests, limits.Rpm.Value, 0, Window.WaitFor(now, limits.Rpm.Value - 1, long.MaxValue));
        }

        if (limits.Tpm is { } tpm && Window.Tokens + tokens > tpm)
        {
            long? wait = tokens > tpm ? null : Window.WaitFor(now, long.MaxValue, tpm - tokens);
            return new(RateDimension.Tokens, tpm, Math.Max(0, tpm - Window.Tokens), wait);
        }

        return Open >= limits.Concurrency ? new(RateDimension.Concurrency, limits.Concurrency.Value, 0, null) : null;
    }

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
            Window.Correct(slot, 0, tokens);
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
            Window.Correct(slot, requests, tokens);
        }
    }

    /// <summary>Retires a scope in which nothing is left that counts. Takes the lock.</summary>
    public bool TryRetire(TimeProvider clock)
    {
        lock (Sync)
        {
            Window.MoveTo(clock.GetTimestamp());
            Retired = Open == 0 && Window.IsEmpty;
            return Retired;
        }
    }
}

/// <summary>A limit that refuses; the wait is in ticks, null where none would help or nobody knows.</summary>
internal readonly record struct ScopeRefusal(RateDimension Dimension, long Limit, long Remaining, long? Wait);
