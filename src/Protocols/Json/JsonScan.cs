using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>
/// Finds the ends of values in JSON that was already checked (<see cref="JsonCheck"/>, or the reader of requests): several times faster than reading
/// it again. On JSON that was not checked it may find nonsense, but stays inside the bytes or throws <see cref="JsonException"/>.
/// </summary>
internal static class JsonScan
{
    private const int Block = 64;

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
            var found = IndexOfQuoteOrBackslash(json[at..]);
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
                // Numbers, true, false and null are too short for anything cleverer.
                while (at < json.Length && json[at] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                    at++;
                return at;
        }
    }

    public static JsonException Broken() => new("The JSON ends inside a value.");

    private static int IndexOfQuoteOrBackslash(ReadOnlySpan<byte> json)
    {
        // Names and short strings end within one vector; the general search costs more to call than this.
        if (json.Length < Vector256<byte>.Count)
            return json.IndexOfAny((byte)'"', (byte)'\\');
        var bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(json));
        var hits = (Vector256.Equals(bytes, Vector256.Create((byte)'"')) | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))).ExtractMostSignificantBits();
        if (hits != 0)
            return BitOperations.TrailingZeroCount(hits);
        var later = json[Vector256<byte>.Count..].IndexOfAny((byte)'"', (byte)'\\');
        return later < 0 ? later : later + Vector256<byte>.Count;
    }

    /// <summary>
    /// Sixty-four bytes at a time, as bit masks: which are quotes, which lie inside strings, which open or close a container. Only a block in which the
    /// outermost container may close is looked at bracket by bracket.
    /// </summary>
    private static int EndOfContainer(ReadOnlySpan<byte> json, int at)
    {
        var depth = 0;
        var insideString = 0UL;
        var escapesNext = false;
        Span<byte> padded = stackalloc byte[Block];
        while (at < json.Length)
        {
            scoped var rest = json[at..];
            if (rest.Length < Block)
            {
                padded.Fill((byte)' ');
                rest.CopyTo(padded);
                rest = padded;
            }
            var masks = Masks.Of(rest);
            var quotes = masks.Quotes;
            if (masks.Backslashes != 0 || escapesNext)
                quotes &= ~Escaped(masks.Backslashes, ref escapesNext);
            var strings = PrefixXor(quotes) ^ insideString;
            insideString = (ulong)((long)strings >> 63);

            var opens = masks.Opens & ~strings;
            var closes = masks.Closes & ~strings;
            var closing = BitOperations.PopCount(closes);
            if (closing < Math.Max(depth, 1))
                depth += BitOperations.PopCount(opens) - closing;
            else if (CloseIn(opens, closes, ref depth) is var end and >= 0)
                return at + end + 1;
            at += Block;
        }
        throw Broken();
    }

    /// <summary>Where in a block the outermost container closes; -1 when it does not, <paramref name="depth"/> then being that of the block's end.</summary>
    private static int CloseIn(ulong opens, ulong closes, ref int depth)
    {
        for (var brackets = opens | closes; brackets != 0; brackets &= brackets - 1)
        {
            var at = BitOperations.TrailingZeroCount(brackets);
            depth += (closes >> at & 1) != 0 ? -1 : 1;
            if (depth == 0)
                return at;
        }
        return -1;
    }

    /// <summary>The bytes that a backslash before them takes their meaning from; whether the last byte does so to the next block's first.</summary>
    private static ulong Escaped(ulong backslashes, ref bool escapesNext)
    {
        var escaped = escapesNext ? 1UL : 0;
        escapesNext = false;
        for (var left = backslashes & ~escaped; left != 0;)
        {
            var at = BitOperations.TrailingZeroCount(left);
            escapesNext = at == Block - 1;
            var next = escapesNext ? 0 : 2UL << at;
            escaped |= next;
            left &= ~(next | 1UL << at);
        }
        return escaped;
    }

    /// <summary>Every bit becomes the parity of itself and those below: between two quotes there are ones.</summary>
    private static ulong PrefixXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        for (var shift = 1; shift < Block; shift *= 2)
            bits ^= bits << shift;
        return bits;
    }

    /// <summary>What stands where in a block of sixty-four bytes, a bit for each.</summary>
    private readonly record struct Masks(ulong Quotes, ulong Backslashes, ulong Opens, ulong Closes)
    {
        public static Masks Of(ReadOnlySpan<byte> block)
        {
            ref var first = ref MemoryMarshal.GetReference(block);
            var low = Vector256.LoadUnsafe(ref first);
            var high = Vector256.LoadUnsafe(ref first, (nuint)Vector256<byte>.Count);
            // Braces and brackets differ in one bit only.
            var (lowBrackets, highBrackets) = (low | Vector256.Create((byte)0x20), high | Vector256.Create((byte)0x20));
            return new Masks(
                Equal(low, high, (byte)'"'), Equal(low, high, (byte)'\\'), Equal(lowBrackets, highBrackets, (byte)'{'), Equal(lowBrackets, highBrackets, (byte)'}'));
        }

        private static ulong Equal(Vector256<byte> low, Vector256<byte> high, byte value) =>
            Vector256.Equals(low, Vector256.Create(value)).ExtractMostSignificantBits()
            | (ulong)Vector256.Equals(high, Vector256.Create(value)).ExtractMostSignificantBits() << 32;
    }
}
