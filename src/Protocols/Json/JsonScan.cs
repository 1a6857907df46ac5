using System.Buffers;
using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>
/// Finds the ends of values in JSON that was already checked (<see cref="JsonCheck"/>, or the reader of requests): several times faster than reading
/// it again. On JSON that was not checked it may find nonsense, but stays inside the bytes or throws <see cref="JsonException"/>.
/// </summary>
internal static class JsonScan
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",}] \t\r\n"u8);

    /// <summary>The first index from <paramref name="at"/> on that is not white space.</summary>
    public static int SkipBlank(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
        return at;
    }

    /// <summary>The index behind the string that begins at <paramref name="at"/>.</summary>
    public static int EndOfString(ReadOnlySpan<byte> json, int at)
    {
        at++;
        while (at < json.Length)
        {
            var found = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
                break;
            at += found;
            if (json[at] == (byte)'"')
                return at + 1;
            at += 2;
        }
        throw Broken();
    }

    /// <summary>The index behind the value that begins at <paramref name="at"/>.</summary>
    public static int EndOfValue(ReadOnlySpan<byte> json, int at)
    {
        if (at >= json.Length)
            throw Broken();
        switch (json[at])
        {
            case (byte)'"':
                return EndOfString(json, at);
            case (byte)'{' or (byte)'[':
                return EndOfContainer(json, at);
            default:
                var length = json[at..].IndexOfAny(AfterScalar);
                return length < 0 ? json.Length : at + length;
        }
    }

    public static JsonException Broken() => new("The JSON ends inside a value.");

    private static int EndOfContainer(ReadOnlySpan<byte> json, int at)
    {
        var depth = 0;
        while (at < json.Length)
        {
            var found = json[at..].IndexOfAny(Structure);
            if (found < 0)
                break;
            at += found;
            if (json[at] == (byte)'"')
            {
                at = EndOfString(json, at);
                continue;
            }
            depth += json[at] is (byte)'{' or (byte)'[' ? 1 : -1;
            at++;
            if (depth == 0)
                return at;
        }
        throw Broken();
    }
}
