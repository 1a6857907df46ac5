using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Fairlead.Protocols.Json.Repair;

/// <summary>
/// Makes JSON of what a model wrote for it (routing R-42). Pure, linear in the length of the text, and it gives up rather than guess:
/// <list type="number">
/// <item>a text that parses stays as it is, byte for byte;</item>
/// <item>else the part that is meant to be JSON is looked for, fences and prose left away (<c>JsonRegions</c>); if that parses, it is the result;</item>
/// <item>else it is read tolerantly and written anew (<c>TolerantReader</c>);</item>
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
        if (utf8.Span.IndexOfAny((byte)'{', (byte)'[') < 0 || !Utf8.IsValid(utf8.Span) || Parses(utf8.Span))
            return null;
        return Whole(utf8) ?? Part(utf8, looseQuotes: false) ?? Part(utf8, looseQuotes: true);
    }

    /// <summary>Most often the model meant nothing but JSON: then there is nothing to look for.</summary>
    private static ReadOnlyMemory<byte>? Whole(ReadOnlyMemory<byte> utf8)
    {
        var json = utf8[JsonScan.SkipBlank(utf8.Span, 0)..];
        return json.Span[0] is (byte)'{' or (byte)'['
            ? Copy(json, looseQuotes: false, whole: true, out _) ?? Copy(json, looseQuotes: true, whole: true, out _)
            : null;
    }

    private static ReadOnlyMemory<byte>? Part(ReadOnlyMemory<byte> utf8, bool looseQuotes)
    {
        foreach (var region in JsonRegions.Find(utf8.Span, looseQuotes))
        {
            var found = utf8[region.Start..region.End];
            if (region.Closed && found.Length < utf8.Length && Parses(found.Span))
                return found;
            if (Copy(utf8[region.Start..region.Limit], looseQuotes, whole: false, out var meant) is { } copy)
                return copy;
            // An open bracket of prose may have JSON behind it; parts of JSON that cannot be read are not the answer.
            if (!meant && region.Inner is { } inner && Parses(utf8.Span[inner]))
                return utf8[inner];
        }

        return null;
    }

    private static ReadOnlyMemory<byte>? Copy(ReadOnlyMemory<byte> utf8, bool looseQuotes, bool whole, out bool meant)
    {
        var target = new ArrayBufferWriter<byte>(utf8.Length + 16);
        var reader = new TolerantReader(utf8.Span, looseQuotes, target);
        var copied = reader.TryCopy() && (!whole || reader.AtEnd);
        meant = reader.HasMembers;
        return copied ? target.WrittenMemory : (ReadOnlyMemory<byte>?)null;
    }

    /// <summary>However deep it is: what a caller's parser may accept is not ours to change.</summary>
    private static bool Parses(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = utf8.Length + 1 });
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
