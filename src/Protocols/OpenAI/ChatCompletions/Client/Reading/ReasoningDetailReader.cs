namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary><c>reasoning_details</c> sent back with an assistant message (inference §7.3, §7.4). Types we do not know are carried along.</summary>
internal static class ReasoningDetailReader
{
    private enum Member
    {
        Type,
        Text,
        Summary,
        Data,
        Signature,
        Id,
        Format,
        Index,
    }

    private static readonly NameTable<Member> Members = new(
        ("type", Member.Type), ("text", Member.Text), ("summary", Member.Summary), ("data", Member.Data), ("signature", Member.Signature),
        ("id", Member.Id), ("format", Member.Format), ("index", Member.Index));

    /// <summary>Checks the blocks and counts their readable text; what an encrypted block costs cannot be known here.</summary>
    public static bool ReadDetails(ref RequestCursor cursor, ref long tokens)
    {
        if (!cursor.IsArray())
            return false;
        while (cursor.NextElement())
        {
            if (!ReadDetail(ref cursor, ref tokens))
                return false;
        }

        return cursor.Ok;
    }

    private static bool ReadDetail(ref RequestCursor cursor, ref long tokens)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var hasType = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            var ok = member switch
            {
                Member.Type => hasType = cursor.IsString(),
                Member.Text or Member.Summary => cursor.CountText(ref tokens),
                Member.Index => cursor.ReadInteger(0, int.MaxValue, out int? _),
                _ => cursor.IsString(),
            };
            if (!ok)
                return false;
        }

        return cursor.Ok && (hasType || cursor.FailMissing(start, "type"));
    }
}
