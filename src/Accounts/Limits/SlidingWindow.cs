namespace Fairlead.Accounts.Limits;

/// <summary>
/// What was begun in the last minute: a count of requests and of their tokens. Each request leaves the window on its own, to the tick, as long as there are no
/// more than <see cref="Exact"/> of them; beyond that those begun within a quarter of a second leave together with the last of them: late, never early. So no
/// sixty seconds ever hold more than was counted, and memory is bounded whatever the limit is. Not thread-safe: the owner locks.
/// </summary>
/// <param name="length">The window's length in ticks of the clock that gives <c>now</c>, which never goes back.</param>
internal sealed class SlidingWindow(long length)
{
    /// <summary>Requests that leave on their own.</summary>
    public const int Exact = 256;

    /// <summary>The part of the window in which others leave together: a quarter of a second. With the former that is less than 512 slots of 32 bytes.</summary>
    public const int Parts = 240;

    private readonly long _together = length / Parts;
    private Slot[] _slots = [];
    private int _first;
    private int _count;
    private long _left;

    /// <summary>Requests in the window, as of the last <see cref="MoveTo"/>.</summary>
    public long Requests { get; private set; }

    /// <summary>Their tokens.</summary>
    public long Tokens { get; private set; }

    /// <summary>Nothing is in it.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Lets go what was begun a whole window before <paramref name="now"/>.</summary>
    public void MoveTo(long now)
    {
        while (_count > 0 && now - At(0).Last >= length)
        {
            Requests -= At(0).Requests;
            Tokens -= At(0).Tokens;
            _first = (_first + 1) & (_slots.Length - 1);
            _count--;
            _left++;
        }
    }

    /// <summary>Counts a request. Returns the slot it is in, for <see cref="Correct"/>.</summary>
    public long Add(long now, long tokens)
    {
        if (_count < Exact || now - At(_count - 1).First >= _together)
        {
            Append(now);
        }

        ref var slot = ref At(_count - 1);
        slot.Last = now;
        slot.Requests++;
        slot.Tokens += tokens;
        Requests++;
        Tokens += tokens;
        return _left + _count - 1;
    }

    /// <summary>Changes what a slot holds; nothing happens when it has left the window.</summary>
    public void Correct(long slot, long requests, long tokens)
    {
        if (slot >= _left)
        {
            ref var held = ref At((int)(slot - _left));
            held.Requests += requests;
            held.Tokens += tokens;
            Requests += requests;
            Tokens += tokens;
        }
    }

    /// <summary>Ticks from <paramref name="now"/> until no more than these requests and tokens are left, if nothing is added.</summary>
    public long WaitFor(long now, long requests, long tokens)
    {
        var (heldRequests, heldTokens, wait) = (Requests, Tokens, 0L);
        for (var i = 0; i < _count && (heldRequests > requests || heldTokens > tokens); i++)
        {
            heldRequests -= At(i).Requests;
            heldTokens -= At(i).Tokens;
            wait = At(i).Last + length - now;
        }

        return wait;
    }

    private ref Slot At(int index) => ref _slots[(_first + index) & (_slots.Length - 1)];

    private void Append(long now)
    {
        if (_count == _slots.Length)
        {
            var larger = new Slot[Math.Max(4, _slots.Length * 2)];
            for (var i = 0; i < _count; i++)
            {
                larger[i] = At(i);
            }

            _slots = larger;
            _first = 0;
        }

        _count++;
        At(_count - 1) = new Slot { First = now };
    }

    private struct Slot
    {
        /// <summary>When the first and the last of its requests were begun.</summary>
        public long First;
        public long Last;
        public long Requests;
        public long Tokens;
    }
}
