using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Reads <c>usageMetadata</c> (providers contract §2.2): the cached part lies inside the prompt, thoughts lie beside the candidates.</summary>
internal static class GeminiUsage
{
    // Far beyond any context window: keeps sums from overflowing while nonsense stays recognisable as nonsense (invariant M6).
    private const long Largest = 1_000_000_000_000;

    /// <summary>The counts, or null for a report that holds none (early events of a stream may name the traffic type only).</summary>
    public static Usage? Read(JsonElement? metadata)
    {
        if (metadata is not { } report || Count(report, "promptTokenCount"u8) is not { } prompt)
            return null;
        var tools = Count(report, "toolUsePromptTokenCount"u8) ?? 0;
        var thoughts = Count(report, "thoughtsTokenCount"u8) ?? 0;
        var candidates = Count(report, "candidatesTokenCount"u8)
            ?? Math.Max(0, (Count(report, "totalTokenCount"u8) ?? 0) - prompt - tools - thoughts);
        return new Usage
        {
            PromptTokens = prompt + tools,
            CompletionTokens = candidates + thoughts,
            CachedTokens = Count(report, "cachedContentTokenCount"u8) ?? 0,
            ReasoningTokens = thoughts,
            AudioPromptTokens = OfKind(report, "promptTokensDetails"u8, "AUDIO"),
            VideoPromptTokens = OfKind(report, "promptTokensDetails"u8, "VIDEO"),
            AudioCompletionTokens = OfKind(report, "candidatesTokensDetails"u8, "AUDIO"),
            ImageCompletionTokens = OfKind(report, "candidatesTokensDetails"u8, "IMAGE"),
        };
    }

    private static long OfKind(JsonElement report, ReadOnlySpan<byte> details, string modality)
    {
        var sum = 0L;
        foreach (var detail in report.Items(details))
        {
            if (detail.Text("modality"u8) == modality)
                sum = Math.Min(sum + (Count(detail, "tokenCount"u8) ?? 0), Largest);
        }
        return sum;
    }

    private static long? Count(JsonElement report, ReadOnlySpan<byte> name) =>
        report.Whole(name) is { } count ? Math.Clamp(count, -Largest, Largest) : null;
}
