using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Fairlead.Protocols.Json;

/// <summary>
/// Turns the inside of JSON strings into text without ever throwing: a lone surrogate, which a model's tokens can produce, becomes U+FFFD
/// (the framework's reader throws there).
/// </summary>
internal static class JsonText
{
    /// <summary>Bytes that may not stand in a JSON string as they are.</summary>
    public static SearchValues<byte> NeedsEscape { get; } = SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    /// <summary>
    /// Writes the text of an escaped string to <paramref name="text"/>, which must be at least as long; returns the number of bytes. Escapes never
    /// grow: the longest, six bytes, becomes three.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> inside, Span<byte> text)
    {
        var length = 0;
        while (true)
        {
            var at = inside.IndexOf((byte)'\\');
            if (at < 0)
            {
                inside.CopyTo(text[length..]);
                return length + inside.Length;
            }
            inside[..at].CopyTo(text[length..]);
            length += at;
            inside = inside[at..];
            length += UnescapeOne(ref inside, text[length..]);
        }
    }

    /// <summary>The text of an escaped string.</summary>
    public static string ToText(ReadOnlySpan<byte> inside)
    {
        if (!inside.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(inside);
        var rented = ArrayPool<byte>.Shared.Rent(inside.Length);
        var length = Unescape(inside, rented);
        var text = Encoding.UTF8.GetString(rented, 0, length);
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    private static int UnescapeOne(ref ReadOnlySpan<byte> inside, Span<byte> text)
    {
        var kind = inside.Length > 1 ? inside[1] : (byte)0;
        if (kind != (byte)'u')
        {
            inside = inside[Math.Min(2, inside.Length)..];
            text[0] = kind switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                _ => kind,
            };
            return 1;
        }
        var unit = Unit(inside);
        inside = inside[Math.Min(6, inside.Length)..];
        if (char.IsHighSurrogate(unit) && Unit(inside) is var low && char.IsLowSurrogate(low))
        {
            inside = inside[6..];
            return new Rune(unit, low).EncodeToUtf8(text);
        }
        return (Rune.TryCreate(unit, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(text);
    }

    private static char Unit(ReadOnlySpan<byte> inside) =>
        inside.Length >= 6 && inside[0] == (byte)'\\' && inside[1] == (byte)'u'
            && Utf8Parser.TryParse(inside.Slice(2, 4), out ushort unit, out var used, 'x') && used == 4
            ? (char)unit
            : '\uFFFD';
}
