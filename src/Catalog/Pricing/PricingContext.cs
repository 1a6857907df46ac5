namespace Fairlead.Catalog.Pricing;

/// <summary>Facts of a request beyond its tokens that prices may depend on.</summary>
public readonly record struct PricingContext
{
    /// <summary>Images in the prompt.</summary>
    public int Images { get; init; }
    /// <summary>Calls of the provider that the tokens are of, where there were several (the loop of server tools); 0 is one.</summary>
    public int Turns { get; init; }
    /// <summary>The longest prompt among several turns, which decides about prices above a length; null for one turn.</summary>
    public long? LargestPrompt { get; init; }
    /// <summary>When the request arrived: some prices hold only at certain hours (UTC).</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>What an answer costs, in US dollars, exact: not rounded yet. The parts are disjoint and add up to <see cref="Total"/>.</summary>
public readonly record struct CostBreakdown
{
    /// <summary>Everything the model read: uncached, cached, written to the cache, audio, images in.</summary>
    public required decimal PromptCost { get; init; }
    /// <summary>Everything it wrote: text, reasoning, audio, images out.</summary>
    public required decimal CompletionCost { get; init; }
    /// <summary>Per-request price and searches.</summary>
    public required decimal RequestCost { get; init; }
    /// <summary>Cached tokens at full price minus what they cost (P35): negative when writing cost more; null when no caching took place.</summary>
    public decimal? CacheDiscount { get; init; }
    /// <summary>All of it.</summary>
    public decimal Total => PromptCost + CompletionCost + RequestCost;
    /// <summary>What is charged: the total, rounded once, half-even to 10⁻¹² dollars (I-32). Throws past 9.2 million dollars.</summary>
    public Ledger.Credits Charge => Ledger.Credits.Round(Total);
}
