using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// The vendor takes four cache breakpoints, the automatic one included, and none of an hour after one of five minutes. More are thinned out, never
/// refused (I-41): the first on the system text and the last ones stay.
/// </summary>
internal static class AnthropicBreakpoints
{
    private const int Most = 4;

    /// <summary>One place that may carry a mark, in prompt order.</summary>
    public sealed record Place(bool System, CacheMark Mark, Action<CacheMark?> Set);

    /// <summary>Thins out and orders the marks of a request; <paramref name="automatic"/> is the top-level one, whose mark is returned.</summary>
    public static CacheMark? Apply(IReadOnlyList<Place> places, CacheMark? automatic)
    {
        var room = automatic is null ? Most : Most - 1;
        var kept = places;
        if (places.Count > room)
        {
            var first = places.FirstOrDefault(p => p.System);
            var last = places.TakeLast(first is null ? room : room - 1).ToList();
            if (first is not null && !last.Contains(first))
                last.Insert(0, first);
            else if (first is not null)
                last = [.. places.TakeLast(room)];
            foreach (var dropped in places.Except(last))
                dropped.Set(null);
            kept = last;
        }
        var shortSeen = false;
        foreach (var place in kept)
        {
            if (shortSeen && place.Mark.Ttl == "1h")
                place.Set(new CacheMark("5m"));
            shortSeen |= place.Mark.Ttl != "1h";
        }
        return shortSeen && automatic is { Ttl: "1h" } ? new CacheMark("5m") : automatic;
    }
}
