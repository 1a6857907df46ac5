using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary><c>cache_control</c>: accepted on the request, on messages, parts and tools (inference §3.3).</summary>
internal static class CacheMarkReader
{
    private enum Member
    {
        Type,
        Ttl,
    }

    private static readonly NameTable<Member> Members = new(("type", Member.Type), ("ttl", Member.Ttl));

    /// <summary>Checks a mark whose value only the conversation will need.</summary>
    public static bool Check(ref RequestCursor cursor) => Read(ref cursor, out _);

    public static bool Read(ref RequestCursor cursor, out CacheMark? mark)
    {
        mark = null;
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? type = null;
        string? ttl = null;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            var ok = member switch
            {
                Member.Type => cursor.ReadWord(["ephemeral"], out type),
                _ => cursor.ReadWord(["5m", "1h"], out ttl),
            };
            if (!ok)
                return false;
        }

        if (cursor.Ok && type is null)
            return cursor.FailMissing(start, "type");
        mark = new CacheMark(ttl);
        return cursor.Ok;
    }
}
