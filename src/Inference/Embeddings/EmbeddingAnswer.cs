using Fairlead.Inference.Attempt;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Embeddings;

/// <summary>The vectors of a request, all calls together. They are slices of the bodies, which it keeps.</summary>
internal sealed class EmbeddingAnswer : UpstreamAnswer
{
    public EmbeddingAnswer(IReadOnlyList<EmbeddingPart> parts)
    {
        Parts = parts;
        Vectors = [.. parts.SelectMany(static part => part.Reading.Vectors)];
    }

    /// <summary>In the order of the inputs.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Vectors { get; }

    /// <summary>The sum over the calls; null where one of them reported nothing.</summary>
    public Usage? Usage
    {
        get
        {
            var (tokens, images) = (0L, 0L);
            foreach (var part in Parts)
            {
                if (part.Reading.PromptTokens is not { } counted)
                    return null;
                tokens += counted;
                images += part.Reading.ImageTokens;
            }

            return new Usage { PromptTokens = tokens, ImagePromptTokens = images };
        }
    }

    /// <summary>The provider's id of the only call, or of the first.</summary>
    public string? UpstreamId => Parts[0].Reading.UpstreamId;

    private IReadOnlyList<EmbeddingPart> Parts { get; }

    public override void Dispose()
    {
        foreach (var part in Parts)
            part.Body.Dispose();
    }
}

/// <summary>The answer to one call.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="Reading">What they say; refers to them.</param>
internal sealed record EmbeddingPart(PooledBody Body, EmbeddingReading Reading);
