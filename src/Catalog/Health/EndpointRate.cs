namespace Fairlead.Catalog.Health;

/// <summary>
/// What this gateway sent to an endpoint that has a <c>rate_limit</c>, over the last minute: requests, and tokens (of the prompt when it is sent, of the
/// answer when it ends). Counted by the second, so that no 60 seconds hold more than the limit. Thread-safe.
/// </summary>
internal sealed class EndpointRate
{
    // A whole minute and the second that is not over.
    private const int Slots = 61;
    private const long SlotMs = 1000;

    private readonly Lock gate = new();
    private readonly long[] seconds = new long[Slots];
    private readonly long[] requests = new long[Slots];
    private readonly long[] tokens = new long[Slots];
    private int rpm;
    private int tpm;

    /// <summary>Counts a request, unless it is one too many.</summary>
    /// <param name="nowMs">The book's clock.</param>
    /// <param name="limits">Requests and tokens per minute, as the catalog has them now; 0 is none.</param>
    /// <param name="prompt">Estimated tokens of its prompt.</param>
    /// <param name="regardless">Counts it whatever the limit: it is sent because nothing else is left.</param>
    /// <returns>False when it is not to be sent.</returns>
    public bool TryTake(long nowMs, (int Rpm, int Tpm) limits, long prompt, bool regardless)
    {
        lock (gate)
        {
            (rpm, tpm) = limits;
            var (sent, used, _) = Sum(nowMs);
            if (!regardless && ((rpm > 0 && sent >= rpm) || (tpm > 0 && used + prompt > tpm)))
                return false;
            Add(nowMs, 1, prompt);
            return true;
        }
    }

    /// <summary>Counts tokens of an answer.</summary>
    public void Add(long nowMs, long answered)
    {
        lock (gate)
            Add(nowMs, 0, answered);
    }

    /// <summary>How long nothing more may be sent, in milliseconds; 0 while something may.</summary>
    public long RestMs(long nowMs)
    {
        lock (gate)
        {
            var (sent, used, oldest) = Sum(nowMs);
            return (rpm > 0 && sent >= rpm) || (tpm > 0 && used >= tpm) ? ((oldest + Slots) * SlotMs) - nowMs : 0;
        }
    }

    private void Add(long nowMs, long count, long amount)
    {
        var second = nowMs / SlotMs;
        var slot = (int)(second % Slots);
        if (seconds[slot] != second)
            (seconds[slot], requests[slot], tokens[slot]) = (second, 0, 0);
        requests[slot] += count;
        tokens[slot] += amount;
    }

    private (long Requests, long Tokens, long Oldest) Sum(long nowMs)
    {
        var second = nowMs / SlotMs;
        var (sent, used, oldest) = (0L, 0L, second);
        for (var slot = 0; slot < Slots; slot++)
        {
            if (seconds[slot] <= second - Slots || (requests[slot] | tokens[slot]) == 0)
                continue;
            sent += requests[slot];
            used += tokens[slot];
            oldest = Math.Min(oldest, seconds[slot]);
        }

        return (sent, used, oldest);
    }
}
