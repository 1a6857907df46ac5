using System.Buffers.Binary;
using System.Text;
using Fairlead.Protocols.Framing;
using Fairlead.Protocols.Sse;
using Fairlead.Protocols.Tests.Framing;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>The framings of streams: the same events come out wherever the bytes were cut, and no more bytes than went in.</summary>
internal static class FramingTargets
{
    private const int Most = 4096;

    public static IEnumerable<FuzzTarget> All =>
    [
        new("sse", [.. new[] { "data: {\"a\":1}\n\n", ": ping\r\n\r\nevent: x\r\ndata: é\r\ndata:\r\n\r\ndata: [DONE]\n\n", "\uFEFFid: 1\nretry: 5\ndata\ndata: b\n\ndata: last" }.Select(Encoding.UTF8.GetBytes)],
            (bytes, random) => Read(static () => new SseFrameReader(Most), bytes, random)),
        new("json-lines", [.. new[] { "{\"a\":1}\n{\"b\":2}\r\n\n", " {\"é\":\"☃\"} \n{\"last\":true}" }.Select(Encoding.UTF8.GetBytes)],
            (bytes, random) => Read(static () => new JsonLinesReader(Most), bytes, random)),
        new("aws-event-stream", [AwsMessages.Event("messageStart", "{\"role\":\"assistant\"}"), [.. AwsMessages.Event("chunk", "{\"bytes\":\"e30=\"}"), .. AwsMessages.Failure("throttlingException", "{\"message\":\"slow\"}")]],
            (bytes, random) => Read(static () => new AwsEventStreamReader(Most), random.Next(3) > 0 ? WithChecksums(bytes) : bytes, random)),
    ];

    private static void Read(Func<FrameReader> reader, byte[] bytes, Random random)
    {
        var whole = Frames.Read(reader(), bytes, Math.Max(1, bytes.Length));
        Assert.Equal(whole, Frames.Read(reader(), bytes, 1));
        Assert.Equal(whole, Frames.Read(reader(), bytes, random.Next(2, 40)));
        Assert.InRange(whole.Sum(frame => frame.Length), 0, bytes.Length + (2 * whole.Count));
    }

    /// <summary>With the checksums put right, damage reaches what lies behind them.</summary>
    private static byte[] WithChecksums(byte[] bytes)
    {
        var all = (byte[])bytes.Clone();
        for (var at = 0; all.Length - at >= 16;)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(all.AsSpan(at)), int.MaxValue);
            BinaryPrimitives.WriteUInt32BigEndian(all.AsSpan(at + 8), Crc32.Of(all.AsSpan(at, 8)));
            if (length < 16 || length > all.Length - at)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(all.AsSpan(at + length - 4), Crc32.Of(all.AsSpan(at, length - 4)));
            at += length;
        }

        return all;
    }
}
