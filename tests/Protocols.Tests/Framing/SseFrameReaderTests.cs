using System.Text;
using Fairlead.Protocols.Sse;

namespace Fairlead.Protocols.Tests.Framing;

public sealed class SseFrameReaderTests
{
    [Theory]
    [InlineData("data: one\n\n", "|one")]
    [InlineData("data:one\n\ndata: two\n\n", "|one;|two")]
    [InlineData("data: one\r\n\r\ndata: two\r\n\r\n", "|one;|two")]
    [InlineData("data: one\r\rdata: two\r\r", "|one;|two")]
    [InlineData("event: message_start\ndata: {}\n\n", "message_start|{}")]
    [InlineData("data: {}\nevent: late\n\n", "late|{}")]
    [InlineData("data: a\nevent: between\ndata: b\ndata: c\n\n", "between|a\nb\nc")]
    [InlineData("data: a\r\ndata\r\ndata:\r\ndata:  b\r\n\r\n", "|a\n\n\n b")]
    [InlineData("data:\n\n", "|")]
    [InlineData("event: ping\n\ndata: x\n\n", "|x")]
    [InlineData(": comment\n\n:another\ndata: x\n\n", "|x")]
    [InlineData("id: 7\nretry: 10\nunknown: y\nnocolon\ndata: x\n\n", "|x")]
    [InlineData("data: x\n: in the middle\ndata: y\n\n", "|x\ny")]
    [InlineData("database: no\neventful: no\ndata: yes\n\n", "|yes")]
    [InlineData("event: a\nevent: b\ndata: x\n\n", "b|x")]
    [InlineData("\uFEFFdata: x\n\n", "|x")]
    [InlineData("data: unended", "|unended")]
    [InlineData("data: half\n", "|half")]
    [InlineData("\n\n\r\n\r\r\n", "")]
    [InlineData("", "")]
    public void Stream_IsSplit_WhateverTheCut(string stream, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        Assert.Equal(expected, Read(bytes, [bytes.Length]));
        Assert.Equal(expected, Read(bytes, Enumerable.Repeat(1, bytes.Length)));
        for (var cut = 1; cut < bytes.Length; cut++)
            Assert.Equal(expected, Read(bytes, [cut, bytes.Length - cut]));
    }

    [Fact]
    public void Comments_AreCounted()
    {
        var reader = new SseFrameReader();
        reader.Append(": OPENROUTER PROCESSING\n\n: again\n\n"u8);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(2, reader.Comments);
        Assert.True(reader.IsEmpty);
    }

    [Fact]
    public void CarriageReturnAlone_EndsTheEventAtOnce()
    {
        var reader = new SseFrameReader();
        reader.Append("data: x\r\r"u8);
        Assert.True(reader.TryRead(out var sse));
        Assert.Equal("x", Encoding.UTF8.GetString(sse.Data));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4000)]
    public void EventBeyondTheLimit_FailsAndHoldsNothing(int chunk)
    {
        var reader = new SseFrameReader(maxEventBytes: 1000);
        var stream = Encoding.UTF8.GetBytes("data: fine\n\ndata: " + new string('x', 2000) + "\n\ndata: after\n\n");
        var seen = new List<string>();
        for (var at = 0; at < stream.Length; at += chunk)
        {
            reader.Append(stream.AsSpan(at, Math.Min(chunk, stream.Length - at)));
            while (reader.TryRead(out var sse))
                seen.Add(Encoding.UTF8.GetString(sse.Data));
            if (reader.TooLarge)
                break;
        }
        Assert.True(reader.TooLarge);
        Assert.Equal(["fine"], seen);
        Assert.True(reader.IsEmpty);
    }

    [Fact]
    public void EndlessCommentsInsideAnEvent_AreBounded()
    {
        var reader = new SseFrameReader(maxEventBytes: 1000);
        reader.Append("data: x\n"u8);
        for (var i = 0; i < 1000 && !reader.TooLarge; i++)
        {
            reader.Append(": more\n"u8);
            Assert.False(reader.TryRead(out _));
        }
        Assert.True(reader.TooLarge);
    }

    [Fact]
    public void LargeEvent_ArrivesWholeAndBufferIsGivenBack()
    {
        var reader = new SseFrameReader();
        var text = new string('é', 300_000);
        var stream = Encoding.UTF8.GetBytes($"data: {text}\n\ndata: small\n\n");
        Assert.Equal($"|{text};|small", Read(stream, Enumerable.Repeat(1000, stream.Length / 1000 + 1), reader));
    }

    [Fact]
    public void ReleasedReader_GoesOnWithTheNextEvent()
    {
        var reader = new SseFrameReader();
        reader.Append("data: lost"u8);
        Assert.False(reader.TryRead(out _));
        reader.Release();
        reader.Append("data: kept\n\n"u8);
        Assert.True(reader.TryRead(out var sse));
        Assert.Equal("kept", Encoding.UTF8.GetString(sse.Data));
        reader.Release();
    }

    [Fact]
    public void TokenEvent_AllocatesNothing()
    {
        var reader = new SseFrameReader();
        var chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n"u8;
        var events = 0;
        for (var i = 0; i < 100; i++)
            events += ReadOne(reader, chunk);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            events += ReadOne(reader, chunk);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1100, events);
    }

    [Fact]
    public void RandomBytes_NeverThrow_AndCutsDoNotMatter()
    {
        var random = new Random(20261120);
        var alphabet = "data: event:\r\n\r\n:x{}\uFEFF"u8.ToArray();
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(60)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = random.Next(8) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            Assert.Equal(Read(bytes, [bytes.Length]), Read(bytes, Enumerable.Repeat(1, bytes.Length)));
        }
    }

    private static int ReadOne(SseFrameReader reader, ReadOnlySpan<byte> chunk)
    {
        chunk.CopyTo(reader.GetMemory(chunk.Length).Span);
        reader.Advance(chunk.Length);
        var events = 0;
        while (reader.TryRead(out _))
            events++;
        return events;
    }

    private static string Read(byte[] stream, IEnumerable<int> sizes, SseFrameReader? reader = null)
    {
        reader ??= new SseFrameReader();
        var events = new List<string>();
        var at = 0;
        foreach (var size in sizes)
        {
            var take = Math.Min(size, stream.Length - at);
            reader.Append(stream.AsSpan(at, take));
            at += take;
            Drain();
        }
        reader.Complete();
        Drain();
        reader.Release();
        return string.Join(';', events);

        void Drain()
        {
            while (reader.TryRead(out var sse))
                events.Add($"{Encoding.UTF8.GetString(sse.Name)}|{Encoding.UTF8.GetString(sse.Data)}");
        }
    }
}
