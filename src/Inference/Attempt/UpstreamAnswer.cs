using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Framing;

namespace Fairlead.Inference.Attempt;

/// <summary>An answer whose first meaningful event (or whole body) is in hand. Nothing of it has been sent to the caller.</summary>
internal abstract class UpstreamAnswer : IDisposable
{
    /// <summary>The endpoint that answers, as planned.</summary>
    public required RouteCandidate Candidate { get; init; }

    /// <summary>Who it is from, as the caller will see it.</summary>
    public required AnswerIdentity Identity { get; init; }

    /// <summary>Time from the request's arrival to the first token (or the whole body).</summary>
    public required TimeSpan FirstTokenAfter { get; init; }

    /// <summary>What was changed of the request's schemas; null where nobody asked.</summary>
    public SchemaReport? Schemas { get; set; }

    /// <summary>Who is told how the answer ended. Set when the attempt is over.</summary>
    public AttemptRecord Record { get; set; }

    public abstract void Dispose();
}

/// <summary>A non-streamed answer, read and understood.</summary>
internal sealed class WholeAnswer(PooledBody body, AnswerReading reading) : UpstreamAnswer
{
    public PooledBody Body { get; } = body;

    public AnswerReading Reading { get; } = reading;

    public override void Dispose() => Body.Dispose();
}

/// <summary>A streamed answer at its first token: what was translated so far waits in <see cref="Pending"/>.</summary>
internal class StreamedAnswer : UpstreamAnswer
{
    public required HttpResponseMessage Response { get; init; }

    public required Stream Body { get; init; }

    public required FrameReader Frames { get; init; }

    public required StreamTranslator Translator { get; init; }

    public required PooledBody Pending { get; init; }

    public required AttemptWatch Watch { get; init; }

    /// <summary>What the last event translated so far meant.</summary>
    public required StreamStep LastStep { get; init; }

    /// <summary>The attempt reached the end of the upstream's body.</summary>
    public bool BodyEnded { get; init; }

    /// <summary>How long the first token was held back.</summary>
    public TimeSpan HeldFor { get; init; }

    /// <summary>What the upstream said and nobody has been told yet, where the gateway's tools come between; null where <see cref="Translator"/> writes for the caller.</summary>
    public List<AnswerEvent>? Events { get; init; }

    /// <summary>Who counted what is still to be billed.</summary>
    public virtual StreamTranslator Counted => Translator;

    /// <summary>A read the attempt began and did not wait for: the first one of the relay. Null when there is none.</summary>
    public Task<int>? Reading { get; init; }

    public override void Dispose()
    {
        Response.Dispose();
        Body.Dispose();
        Watch.Dispose();
        if (Reading is { IsCompleted: false } late)
            _ = ReleaseAfterAsync(late);
        else
            Frames.Release();
        Translator.Release();
        Pending.Dispose();
    }

    /// <summary>The buffer goes back to its pool when the read that was cut off no longer writes into it.</summary>
    private async Task ReleaseAfterAsync(Task<int> read)
    {
        try
        {
            await read;
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or OperationCanceledException or InvalidDataException or ObjectDisposedException)
        {
            // It was meant to end so.
        }

        Frames.Release();
    }
}
