using System.Buffers;
using Fairlead.Protocols.Framing;

namespace Fairlead.Protocols.Sse;

/// <summary>
/// Splits a server-sent event stream into events; an event that arrived whole is not copied. Accepts LF, CRLF and CR, a leading byte-order mark,
/// several <c>data:</c> lines, comments and unknown fields (providers §2.4). Not thread-safe.
/// </summary>
/// <remarks>
/// The buffer, from left to right: <c>start</c>, the first byte still needed; the data and name of the event being gathered; <c>line</c>, where the
/// unfinished line begins; <c>scan</c>, up to where it was searched for a line end; <c>end</c>, where new bytes go.
/// </remarks>
public sealed class SseFrameReader : FrameReader
{
    // One read of a token stream is a few hundred bytes, a busy one fits a TCP segment or two.
    private const int InitialBytes = 4096;

    // A buffer that grew past this for one large event is given back once that event is consumed.
    private const int KeepBytes = 32 * 1024;

    private const int SmallestRead = 256;

    private readonly int maxEventBytes;
    private byte[] buffer = [];
    private int start;
    private int line;
    private int scan;
    private int end;
    private int dataStart;
    private int dataLength = -1;
    private int nameStart;
    private int nameLength;
    private byte[]? displacedName;
    private bool skipLineFeed;
    private bool pastByteOrderMark;
    private bool completed;

    /// <summary>Creates a reader.</summary>
    /// <param name="maxEventBytes">The most bytes one event (or one comment) may take; beyond it <see cref="FrameReader.TooLarge"/> is set.</param>
    public SseFrameReader(int maxEventBytes = DefaultMaxEventBytes) => this.maxEventBytes = maxEventBytes;

    /// <summary>Comment lines seen so far: a sign of life that is not an event.</summary>
    public long Comments { get; private set; }

    /// <summary>Nothing is held: neither unread bytes nor a half-gathered event.</summary>
    public bool IsEmpty => start == end && dataLength < 0 && nameLength == 0;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 1)
    {
        MakeRoom(Math.Max(sizeHint, SmallestRead));
        return buffer.AsMemory(end);
    }

    /// <inheritdoc/>
    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Length - end);
        end += count;
    }

    /// <summary>Copies bytes in: for sources that do not read into <see cref="GetMemory"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(end));
        end += bytes.Length;
    }

    /// <summary>
    /// The body ended: what was gathered without its closing blank line becomes the last event of <see cref="TryRead"/>. (The web standard drops
    /// it; hosts that forget the last blank line are common, and a cut-off event does not parse anyway.)
    /// </summary>
    public override void Complete() => completed = true;

    /// <inheritdoc/>
    public override bool TryRead(out StreamFrame frame)
    {
        frame = default;
        if (TooLarge || !SkipByteOrderMark())
            return false;

        while (NextLine(out var from, out var length))
        {
            if (length > 0)
                TakeField(from, length);
            else if (dataLength >= 0)
                return Dispatch(out frame);
            else
                nameLength = 0;
            DropConsumed();
        }

        if (completed && dataLength >= 0)
            return Dispatch(out frame);
        if (end - start > maxEventBytes)
            return Refuse();
        if (IsEmpty && buffer.Length > KeepBytes)
            Release();
        return false;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        start = line = scan = end = 0;
        dataLength = -1;
        nameLength = 0;
        displacedName = null;
    }

    private bool Dispatch(out StreamFrame frame)
    {
        if (line - start > maxEventBytes)
        {
            frame = default;
            return Refuse();
        }
        var name = displacedName ?? (nameLength > 0 ? buffer.AsSpan(nameStart, nameLength) : default);
        frame = new StreamFrame(name, buffer.AsSpan(dataStart, dataLength));
        dataLength = -1;
        nameLength = 0;
        displacedName = null;
        start = line;
        return true;
    }

    private bool Refuse()
    {
        TooLarge = true;
        Release();
        return false;
    }

    private bool NextLine(out int from, out int length)
    {
        if (skipLineFeed && scan < end)
        {
            // The LF of a CRLF: the CR already ended the line, so that a CR-only stream is not held back.
            skipLineFeed = false;
            if (buffer[scan] == (byte)'\n')
            {
                line = ++scan;
                DropConsumed();
            }
        }
        from = line;
        var at = buffer.AsSpan(scan, end - scan).IndexOfAny((byte)'\n', (byte)'\r');
        if (at >= 0)
        {
            at += scan;
            length = at - line;
            skipLineFeed = buffer[at] == (byte)'\r';
            line = scan = at + 1;
            return true;
        }
        scan = end;
        length = end - line;
        if (!completed || length == 0)
            return false;
        line = end;
        return true;
    }

    private void TakeField(int from, int length)
    {
        var text = buffer.AsSpan(from, length);
        if (text[0] == (byte)':')
        {
            Comments++;
        }
        else if (ValueAt(text, "data"u8) is var value and >= 0)
        {
            AddData(from + value, length - value);
        }
        else if (ValueAt(text, "event"u8) is var name and >= 0)
        {
            nameStart = from + name;
            nameLength = length - name;
            displacedName = null;
        }
    }

    private void AddData(int from, int length)
    {
        if (dataLength < 0)
        {
            dataStart = from;
            dataLength = length;
            return;
        }
        // Later lines move down behind the first: "data" and the line end always leave room for the LF. A name in between would be overwritten.
        var to = dataStart + dataLength;
        if (nameLength > 0 && nameStart >= to && displacedName is null)
            displacedName = buffer.AsSpan(nameStart, nameLength).ToArray();
        buffer[to] = (byte)'\n';
        buffer.AsSpan(from, length).CopyTo(buffer.AsSpan(to + 1));
        dataLength += length + 1;
    }

    private static int ValueAt(ReadOnlySpan<byte> text, ReadOnlySpan<byte> field)
    {
        if (!text.StartsWith(field))
            return -1;
        if (text.Length == field.Length)
            return text.Length;
        if (text[field.Length] != (byte)':')
            return -1;
        return text.Length > field.Length + 1 && text[field.Length + 1] == (byte)' ' ? field.Length + 2 : field.Length + 1;
    }

    private bool SkipByteOrderMark()
    {
        if (pastByteOrderMark)
            return true;
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        var held = buffer.AsSpan(start, end - start);
        if (held.Length < mark.Length && mark.StartsWith(held) && !completed)
            return false;
        pastByteOrderMark = true;
        if (held.StartsWith(mark))
            start = line = scan = start + mark.Length;
        return true;
    }

    // What precedes the unfinished line is needed only while an event is being gathered.
    private void DropConsumed()
    {
        if (dataLength < 0 && nameLength == 0)
            start = line;
    }

    private void MakeRoom(int needed)
    {
        if (IsEmpty)
            start = line = scan = end = 0;
        if (buffer.Length - end >= needed)
            return;
        var held = end - start;
        var target = buffer;
        if (buffer.Length - held < needed || held > buffer.Length / 2)
            target = ArrayPool<byte>.Shared.Rent(Math.Max(InitialBytes, Math.Max(held + needed, Math.Min(buffer.Length * 2, maxEventBytes))));
        buffer.AsSpan(start, held).CopyTo(target);
        if (target != buffer && buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = target;
        line -= start;
        scan -= start;
        dataStart -= start;
        nameStart -= start;
        end = held;
        start = 0;
    }
}
