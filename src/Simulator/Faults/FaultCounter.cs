namespace Fairlead.Simulator.Faults;

/// <summary>Counts how often each exact model name was asked, for <c>times</c>. Forgets the oldest name beyond a bound.</summary>
internal sealed class FaultCounter
{
    private const int MostNames = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Whether this request still gets the faults.</summary>
    public bool Spend(string name, int times)
    {
        if (times == int.MaxValue)
        {
            return true;
        }

        lock (_lock)
        {
            if (!_seen.TryGetValue(name, out var before))
            {
                if (_order.Count >= MostNames)
                {
                    _seen.Remove(_order.Dequeue());
                }

                _order.Enqueue(name);
            }

            if (before >= times)
            {
                return false;
            }

            _seen[name] = before + 1;
            return true;
        }
    }
}
