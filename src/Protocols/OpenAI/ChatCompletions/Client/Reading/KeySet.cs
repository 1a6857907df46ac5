using System.Text;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// The member names seen so far in one object, to refuse duplicates: two readers of one body must never disagree about which one counts.
/// Known names cost a bit; only names this version does not know are kept as strings.
/// </summary>
internal struct KeySet
{
    /// <summary>The most names of other kinds one object may have: a body full of two-letter members must not become a set of millions of strings.</summary>
    public const int MostOthers = 65_536;

    private ulong known;
    private HashSet<string>? others;

    /// <summary>False when the name was there before.</summary>
    public bool AddKnown(ulong bit)
    {
        var added = (known & bit) == 0;
        known |= bit;
        return added;
    }

    /// <summary>No more names fit.</summary>
    public readonly bool IsFull => others?.Count >= MostOthers;

    /// <summary>False when the name was there before.</summary>
    public bool AddOther(ReadOnlySpan<byte> name)
    {
        others ??= new HashSet<string>(StringComparer.Ordinal);
        return others.Add(Encoding.UTF8.GetString(name));
    }
}
