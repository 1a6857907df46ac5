using BenchmarkDotNet.Attributes;
using Fairlead.Protocols.Sse;

namespace Fairlead.Micro.Protocols;

/// <summary>Splitting an event stream: one event per read, many per read, and cut in the middle.</summary>
[MemoryDiagnoser]
public class SseSplitting
{
    private const int Many = 16;

    private readonly SseFrameReader _frames = new();
    private readonly byte[] _one = [.. "data: "u8, .. ProtocolSamples.Content, .. "\n\n"u8];
    private byte[] _many = [];

    [GlobalSetup]
    public void SetUp() => _many = [.. Enumerable.Repeat(_one, Many).SelectMany(e => e)];

    [Benchmark(Baseline = true)]
    public int OneEventPerRead() => Feed(_one);

    [Benchmark(OperationsPerInvoke = Many)]
    public int ManyEventsPerRead() => Feed(_many);

    [Benchmark]
    public int EventCutInTwo() => Feed(_one.AsSpan(0, 100)) + Feed(_one.AsSpan(100));

    private int Feed(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_frames.GetMemory(bytes.Length).Span);
        _frames.Advance(bytes.Length);
        var length = 0;
        while (_frames.TryRead(out var sse))
            length += sse.Data.Length;
        return length;
    }
}
