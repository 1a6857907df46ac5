using System.Text;
using System.Text.Json;

namespace Fairlead.Catalog.Configuration;

/// <summary>The members one kind of object may have, at most 64.</summary>
internal sealed class MemberNames(string owner, params string[] names)
{
    private readonly byte[][] utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public string this[int at] => names[at];

    /// <summary>The position of the property the reader stands on, or −1. Members are mostly written in the table's order, hence the hint.</summary>
    public int Find(in Utf8JsonReader json, int hint)
    {
        // No name here needs an escape, and comparing an escaped one throws for half a surrogate pair.
        if (json.ValueIsEscaped)
            return -1;
        for (var i = 0; i < utf8.Length; i++)
        {
            var at = (hint + i) % utf8.Length;
            if (json.ValueTextEquals(utf8[at]))
                return at;
        }

        return -1;
    }

    /// <summary>The sentence for a member that does not exist.</summary>
    public string Unknown(string name) => Spelling.Nearest(name, names) is { } near
        ? $"{owner} has no member \"{name}\"; did you mean \"{near}\"?"
        : $"{owner} has no member \"{name}\". It has: {string.Join(", ", names)}.";
}
