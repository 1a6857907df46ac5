using System.ComponentModel.DataAnnotations;

namespace Fairlead.Inference;

/// <summary>
/// Limits of the hot path that the host sets at start. What an operator changes while it runs is in the catalog snapshot
/// (<see cref="Catalog.Configuration.GatewayOptions"/>).
/// </summary>
public sealed class InferenceOptions
{
    /// <summary>Largest non-streamed answer accepted from a provider, in bytes. The default value is 64 MiB. Value must be 1 KiB to 2 GiB.</summary>
    [Range(1024, 1L << 31)]
    public long MaxAnswerBytes { get; set; } = 64L << 20;

    /// <summary>Largest single event accepted from a provider's stream, in bytes. The default value is 32 MiB: an image arrives in one event, of 4K size in 20 MiB and more.</summary>
    [Range(1024, 1 << 30)]
    public int MaxEventBytes { get; set; } = 32 << 20;

    /// <summary>Output tokens held when the caller gives no maximum, and the step in which a stream's hold grows. The default value is 8192 (I-63).</summary>
    [Range(16, 1_000_000)]
    public int HoldOutputTokens { get; set; } = 8192;

    /// <summary>
    /// Tokens of an answer of usual length, each choice: what <c>/cost/simulate</c> expects where the request and the endpoint allow as many. The
    /// default value is 500.
    /// </summary>
    [Range(1, 1_000_000)]
    public int UsualOutputTokens { get; set; } = 500;

    /// <summary>Show the provider's trimmed error body in <c>error.metadata.raw</c>. The default value is true (I-59).</summary>
    public bool ShowRawProviderErrors { get; set; } = true;

    /// <summary>Largest remote image fetched for a provider that cannot take addresses, in bytes. The default value is 20 MiB (I-14).</summary>
    [Range(1024, 1 << 30)]
    public int MaxFetchedImageBytes { get; set; } = 20 << 20;

    /// <summary>Time to fetch one remote image, in seconds. The default value is 30 (I-14).</summary>
    [Range(1, 600)]
    public double FetchImageSeconds { get; set; } = 30;

    /// <summary>Secret that keys the hashed end-user identity sent upstream (I-65). Set by the host from <c>FAIRLEAD_SECRET</c>.</summary>
    public byte[] Secret { get; set; } = [];

    /// <summary>Web origin named in error texts (<c>{web}/credits</c>); null leaves a relative address.</summary>
    public string? WebOrigin { get; set; }
}
