using System.Buffers.Binary;

namespace Fairlead.Protocols.Framing;

/// <summary>
/// Splits a body of <c>application/vnd.amazon.eventstream</c> into its messages (providers contract §7.4) and checks both checksums of each. The name of a frame
/// is that of the event or exception; an unmodelled error has the name <c>error</c> and its code as data. Not thread-safe.
/// <code>
///  0        4          8            12       12+H         N−4     N
///  │ N      │ H        │ CRC of 0–7 │ headers │ payload    │ CRC  │
/// </code>
/// </summary>
/// <param name="maxMessageBytes">The most bytes one message may take.</param>
public sealed class AwsEventStreamReader(int maxMessageBytes = FrameReader.DefaultMaxEventBytes) : HeldBytesReader(maxMessageBytes)
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;

    // By definition of the format.
    private const int MostHeaderBytes = 128 * 1024;

    private bool completed;

    /// <inheritdoc/>
    public override void Complete() => completed = true;

    /// <inheritdoc/>
    public override bool TryRead(out StreamFrame frame)
    {
        frame = default;
        if (TooLarge || Broken)
            return false;
        var held = Held;
        if (held.Length < PreludeBytes)
            return Unfinished(held.Length);
        var total = BinaryPrimitives.ReadUInt32BigEndian(held);
        var headers = BinaryPrimitives.ReadUInt32BigEndian(held[4..]);
        if (BinaryPrimitives.ReadUInt32BigEndian(held[8..]) != Crc32.Of(held[..8]) || headers > MostHeaderBytes
            || total < PreludeBytes + headers + ChecksumBytes)
        {
            return Break();
        }

        if (total > MaxFrameBytes)
        {
            Refuse();
            return false;
        }

        if (held.Length < total)
            return Unfinished(held.Length);
        var message = held[..(int)total];
        if (BinaryPrimitives.ReadUInt32BigEndian(message[^ChecksumBytes..]) != Crc32.Of(message[..^ChecksumBytes]))
            return Break();
        Consume(message.Length);
        var payload = message[(PreludeBytes + (int)headers)..^ChecksumBytes];
        if (!TryName(message.Slice(PreludeBytes, (int)headers), out var name, out var code))
            return Break();
        frame = new StreamFrame(name, code.IsEmpty ? payload : code);
        return true;
    }

    // A body that ends within a message is cut: there is nothing to hand on, and no finish was said.
    private bool Unfinished(int held)
    {
        Broken = completed && held > 0;
        return false;
    }

    private bool Break()
    {
        Broken = true;
        Release();
        return false;
    }

    private static bool TryName(ReadOnlySpan<byte> headers, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> code)
    {
        name = code = default;
        ReadOnlySpan<byte> type = default, eventType = default, exceptionType = default, errorCode = default;
        while (!headers.IsEmpty)
        {
            if (!TryHeader(ref headers, out var key, out var value))
                return false;
            if (key.SequenceEqual(":message-type"u8))
                type = value;
            else if (key.SequenceEqual(":event-type"u8))
                eventType = value;
            else if (key.SequenceEqual(":exception-type"u8))
                exceptionType = value;
            else if (key.SequenceEqual(":error-code"u8))
                errorCode = value;
        }

        if (type.SequenceEqual("error"u8))
        {
            name = "error"u8;
            code = errorCode;
        }
        else
        {
            name = type.SequenceEqual("exception"u8) ? exceptionType : eventType;
        }

        return true;
    }

    /// <summary>The next header; <paramref name="value"/> is empty where it is not text.</summary>
    private static bool TryHeader(scoped ref ReadOnlySpan<byte> headers, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        int named = headers[0];
        if (headers.Length < named + 2)
            return false;
        key = headers.Slice(1, named);
        var type = headers[named + 1];
        headers = headers[(named + 2)..];
        var sized = type is 6 or 7;
        if (sized && headers.Length < 2)
            return false;
        var length = type switch
        {
            0 or 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 or 8 => 8,
            6 or 7 => BinaryPrimitives.ReadUInt16BigEndian(headers),
            9 => 16,
            _ => -1,
        };
        if (length < 0)
            return false;
        if (sized)
            headers = headers[2..];
        if (headers.Length < length)
            return false;
        if (type == 7)
            value = headers[..length];
        headers = headers[length..];
        return true;
    }
}
