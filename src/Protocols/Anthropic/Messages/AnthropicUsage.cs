using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// Usage of one answer. Reports are cumulative and may revise one another field by field (providers contract §5.5), so each field holds what was
/// last said about it.
/// </summary>
internal sealed class AnthropicUsage
{
    // Sub-calls are added up: sums stay nonsense instead of overflowing into sense (invariant M6).
    private const long Largest = 1_000_000_000_000;

    private Counts top;
    private Counts? iterations;
    private long? searches;

    /// <summary>Something was reported.</summary>
    public bool Seen { get; private set; }

    /// <summary>Takes one report over what is known.</summary>
    public void Take(JsonElement? report)
    {
        if (report is not { ValueKind: JsonValueKind.Object } usage)
            return;
        Seen = true;
        top = Over(top, usage);
        searches = (usage.Member("server_tool_use"u8) is { } tools ? tools.Count("web_search_requests"u8) : null) ?? searches;
        if (usage.Member("iterations"u8) is not { ValueKind: JsonValueKind.Array } parts || parts.GetArrayLength() == 0)
            return;
        var sum = default(Counts);
        foreach (var part in parts.EnumerateArray())
            sum = sum.Plus(Over(default, part));
        iterations = sum;
    }

    /// <summary>The normalised counts (§2.2). <paramref name="thoughtBytes"/> stands in where the provider does not count thoughts apart.</summary>
    public Usage Normalise(long thoughtBytes)
    {
        // Sub-calls (fallback, advisor, compaction) are all paid for; the top numbers cover only some of them.
        var counts = iterations ?? top;
        var written = counts.CacheWrite ?? (counts.Write5m ?? 0) + (counts.Write1h ?? 0);
        var completion = counts.Output ?? 0;
        return new Usage
        {
            PromptTokens = (counts.Input ?? 0) + written + (counts.CacheRead ?? 0),
            CompletionTokens = completion,
            CachedTokens = counts.CacheRead ?? 0,
            CacheWriteTokens = written,
            CacheWrite1hTokens = counts.Write1h ?? 0,
            // About four bytes are a token: an estimate for display, it changes no charge.
            ReasoningTokens = top.Thinking ?? Math.Min((thoughtBytes + 3) / 4, Math.Max(completion, 0)),
            WebSearchRequests = searches ?? 0,
        };
    }

    private static Counts Over(Counts known, JsonElement usage)
    {
        var split = usage.Member("cache_creation"u8);
        return new Counts(
            usage.Count("input_tokens"u8) ?? known.Input,
            usage.Count("output_tokens"u8) ?? known.Output,
            usage.Count("cache_read_input_tokens"u8) ?? known.CacheRead,
            usage.Count("cache_creation_input_tokens"u8) ?? known.CacheWrite,
            split?.Count("ephemeral_5m_input_tokens"u8) ?? known.Write5m,
            split?.Count("ephemeral_1h_input_tokens"u8) ?? known.Write1h,
            usage.Member("output_tokens_details"u8)?.Count("thinking_tokens"u8) ?? known.Thinking);
    }

    private readonly record struct Counts(long? Input, long? Output, long? CacheRead, long? CacheWrite, long? Write5m, long? Write1h, long? Thinking)
    {
        public Counts Plus(Counts other) => new(
            Sum(Input, other.Input), Sum(Output, other.Output), Sum(CacheRead, other.CacheRead), Sum(CacheWrite, other.CacheWrite),
            Sum(Write5m, other.Write5m), Sum(Write1h, other.Write1h), Sum(Thinking, other.Thinking));

        private static long? Sum(long? a, long? b) => a is null && b is null ? null : Math.Clamp((a ?? 0) + (b ?? 0), -Largest, Largest);
    }
}
