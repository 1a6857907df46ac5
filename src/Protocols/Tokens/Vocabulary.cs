using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fairlead.Protocols.Tokens;

/// <summary>
/// The ranks: byte sequence → rank, as an open-addressing table of packed 32-bit slots over one blob of token bytes. About 4 MB for 200,000
/// tokens, where a dictionary of strings takes 20. A slot is <c>rank + 1</c> in the low 18 bits and 14 bits of the hash above; 0 is empty.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>What <see cref="Find"/> answers for a sequence that is no token; larger than every rank, so that it loses every minimum.</summary>
    public const int None = int.MaxValue;

    private const int RankBits = 18;
    private const int SlotBits = 19;

    private readonly byte[] blob;
    private readonly int[] starts;
    private readonly uint[] slots = new uint[1 << SlotBits];
    private readonly int[] pairs = new int[1 << 16];
    private readonly int longest;

    private Vocabulary(byte[] blob, int[] starts)
    {
        this.blob = blob;
        this.starts = starts;
        Array.Fill(pairs, None);
        for (var rank = 0; rank < starts.Length - 1; rank++)
        {
            var token = Token(rank);
            longest = Math.Max(longest, token.Length);
            if (token.Length == 2)
                pairs[(token[0] << 8) | token[1]] = rank;
            Insert(token, rank);
        }
    }

    /// <summary>Reads the embedded ranks (form: scripts/o200k/convert.mjs).</summary>
    public static Vocabulary Load()
    {
        using var packed = typeof(Vocabulary).Assembly.GetManifestResourceStream("o200k_base.br")
            ?? throw new InvalidOperationException("The assembly was built without its resource o200k_base.br.");
        using var plain = new BrotliStream(packed, CompressionMode.Decompress);
        Span<byte> header = stackalloc byte[4];
        plain.ReadExactly(header);
        var count = BinaryPrimitives.ReadInt32LittleEndian(header);
        var lengths = new byte[count];
        plain.ReadExactly(lengths);
        var offsets = new int[count + 1];
        for (var rank = 0; rank < count; rank++)
            offsets[rank + 1] = offsets[rank] + lengths[rank];
        var bytes = new byte[offsets[count]];
        plain.ReadExactly(bytes);
        return new Vocabulary(bytes, offsets);
    }

    /// <summary>The rank of a byte sequence, or <see cref="None"/>.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > longest || bytes.IsEmpty)
            return None;
        var hash = Hash(bytes);
        var tag = Tag(hash);
        for (var at = Home(hash); ; at = (at + 1) & (slots.Length - 1))
        {
            var slot = slots[at];
            if (slot == 0)
                return None;
            if (slot >> RankBits != tag)
                continue;
            var rank = (int)(slot & ((1u << RankBits) - 1)) - 1;
            if (Token(rank).SequenceEqual(bytes))
                return rank;
        }
    }

    /// <summary>The rank of two bytes, or <see cref="None"/>.</summary>
    public int FindPair(byte first, byte second) => pairs[(first << 8) | second];

    private ReadOnlySpan<byte> Token(int rank) => blob.AsSpan(starts[rank], starts[rank + 1] - starts[rank]);

    private void Insert(ReadOnlySpan<byte> token, int rank)
    {
        var hash = Hash(token);
        var at = Home(hash);
        while (slots[at] != 0)
            at = (at + 1) & (slots.Length - 1);
        slots[at] = (Tag(hash) << RankBits) | (uint)(rank + 1);
    }

    private static int Home(ulong hash) => (int)(hash >> (64 - SlotBits));

    private static uint Tag(ulong hash) => (uint)(hash >> (64 - SlotBits - 14)) & 0x3FFF;

    // Multiply and fold over 8-byte words. Keys are fixed at build time, so a caller can only look up, never fill the table: the longest chain
    // of slots is fixed too.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length > 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }

        return Mix(hash ^ Tail(bytes));
    }

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value, 0xD6E8FEB86659FD93, out var low);
        return high ^ low;
    }

    /// <summary>One to eight bytes as a number.</summary>
    private static ulong Tail(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        8 => MemoryMarshal.Read<ulong>(bytes),
        >= 4 => MemoryMarshal.Read<uint>(bytes) | ((ulong)MemoryMarshal.Read<uint>(bytes[^4..]) << 32),
        >= 2 => MemoryMarshal.Read<ushort>(bytes) | ((ulong)MemoryMarshal.Read<ushort>(bytes[^2..]) << 32),
        _ => bytes[0],
    };
}
