using System.Buffers;
using System.Buffers.Text;

namespace Fairlead.Protocols.Json;

/// <summary>
/// Writes JSON that is mostly copied: raw pieces of a source beside a few values of ours, commas placed by what was written last. Unlike
/// <see cref="System.Text.Json.Utf8JsonWriter"/> it neither checks nor re-encodes what is copied and allocates nothing. Call
/// <see cref="Flush"/> at the end: what was written since the last flush is not in the target before.
/// </summary>
internal ref struct JsonOutput(IBufferWriter<byte> target)
{
    private readonly IBufferWriter<byte> target = target;
    private Span<byte> span;
    private int written;
    private int flushed;
    private byte last;

    /// <summary>Bytes written so far, flushed or not.</summary>
    public readonly int Length => flushed + written;

    /// <summary>Hands everything written to the target.</summary>
    public void Flush()
    {
        if (written > 0)
            target.Advance(written);
        flushed += written;
        span = default;
        written = 0;
    }

    public void BeginObject() => Open((byte)'{');

    public void EndObject() => Put((byte)'}');

    public void BeginArray() => Open((byte)'[');

    public void EndArray() => Put((byte)']');

    /// <summary>A member's name; its value comes next. The name must not need escaping.</summary>
    public void Name(scoped ReadOnlySpan<byte> name)
    {
        Separate();
        Reserve(name.Length + 3);
        span[written++] = (byte)'"';
        name.CopyTo(span[written..]);
        written += name.Length;
        span[written++] = (byte)'"';
        Put((byte)':');
    }

    /// <summary>A member whose name and value are copied; the name comes as in the source, without its quotes.</summary>
    public void Member(scoped ReadOnlySpan<byte> rawName, scoped ReadOnlySpan<byte> rawValue)
    {
        Name(rawName);
        Copy(rawValue);
    }

    /// <summary>A whole value, or several members with their commas, copied as they are.</summary>
    public void Raw(scoped ReadOnlySpan<byte> json)
    {
        Separate();
        Copy(json);
    }

    public void Null() => Raw("null"u8);

    public void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    public void Number(long value)
    {
        Separate();
        Reserve(20);
        Utf8Formatter.TryFormat(value, span[written..], out var length);
        written += length;
        last = (byte)'0';
    }

    public void Number(decimal value)
    {
        Separate();
        Reserve(32);
        Utf8Formatter.TryFormat(value, span[written..], out var length);
        written += length;
        last = (byte)'0';
    }

    /// <summary>A member with a whole number.</summary>
    public void Number(scoped ReadOnlySpan<byte> name, long value)
    {
        Name(name);
        Number(value);
    }

    /// <summary>A member with an amount of money, without the zeros a scale leaves at the end: 0.10 is written 0.1.</summary>
    public void Amount(scoped ReadOnlySpan<byte> name, decimal value)
    {
        Name(name);
        Reserve(32);
        Utf8Formatter.TryFormat(value, span[written..], out var length);
        var number = span.Slice(written, length);
        written += number.Contains((byte)'.') ? number.TrimEnd((byte)'0').TrimEnd((byte)'.').Length : length;
        last = (byte)'0';
    }

    /// <summary>A string from text that is not escaped yet.</summary>
    public void String(scoped ReadOnlySpan<byte> utf8)
    {
        OpenString();
        Text(utf8);
        CloseString();
    }

    /// <summary>A string from text that is not escaped yet.</summary>
    public void String(string text)
    {
        OpenString();
        Span<byte> piece = stackalloc byte[256];
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            // A surrogate pair is not cut: FromUtf16 stops before a half pair at the end of a piece that is not the last.
            var take = rest[..Math.Min(rest.Length, 80)];
            System.Text.Unicode.Utf8.FromUtf16(take, piece, out var read, out var bytes, replaceInvalidSequences: true, isFinalBlock: take.Length == rest.Length);
            Text(piece[..bytes]);
            rest = rest[read..];
        }
        CloseString();
    }

    /// <summary>Begins a string value that <see cref="Text"/> and <see cref="Escaped"/> fill.</summary>
    public void OpenString() => Open((byte)'"');

    public void CloseString() => Put((byte)'"');

    /// <summary>Inside a string: text that is not escaped yet.</summary>
    public void Text(scoped ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAny(JsonText.NeedsEscape);
            if (plain < 0)
            {
                Copy(utf8);
                return;
            }
            Copy(utf8[..plain]);
            Escape(utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }
    }

    /// <summary>Inside a string: the inside of another JSON string, already escaped.</summary>
    public void Escaped(scoped ReadOnlySpan<byte> inside) => Copy(inside);

    /// <summary>Bytes that are not JSON, such as the frame of an event, or (<paramref name="continues"/>) the beginning of an object that goes on.</summary>
    public void Frame(scoped ReadOnlySpan<byte> bytes, bool continues = false)
    {
        Copy(bytes);
        last = continues ? (byte)'x' : (byte)0;
    }

    private void Escape(byte value)
    {
        Reserve(6);
        span[written++] = (byte)'\\';
        var shortForm = value switch
        {
            (byte)'"' or (byte)'\\' => value,
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            _ => (byte)0,
        };
        if (shortForm != 0)
        {
            span[written++] = shortForm;
            return;
        }
        "u00"u8.CopyTo(span[written..]);
        span[written + 3] = (byte)(value >> 4 == 0 ? '0' : '1');
        span[written + 4] = "0123456789abcdef"u8[value & 15];
        written += 5;
    }

    private void Open(byte bracket)
    {
        Separate();
        Put(bracket);
        if (bracket == (byte)'"')
            last = 0;
    }

    private void Separate()
    {
        if (last is not ((byte)'{' or (byte)'[' or (byte)':' or 0))
            Put((byte)',');
    }

    private void Put(byte value)
    {
        Reserve(1);
        span[written++] = value;
        last = value;
    }

    private void Copy(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        Reserve(bytes.Length);
        bytes.CopyTo(span[written..]);
        written += bytes.Length;
        last = bytes[^1] is (byte)'{' or (byte)'[' or (byte)':' ? (byte)'x' : bytes[^1];
    }

    private void Reserve(int bytes)
    {
        if (span.Length - written >= bytes)
            return;
        Flush();
        span = target.GetSpan(Math.Max(bytes, 512));
    }
}
