using System.Text.Json;
using Fairlead.Protocols.Canonical;

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

    /// <summary>The entries, each id once, in the order they came.</summary>
    public static bool Read(ref RequestCursor cursor, out IReadOnlyList<PluginEntry> entries)
    {
        var plugins = new List<PluginEntry>();
        entries = plugins;
        return cursor.Kind == JsonTokenType.StartObject ? ReadMap(ref cursor, plugins) : ReadArray(ref cursor, plugins);
    }

    private static bool ReadArray(ref RequestCursor cursor, List<PluginEntry> plugins)
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
            Set(plugins, new PluginEntry(id, isOn, cursor.Since(start).ToArray()));
        }

        return cursor.Ok;
    }

    private static bool ReadMap(ref RequestCursor cursor, List<PluginEntry> plugins)
    {
        var seen = default(KeySet);
        while (cursor.NextEntry(ref seen, out var name))
        {
            if (cursor.Kind == JsonTokenType.Null)
                continue;
            if (!PluginIds.Known.Contains(name))
                return cursor.Fail($"is not a plugin; plugins are {string.Join(", ", PluginIds.Known!)}");
            var start = cursor.Position;
            if (!ReadPlugin(ref cursor, out _, out var isOn))
                return false;
            Set(plugins, new PluginEntry(name, isOn, cursor.Since(start).ToArray()));
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
            if (member == Member.Id ? !cursor.ReadWord(PluginIds.Known, out id) : !cursor.ReadBoolean(out isOn))
                return false;
        }

        return cursor.Ok;
    }

    private static void Set(List<PluginEntry> plugins, PluginEntry entry)
    {
        plugins.RemoveAll(earlier => earlier.Id == entry.Id);
        plugins.Add(entry);
    }
}
