using System.Text.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary><c>plugins</c>: an array of <c>{id, enabled?, …}</c>, or a map from id to its options (R-03). The same id twice: the last wins (R-37).</summary>
internal static class PluginReader
{
    private enum Member
    {
        Id,
        Enabled,
    }

    private static readonly NameTable<Member> Members = new(("id", Member.Id), ("enabled", Member.Enabled));

    private static readonly string[] Known =
    [
        "web", "file-parser", "response-healing", "moderation", "context-compression", "web-fetch", "auto-router", "auto-beta-router",
        "pareto-router", "fusion",
    ];

    /// <summary>The ids switched on, in the order they came.</summary>
    public static bool Read(ref RequestCursor cursor, out IReadOnlyList<string> enabled)
    {
        var on = new List<string>();
        enabled = on;
        return cursor.Kind == JsonTokenType.StartObject ? ReadMap(ref cursor, on) : ReadArray(ref cursor, on);
    }

    private static bool ReadArray(ref RequestCursor cursor, List<string> on)
    {
        if (!cursor.IsArray())
            return false;
        while (cursor.NextElement())
        {
            var start = cursor.Position;
            if (!ReadPlugin(ref cursor, out var id, out var isOn))
                return false;
            if (id is null)
                return cursor.FailMissing(start, "id");
            Set(on, id, isOn);
        }

        return cursor.Ok;
    }

    private static bool ReadMap(ref RequestCursor cursor, List<string> on)
    {
        var seen = default(KeySet);
        while (cursor.NextEntry(ref seen, out var name))
        {
            if (cursor.Kind == JsonTokenType.Null)
                continue;
            if (Array.IndexOf(Known, name) < 0)
                return cursor.Fail($"is not a plugin; plugins are {string.Join(", ", Known)}");
            if (!ReadPlugin(ref cursor, out _, out var isOn))
                return false;
            Set(on, name, isOn);
        }

        return cursor.Ok;
    }

    private static bool ReadPlugin(ref RequestCursor cursor, out string? id, out bool isOn)
    {
        id = null;
        isOn = true;
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            if (member == Member.Id ? !cursor.ReadWord(Known, out id) : !cursor.ReadBoolean(out isOn))
                return false;
        }

        return cursor.Ok;
    }

    private static void Set(List<string> on, string id, bool isOn)
    {
        on.Remove(id);
        if (isOn)
            on.Add(id);
    }
}
