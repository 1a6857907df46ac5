using System.Buffers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// The embeddings of one upstream wire format: pure mapping in both directions, no I/O, no state. Everything a provider sends is untrusted: no method throws
/// on any bytes, a failure is a value.
/// </summary>
public interface IEmbeddingDialect : IUpstreamFormat
{
    /// <summary>Inputs one call may have; more are sent in several.</summary>
    int MostInputs(UpstreamTarget target);

    /// <summary>Tokens one call may have, all inputs together.</summary>
    int MostTokens(UpstreamTarget target) => int.MaxValue;

    /// <summary>Writes the body of one call. Returns a failure where the inputs cannot be said in this format.</summary>
    GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output);

    /// <summary>Reads an answer (status 2xx) to a call with <paramref name="inputs"/> inputs. <paramref name="header"/> looks a response header up.</summary>
    EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header);
}

/// <summary>An answer with embeddings, as far as the gateway needs to understand it.</summary>
public sealed record EmbeddingReading
{
    /// <summary>A body that is no usable answer: another endpoint is asked.</summary>
    internal static EmbeddingReading Unusable(string why) => new()
    {
        Failure = new UpstreamFailure { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Status = 200, Message = why },
    };

    /// <summary>Set when the answer cannot be used; everything else is then meaningless.</summary>
    public UpstreamFailure? Failure { get; init; }
    /// <summary>The vectors in the order of the inputs: each a JSON array of numbers, or a JSON string of base64. Slices of the body.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Vectors { get; init; } = [];
    /// <summary>Tokens as the provider counted them; null when it did not say.</summary>
    public long? PromptTokens { get; init; }
    /// <summary>The part of them that was images, where the provider counts them apart.</summary>
    public long ImageTokens { get; init; }
    /// <summary>The provider's id of the answer, or null.</summary>
    public string? UpstreamId { get; init; }
}
