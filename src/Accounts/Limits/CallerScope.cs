using Fairlead.Accounts.Limits.Shares;

namespace Fairlead.Accounts.Limits;

/// <summary>One key, or all keys of one account, under their <see cref="RateLimits"/>.</summary>
internal sealed class CallerScope(RateScope kind, TickScale scale, NodeShare? share) : LimitScope(scale, share)
{
    /// <inheritdoc/>
    public override RateScope Kind => kind;

    /// <inheritdoc/>
    protected override ReadOnlySpan<RateDimension> Order => [RateDimension.Requests, RateDimension.Tokens, RateDimension.Concurrency];

    /// <summary>What refuses one more request, or null. The window is as of <paramref name="now"/>.</summary>
    public ScopeRefusal? Refuses(in RateLimits limits, long now, long tokens)
    {
        if (Window.Requests >= limits.Rpm)
        {
            return new(RateDimension.Requests, limits.Rpm.Value, 0, Scale.Time(Window.WaitFor(now, limits.Rpm.Value - 1, long.MaxValue)));
        }

        if (limits.Tpm is { } tpm && Window.Tokens + tokens > tpm)
        {
            TimeSpan? wait = tokens > tpm ? null : Scale.Time(Window.WaitFor(now, long.MaxValue, tpm - tokens));
            return new(RateDimension.Tokens, tpm, Math.Max(0, tpm - Window.Tokens), wait);
        }

        return Open >= limits.Concurrency ? new(RateDimension.Concurrency, limits.Concurrency.Value, 0, null) : null;
    }
}
