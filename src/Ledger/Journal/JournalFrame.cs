using System.Buffers.Binary;
using System.Numerics;

namespace Fairlead.Ledger.Journal;

/// <summary>
/// How the journal's file is cut: a mark with the version, then frames, each written at once and flushed before the next. Numbers are little-endian; sums are CRC-32C.
/// <code>
/// "FLJOURN" version │ length of body (4) · sum of body (4) · sum of these eight (4) · body │ …
/// </code>
/// A kill or a loss of power leaves the last frame short, or zeros in its place: nobody was told that it was kept. Anything else that does not fit is damage. Pure.
/// </summary>
internal static class JournalFrame
{
    /// <summary>The version is the last byte.</summary>
    public static ReadOnlySpan<byte> Mark => "FLJOURN\u0001"u8;

    private const int HeadBytes = 12;

    /// <summary>The bytes of one frame.</summary>
    public static byte[] Of(ReadOnlySpan<byte> body)
    {
        var frame = new byte[HeadBytes + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Sum(body));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), Sum(frame.AsSpan(0, 8)));
        body.CopyTo(frame.AsSpan(HeadBytes));
        return frame;
    }

    /// <summary>Takes the next frame off the bytes of a file.</summary>
    /// <param name="rest">What is left of the file; what is left after the frame.</param>
    /// <param name="body">What the frame holds.</param>
    public static JournalFrameKind Take(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (rest.IsEmpty)
        {
            return JournalFrameKind.End;
        }

        if (rest.Length < HeadBytes || !rest.ContainsAnyExcept((byte)0))
        {
            return JournalFrameKind.Torn;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length < 0 || BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) != Sum(rest[..8]))
        {
            return JournalFrameKind.Damaged;
        }

        if (rest.Length - HeadBytes < length)
        {
            return JournalFrameKind.Torn;
        }

        body = rest.Slice(HeadBytes, length);
        var isWhole = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) == Sum(body);
        rest = rest[(HeadBytes + length)..];
        return isWhole ? JournalFrameKind.Whole : rest.IsEmpty ? JournalFrameKind.Torn : JournalFrameKind.Damaged;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return ~sum;
    }
}

/// <summary>What stands at a place of the journal's file.</summary>
internal enum JournalFrameKind
{
    /// <summary>A frame.</summary>
    Whole = 0,
    /// <summary>Nothing more.</summary>
    End = 1,
    /// <summary>The beginning of a frame that was being written when the process or the machine stopped.</summary>
    Torn = 2,
    /// <summary>Something that no interrupted write leaves behind.</summary>
    Damaged = 3,
}
