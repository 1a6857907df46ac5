using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Tool definitions and the choice between them (inference §3.4, §3.5), and their older form <c>functions</c> (I-08).</summary>
internal static class ToolReader
{
    private const string FunctionType = "function";
    private const int LongestName = 64;

    private enum Member
    {
        Type,
        Function,
        CacheControl,
    }

    private enum FunctionMember
    {
        Name,
        Description,
        Parameters,
        Strict,
    }

    private static readonly NameTable<Member> Members = new(
        ("type", Member.Type), ("function", Member.Function), ("cache_control", Member.CacheControl));

    private static readonly NameTable<FunctionMember> FunctionMembers = new(
        ("name", FunctionMember.Name), ("description", FunctionMember.Description), ("parameters", FunctionMember.Parameters),
        ("strict", FunctionMember.Strict));

    /// <summary><c>tools</c></summary>
    public static bool ReadTools(ref RequestCursor cursor, ref List<string>? names, ref List<ServerToolEntry>? server)
    {
        if (!cursor.IsArray())
            return false;
        while (cursor.NextElement())
        {
            if (!ReadTool(ref cursor, ref names, ref server))
                return false;
        }

        return cursor.Ok;
    }

    /// <summary><c>functions</c>: the same definitions without their wrapping.</summary>
    public static bool ReadFunctions(ref RequestCursor cursor, ref List<string>? names)
    {
        if (!cursor.IsArray())
            return false;
        while (cursor.NextElement())
        {
            if (!ReadFunction(ref cursor, ref names))
                return false;
        }

        return cursor.Ok;
    }

    /// <summary><c>tool_choice</c>: a word, one named function, or the type of a tool that the gateway runs, which stands for its function.</summary>
    public static bool ReadChoice(ref RequestCursor cursor, out ToolChoice? choice)
    {
        choice = null;
        if (cursor.Kind == JsonTokenType.String)
            return ReadChoiceWord(ref cursor, ["auto", "none", "required"], out choice);
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? type = null;
        string? name = null;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            var ok = member switch
            {
                Member.Type => ReadType(ref cursor, out type),
                Member.Function => ReadFunctionName(ref cursor, out name),
                _ => cursor.Skip(),
            };
            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        if (type is null)
            return cursor.FailMissing(start, "type");
        if (type != FunctionType)
            name = ServerTools.FunctionOf(type);
        if (name is null)
            return cursor.FailMissing(start, "function");
        choice = new ToolChoice(ToolChoiceKind.Function, name);
        return true;
    }

    /// <summary><c>function_call</c>: <c>auto</c>, <c>none</c> or <c>{name}</c>.</summary>
    public static bool ReadFunctionCall(ref RequestCursor cursor, out ToolChoice? choice)
    {
        choice = null;
        if (cursor.Kind == JsonTokenType.String)
            return ReadChoiceWord(ref cursor, ["auto", "none"], out choice);
        if (!ReadFunctionName(ref cursor, out var name))
            return false;
        choice = new ToolChoice(ToolChoiceKind.Function, name);
        return true;
    }

    private static bool ReadTool(ref RequestCursor cursor, ref List<string>? names, ref List<ServerToolEntry>? server)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? type = null;
        var hasFunction = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            var ok = member switch
            {
                Member.Type => ReadType(ref cursor, out type),
                Member.Function => hasFunction = ReadFunction(ref cursor, ref names),
                _ => CacheMarkReader.Check(ref cursor),
            };
            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        if (type is null)
            return cursor.FailMissing(start, "type");
        if (type == FunctionType)
            return hasFunction || cursor.FailMissing(start, "function");
        (server ??= []).Add(new ServerToolEntry(type, cursor.Since(start).ToArray()));
        return true;
    }

    /// <summary>A function of the caller's, or a tool that the gateway runs.</summary>
    private static bool ReadType(ref RequestCursor cursor, out string? type)
    {
        type = null;
        if (!cursor.IsString())
            return false;
        if (cursor.Text().SequenceEqual("function"u8))
        {
            type = FunctionType;
            return true;
        }

        type = ServerTools.TypeOf(System.Text.Encoding.UTF8.GetString(cursor.Text()));
        return type is not null || cursor.Fail($"is not a tool this gateway has: it must be function, {string.Join(", ", ServerTools.Types!)}");
    }

    private static bool ReadFunction(ref RequestCursor cursor, ref List<string>? names)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? name = null;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, FunctionMembers, out var member))
        {
            var ok = member switch
            {
                FunctionMember.Name => ReadName(ref cursor, out name),
                FunctionMember.Description => cursor.IsString(),
                FunctionMember.Parameters => cursor.SkipObject(),
                _ => cursor.ReadBoolean(out _),
            };
            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        if (name is null)
            return cursor.FailMissing(start, "name");
        (names ??= []).Add(name);
        return true;
    }

    private static bool ReadFunctionName(ref RequestCursor cursor, out string? name)
    {
        name = null;
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, FunctionMembers, out var member))
        {
            if (member == FunctionMember.Name ? !ReadName(ref cursor, out name) : !cursor.Skip())
                return false;
        }

        return cursor.Ok && (name is not null || cursor.FailMissing(start, "name"));
    }

    private static bool ReadName(ref RequestCursor cursor, out string? name)
    {
        if (!cursor.ReadString(out name, LongestName))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
                return cursor.Fail("may only hold letters, digits, _ and -");
        }

        return name.Length > 0 || cursor.Fail("must not be empty");
    }

    private static bool ReadChoiceWord(ref RequestCursor cursor, scoped ReadOnlySpan<string> words, out ToolChoice? choice)
    {
        choice = null;
        if (!cursor.ReadWord(words, out var word))
            return false;
        choice = word switch
        {
            "auto" => Auto,
            "none" => None,
            _ => Required,
        };
        return true;
    }

    private static readonly ToolChoice Auto = new(ToolChoiceKind.Auto, null);
    private static readonly ToolChoice None = new(ToolChoiceKind.None, null);
    private static readonly ToolChoice Required = new(ToolChoiceKind.Required, null);
}
