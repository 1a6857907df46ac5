using System.Text;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>The known member names of one kind of object, found by their UTF-8 bytes without allocation. Holds at most 64 names.</summary>
internal sealed class NameTable<T>
    where T : struct, Enum
{
    private readonly Entry[][] byLength;

    public NameTable(params ReadOnlySpan<(string Name, T Member)> names)
    {
        if (names.Length > 64)
            throw new ArgumentException("A name table holds at most 64 names, one per bit.", nameof(names));
        var entries = new List<Entry>();
        foreach (var (name, member) in names)
            entries.Add(new Entry(Encoding.UTF8.GetBytes(name), member, 1UL << entries.Count));
        byLength = new Entry[entries.Max(e => e.Name.Length) + 1][];
        for (var length = 0; length < byLength.Length; length++)
            byLength[length] = [.. entries.Where(e => e.Name.Length == length)];
    }

    /// <summary>Finds a name; <paramref name="bit"/> is its own bit in a set of the names seen.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out T member, out ulong bit)
    {
        if (name.Length < byLength.Length)
        {
            foreach (var entry in byLength[name.Length])
            {
                if (name.SequenceEqual(entry.Name))
                {
                    member = entry.Member;
                    bit = entry.Bit;
                    return true;
                }
            }
        }

        member = default;
        bit = 0;
        return false;
    }

    private readonly record struct Entry(byte[] Name, T Member, ulong Bit);
}
