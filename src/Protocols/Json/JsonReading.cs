using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>Reads parsed JSON that nobody vouches for: a member of the wrong kind is an absent member, and no text makes it throw.</summary>
internal static class JsonReading
{
    // Far beyond any context window: keeps sums of counts from overflowing while nonsense stays recognisable as nonsense.
    private const long LargestCount = 1_000_000_000_000;

    /// <summary>Deeper than any answer we know; a deeper one is unreadable.</summary>
    public const int MaxDepth = 128;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Parses one value that fills <paramref name="utf8"/>; null when it is not one JSON value.</summary>
    public static JsonDocument? TryParse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            if (!JsonDocument.TryParseValue(ref reader, out var document))
                return null;
            if (!reader.Read())
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null; // the only way the framework says "not JSON"
        }
    }

    /// <summary>A member of an object; null when absent, when it is <c>null</c>, or when <paramref name="element"/> is no object.</summary>
    public static JsonElement? Member(this JsonElement element, ReadOnlySpan<byte> name) =>
        Find(element, name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    /// <summary>As <see cref="Member(JsonElement, ReadOnlySpan{byte})"/>, by a name that is only known at run time.</summary>
    public static JsonElement? Member(this JsonElement element, string name) => element.Member(Encoding.UTF8.GetBytes(name));

    /// <summary>True when an object has the member, be it <c>null</c>.</summary>
    public static bool Has(this JsonElement element, ReadOnlySpan<byte> name) => Find(element, name) is not null;

    /// <summary>A member of an object, be it <c>null</c>; null only where it is absent.</summary>
    public static JsonElement? Stated(this JsonElement element, ReadOnlySpan<byte> name) => Find(element, name);

    /// <summary>The same JSON value: numbers by what they are, members in any order. Texts that are no text are the same only byte for byte.</summary>
    public static bool IsSameAs(this JsonElement element, JsonElement other)
    {
        try
        {
            return JsonElement.DeepEquals(element, other);
        }
        catch (InvalidOperationException)
        {
            return JsonMarshal.GetRawUtf8Value(element).SequenceEqual(JsonMarshal.GetRawUtf8Value(other));
        }
    }

    /// <summary>A member's name; bytes and escapes that are no character become U+FFFD.</summary>
    public static string Label(this JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return DecodeLeniently(JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }

    /// <summary>A string member; null when absent or of another kind.</summary>
    public static string? Text(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.Decode() : null;

    /// <summary>A whole-number member; null when absent, of another kind or out of range.</summary>
    public static long? Whole(this JsonElement element, ReadOnlySpan<byte> name)
    {
        if (element.Member(name) is not { ValueKind: JsonValueKind.Number } value)
            return null;
        if (value.TryGetInt64(out var whole))
            return whole;
        return value.TryGetDecimal(out var real) && decimal.Abs(real) < 1_000_000_000_000_000m ? (long)real : null;
    }

    /// <summary>
    /// A count of a usage report, at most 10¹² either way; null when absent. What is there and no number is −1: never a count, so that the check
    /// of invariant M6 refuses the report.
    /// </summary>
    public static long? Count(this JsonElement element, ReadOnlySpan<byte> name)
    {
        if (element.Member(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number)
            return -1;
        if (value.TryGetInt64(out var whole))
            return Math.Clamp(whole, -LargestCount, LargestCount);
        if (value.TryGetDecimal(out var real))
            return (long)decimal.Clamp(real, -LargestCount, LargestCount);
        return LargestCount;
    }

    /// <summary>As <see cref="Count(JsonElement, ReadOnlySpan{byte})"/>, of the value a reader stands at; it is left at the value's end. Null for <c>null</c>.</summary>
    public static long? Count(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return -1;
        }

        if (reader.TryGetInt64(out var whole))
            return Math.Clamp(whole, -LargestCount, LargestCount);
        return reader.TryGetDecimal(out var real) ? (long)decimal.Clamp(real, -LargestCount, LargestCount) : LargestCount;
    }

    /// <summary>True only for a member that is <c>true</c>.</summary>
    public static bool Flag(this JsonElement element, ReadOnlySpan<byte> name) => element.Member(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The elements of an array member; empty when absent or of another kind.</summary>
    public static JsonElement.ArrayEnumerator Items(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : default;

    /// <summary>The characters of a string; bytes and escapes that are no character become U+FFFD.</summary>
    public static string Decode(this JsonElement text)
    {
        try
        {
            return text.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return DecodeLeniently(JsonMarshal.GetRawUtf8Value(text)[1..^1]);
        }
    }

    /// <summary>The value's JSON without the white space between its tokens; numbers and escapes stay as written.</summary>
    public static string Compact(this JsonElement element)
    {
        var raw = JsonMarshal.GetRawUtf8Value(element);
        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        var length = JsonBlanks.Remove(raw, rented);
        var text = Encoding.UTF8.GetString(rented, 0, length);
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    private static JsonElement? Find(JsonElement element, ReadOnlySpan<byte> name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        try
        {
            return element.TryGetProperty(name, out var value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // A sibling's name holds an escape that is no character, which the framework's search does not survive.
            var wanted = Encoding.UTF8.GetString(name);
            foreach (var member in element.EnumerateObject())
            {
                if (member.Label() == wanted)
                    return member.Value;
            }
            return null;
        }
    }

    private static string DecodeLeniently(ReadOnlySpan<byte> raw)
    {
        var escaped = Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }
            i++;
            switch (escaped[i])
            {
                case 'b': text.Append('\b'); break;
                case 'f': text.Append('\f'); break;
                case 'n': text.Append('\n'); break;
                case 'r': text.Append('\r'); break;
                case 't': text.Append('\t'); break;
                case 'u':
                    text.Append((char)Convert.ToUInt16(escaped.Substring(i + 1, 4), 16));
                    i += 4;
                    break;
                default: text.Append(escaped[i]); break;
            }
        }
        // Encoding to UTF-8 and back replaces lone surrogates.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
