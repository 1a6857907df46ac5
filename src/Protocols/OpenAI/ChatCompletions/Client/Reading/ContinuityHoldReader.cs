using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary><c>provider.continuity_hold</c>: how much of a stream is held back.</summary>
internal static class ContinuityHoldReader
{
    private const int MostTokens = 64;
    private const int MostMilliseconds = 1000;

    private enum HoldMember
    {
        Tokens,
        Milliseconds,
    }

    private static readonly NameTable<HoldMember> HoldMembers = new(("tokens", HoldMember.Tokens), ("ms", HoldMember.Milliseconds));

    public static bool Read(ref RequestCursor cursor, out ContinuityHold hold)
    {
        hold = ContinuityHold.Default;
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, HoldMembers, out var member, closed: true))
        {
            if (!cursor.ReadInteger(0, member == HoldMember.Tokens ? MostTokens : (long)MostMilliseconds, out var value))
                return false;
            hold = member == HoldMember.Tokens ? hold with { Tokens = (int)value } : hold with { Milliseconds = (int)value };
        }

        return cursor.Ok;
    }
}
