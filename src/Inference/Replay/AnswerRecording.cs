using System.IO.Pipelines;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Replay;

/// <summary>What is sent of one answer, to be kept when it is whole. An answer that is too large is not kept. For one request; not thread-safe.</summary>
internal sealed class AnswerRecording(ResponseReplay replay, InferenceContext context, CanonicalRequest request, CacheKey key, TimeSpan ttl) : IDisposable
{
    private const int Largest = 1024 * 1024;

    private readonly PooledBody sent = new(4096);
    private bool tooLarge;
    private RecordingWriter? writer;

    /// <summary>A writer that passes everything to the caller's.</summary>
    public PipeWriter Through(PipeWriter caller) => writer ??= new RecordingWriter(caller, this);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (tooLarge || (tooLarge = sent.Length + bytes.Length > Largest))
            return;
        bytes.CopyTo(sent.GetSpan(bytes.Length));
        sent.Advance(bytes.Length);
    }

    /// <summary>The answer is whole and paid for. Said before its end leaves: the caller may ask again at once.</summary>
    public void Complete(in RouteCandidate candidate, FinishReason finish, string? nativeFinish)
    {
        if (!tooLarge && finish != FinishReason.Error)
            replay.Keep(context, request, key, ttl, sent.Span, in candidate, finish, nativeFinish);
    }

    public void Dispose() => sent.Dispose();
}
