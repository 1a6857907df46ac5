namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>The calls an assistant message made earlier. Their arguments are text and stay as they are (I-16).</summary>
internal static class ToolCallReader
{
    private enum Member
    {
        Id,
        Type,
        Function,
    }

    private enum FunctionMember
    {
        Name,
        Arguments,
    }

    private static readonly NameTable<Member> Members = new(("id", Member.Id), ("type", Member.Type), ("function", Member.Function));

    private static readonly NameTable<FunctionMember> FunctionMembers = new(
        ("name", FunctionMember.Name), ("arguments", FunctionMember.Arguments));

    /// <summary>Reads the array and remembers the ids, for the tool messages that answer them.</summary>
    public static bool ReadCalls(ref RequestCursor cursor, ref long tokens, ref HashSet<string>? ids)
    {
        if (!cursor.IsArray())
            return false;
        while (cursor.NextElement())
        {
            if (!ReadCall(ref cursor, ref tokens, out var id))
                return false;
            (ids ??= new HashSet<string>(StringComparer.Ordinal)).Add(id);
        }

        return cursor.Ok;
    }

    private static bool ReadCall(ref RequestCursor cursor, ref long tokens, out string id)
    {
        id = "";
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var hasFunction = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            var ok = member switch
            {
                Member.Id => cursor.ReadString(out id),
                Member.Type => cursor.ReadWord(["function"], out _),
                _ => hasFunction = ReadFunction(ref cursor, ref tokens),
            };
            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        if (id.Length == 0)
            return cursor.FailMissing(start, "id");
        return hasFunction || cursor.FailMissing(start, "function");
    }

    private static bool ReadFunction(ref RequestCursor cursor, ref long tokens)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var hasName = false;
        var hasArguments = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, FunctionMembers, out var member))
        {
            hasName |= member == FunctionMember.Name;
            hasArguments |= member == FunctionMember.Arguments;
            if (!cursor.CountText(ref tokens))
                return false;
        }

        if (!cursor.Ok)
            return false;
        if (!hasName)
            return cursor.FailMissing(start, "name");
        return hasArguments || cursor.FailMissing(start, "arguments");
    }
}
