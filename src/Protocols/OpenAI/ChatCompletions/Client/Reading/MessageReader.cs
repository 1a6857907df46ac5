namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// The <c>messages</c> array (inference §3.3): checks every message and counts what it holds. Nothing is built; the conversation is read from
/// the bytes later, and only when the upstream speaks another dialect.
/// </summary>
internal static class MessageReader
{
    private enum Member
    {
        Role,
        Content,
        Name,
        ToolCallId,
        ToolCalls,
        FunctionCall,
        Refusal,
        Reasoning,
        ReasoningContent,
        ReasoningDetails,
        Annotations,
        Images,
        Audio,
        CacheControl,
    }

    private static readonly NameTable<Member> Members = new(
        ("role", Member.Role), ("content", Member.Content), ("name", Member.Name), ("tool_call_id", Member.ToolCallId),
        ("tool_calls", Member.ToolCalls), ("function_call", Member.FunctionCall), ("refusal", Member.Refusal), ("reasoning", Member.Reasoning),
        ("reasoning_content", Member.ReasoningContent), ("reasoning_details", Member.ReasoningDetails), ("annotations", Member.Annotations),
        ("images", Member.Images), ("audio", Member.Audio), ("cache_control", Member.CacheControl));

    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    public static bool ReadMessages(ref RequestCursor cursor, ref ContentCount count)
    {
        var start = cursor.Position;
        if (!cursor.IsArray())
            return false;
        HashSet<string>? callIds = null;
        while (cursor.NextElement())
        {
            if (!ReadMessage(ref cursor, ref count, ref callIds))
                return false;
            count.Messages++;
        }

        return cursor.Ok && (count.Messages > 0 || cursor.FailAt(start, "must hold at least one message"));
    }

    /// <summary>What one message of a request that was read adds to it. A tool's result is looked at without its call.</summary>
    public static ContentCount Count(ReadOnlySpan<byte> message)
    {
        var cursor = new RequestCursor(message);
        var count = new ContentCount { Messages = 1 };
        HashSet<string>? callIds = null;
        cursor.Read();
        _ = ReadMessage(ref cursor, ref count, ref callIds);
        cursor.Release();
        return count;
    }

    private static bool ReadMessage(ref RequestCursor cursor, ref ContentCount count, ref HashSet<string>? callIds)
    {
        var message = new Draft { Start = cursor.Position };
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            if (!ReadMember(ref cursor, member, ref message, ref count, ref callIds))
                return false;
        }

        if (!cursor.Ok || !Judge(ref cursor, message, callIds))
            return false;

        // Details win over plain reasoning (I-39), so only one of the two reaches a model.
        count.Tokens += message.DetailTokens > 0 ? message.DetailTokens : message.ReasoningTokens;
        if (message.Images > 0 && message.Role == "assistant")
            count.Images += message.Images;
        return true;
    }

    private static bool ReadMember(ref RequestCursor cursor, Member member, ref Draft message, ref ContentCount count, ref HashSet<string>? callIds)
    {
        switch (member)
        {
            case Member.Role:
                return cursor.ReadWord(Roles, out message.Role);
            case Member.Content:
                message.HasContent = true;
                return PartReader.ReadContent(ref cursor, ref count, out message.FirstOther);
            case Member.Name:
            case Member.Refusal:
                return cursor.CountText(ref count.Tokens);
            case Member.ToolCallId:
                message.ToolCallIdAt = cursor.Position;
                return cursor.ReadString(out message.ToolCallId);
            case Member.ToolCalls:
                message.ToolCallsAt = cursor.Position;
                return ToolCallReader.ReadCalls(ref cursor, ref count.Tokens, ref callIds);
            case Member.FunctionCall:
                return cursor.Fail("is not accepted any more: send tool_calls, and the result as a message of role tool");
            case Member.Reasoning:
            case Member.ReasoningContent:
                message.ReasoningTokens = 0;
                return cursor.CountText(ref message.ReasoningTokens);
            case Member.ReasoningDetails:
                return ReasoningDetailReader.ReadDetails(ref cursor, ref message.DetailTokens);
            case Member.Images:
                return MediaReader.ReadImages(ref cursor, out message.Images);
            case Member.Annotations:
                return cursor.SkipArray();
            case Member.Audio:
                return cursor.SkipObject();
            default:
                return CacheMarkReader.Check(ref cursor);
        }
    }

    /// <summary>What depends on the role, which may be the message's last member.</summary>
    private static bool Judge(ref RequestCursor cursor, in Draft message, HashSet<string>? callIds)
    {
        if (message.Role is null)
            return cursor.FailMissing(message.Start, "role");
        if (!message.HasContent && message.Role != "assistant")
            return cursor.FailMissing(message.Start, "content", $"is required in a message of role {message.Role}");
        if (message.FirstOther >= 0 && message.Role is "system" or "developer")
            return cursor.FailAt(message.FirstOther, $"must be a text part: a message of role {message.Role} holds text only");
        if (message.ToolCallsAt > 0 && message.Role != "assistant")
            return cursor.FailAt(message.ToolCallsAt, "belongs to messages of role assistant only");
        if (message.Role != "tool")
            return true;
        if (string.IsNullOrEmpty(message.ToolCallId))
            return cursor.FailMissing(message.Start, "tool_call_id", "is required in a message of role tool");
        return callIds?.Contains(message.ToolCallId) == true
            || cursor.FailAt(message.ToolCallIdAt, "matches no tool call of an earlier assistant message");
    }

    private struct Draft()
    {
        public int Start;
        public string? Role;
        public bool HasContent;
        public int FirstOther = -1;
        public string? ToolCallId;
        public int ToolCallIdAt;
        public int ToolCallsAt;
        public long ReasoningTokens;
        public long DetailTokens;
        public int Images;
    }
}
