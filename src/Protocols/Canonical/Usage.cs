namespace Fairlead.Protocols.Canonical;

/// <summary>
/// Token counts of one answer, normalised (providers contract §2.2): <see cref="PromptTokens"/> is everything the model read, cache reads
/// and writes included; <see cref="CompletionTokens"/> everything it wrote, reasoning included. The price classes are disjoint:
/// uncached prompt = prompt − cached − cache writes.
/// </summary>
public readonly record struct Usage
{
    /// <summary>Everything the model read, in its own tokens.</summary>
    public long PromptTokens { get; init; }
    /// <summary>Everything the model wrote, reasoning included.</summary>
    public long CompletionTokens { get; init; }
    /// <summary>Part of the prompt read from the provider's cache.</summary>
    public long CachedTokens { get; init; }
    /// <summary>Part of the prompt written to the provider's cache, all lifetimes together.</summary>
    public long CacheWriteTokens { get; init; }
    /// <summary>Part of <see cref="CacheWriteTokens"/> written with a lifetime of one hour.</summary>
    public long CacheWrite1hTokens { get; init; }
    /// <summary>Part of the completion spent on reasoning.</summary>
    public long ReasoningTokens { get; init; }
    /// <summary>Part of the prompt that was audio.</summary>
    public long AudioPromptTokens { get; init; }
    /// <summary>Part of both <see cref="CachedTokens"/> and <see cref="AudioPromptTokens"/>: audio read from the cache.</summary>
    public long CachedAudioTokens { get; init; }
    /// <summary>Part of the prompt that was images; 0 where the provider does not count them apart.</summary>
    public long ImagePromptTokens { get; init; }
    /// <summary>Part of both <see cref="CachedTokens"/> and <see cref="ImagePromptTokens"/>: images read from the cache.</summary>
    public long CachedImageTokens { get; init; }
    /// <summary>Part of the prompt that was video.</summary>
    public long VideoPromptTokens { get; init; }
    /// <summary>Part of the completion that was audio.</summary>
    public long AudioCompletionTokens { get; init; }
    /// <summary>Part of the completion that was images.</summary>
    public long ImageCompletionTokens { get; init; }
    /// <summary>Tokens of a predicted output that were used; null when not reported.</summary>
    public long? AcceptedPredictionTokens { get; init; }
    /// <summary>Tokens of a predicted output that were not used; null when not reported.</summary>
    public long? RejectedPredictionTokens { get; init; }
    /// <summary>
    /// Tokens of the prompt the provider bills, where it bills other counts than it read (Cohere, whose preamble is free): the prompt is then charged by this
    /// count alone, at the plain price. Null: what was read is what is billed.
    /// </summary>
    public long? BilledPromptTokens { get; init; }
    /// <summary>As <see cref="BilledPromptTokens"/>, of the completion.</summary>
    public long? BilledCompletionTokens { get; init; }
    /// <summary>Web searches the provider ran.</summary>
    public long WebSearchRequests { get; init; }
    /// <summary>The counts are ours, because the provider reported none or nonsense (P-04, invariant M6).</summary>
    public bool Estimated { get; init; }

    /// <summary>
    /// The provider counted the answer only: <see cref="PromptTokens"/> means nothing, and our own count stands in for it. Default false.
    /// </summary>
    public bool PromptMissing { get; init; }

    /// <summary>Prompt and completion together.</summary>
    public long TotalTokens => PromptTokens + CompletionTokens;
}
