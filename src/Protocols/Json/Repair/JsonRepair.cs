using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Fairlead.Protocols.Json.Repair;

/// <summary>
/// Makes JSON of what a model wrote for it (routing R-42). Pure, linear in the length of the text, and it gives up rather than guess:
/// <list type="number">
/// <item>a text that parses stays as it is, byte for byte;</item>
/// <item>else the part that is meant to be JSON is looked for, fences and prose left away (<c>JsonRegions</c>); if that parses, it is the result;</item>
/// <item>else it is read tolerantly, from where it stops being JSON (<c>ValidPrefix</c>), and written anew (<c>TolerantReader</c>);</item>
/// <item>else the same once more, with quotes inside strings that nobody escaped (<c>Quotes</c>).</item>
/// </list>
/// Only objects and arrays are looked for; a schema is not enforced.
/// </summary>
public static class JsonRepair
{
    /// <summary>The text as JSON; null when it parses already or nothing could be made of it, and so must stay as it is.</summary>
    public static string? Repair(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Repair(utf8) is { } repaired ? Encoding.UTF8.GetString(repaired.Span) : null;
    }

    /// <summary>The same of UTF-8; bytes that are none stay as they are.</summary>
    public static ReadOnlyMemory<byte>? Repair(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.IndexOfAny((byte)'{', (byte)'[') < 0 || !Utf8.IsValid(utf8.Span) || ValidPrefix.Parses(utf8.Span, out var prefix))
            return null;
        return Whole(utf8, prefix) ?? Part(utf8, looseQuotes: false) ?? Part(utf8, looseQuotes: true);
    }

    /// <summary>Most often the model meant nothing but JSON: then there is nothing to look for.</summary>
    private static ReadOnlyMemory<byte>? Whole(ReadOnlyMemory<byte> utf8, ValidPrefix prefix)
    {
        var blank = JsonScan.SkipBlank(utf8.Span, 0);
        var json = utf8[blank..];
        if (json.Span[0] is not ((byte)'{' or (byte)'['))
            return null;
        if (prefix.At > 0)
            prefix = prefix with { At = prefix.At - blank };
        return Copy(json, looseQuotes: false, whole: true, prefix, out _) ?? Copy(json, looseQuotes: true, whole: true, prefix, out _);
    }

    private static ReadOnlyMemory<byte>? Part(ReadOnlyMemory<byte> utf8, bool looseQuotes)
    {
        foreach (var region in JsonRegions.Find(utf8.Span, looseQuotes))
        {
            var found = utf8[region.Start..region.End];
            if (region.Closed && found.Length < utf8.Length && ValidPrefix.Parses(found.Span, out _))
                return found;
            if (Copy(utf8[region.Start..region.Limit], looseQuotes, whole: false, default, out var meant) is { } copy)
                return copy;
            // An open bracket of prose may have JSON behind it; parts of JSON that cannot be read are not the answer.
            if (!meant && region.Inner is { } inner && ValidPrefix.Parses(utf8.Span[inner], out _))
                return utf8[inner];
        }

        return null;
    }

    private static ReadOnlyMemory<byte>? Copy(ReadOnlyMemory<byte> utf8, bool looseQuotes, bool whole, in ValidPrefix prefix, out bool meant)
    {
        var target = new ArrayBufferWriter<byte>(utf8.Length + 16);
        var reader = new TolerantReader(utf8.Span, looseQuotes, target);
        var copied = reader.TryCopy(prefix) && (!whole || reader.AtEnd);
        meant = reader.HasMembers;
        return copied ? target.WrittenMemory : (ReadOnlyMemory<byte>?)null;
    }
}
