using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Reads <c>usageMetadata</c> (providers contract §2.2): the cached part lies inside the prompt, thoughts lie beside the candidates.</summary>
internal static class GeminiUsage
{
    /// <summary>The counts, or null for a report that holds none (early events of a stream may name the traffic type only).</summary>
    public static Usage? Read(JsonElement? metadata)
    {
        if (metadata is not { } report || report.Count("promptTokenCount"u8) is not { } prompt)
            return null;
        var tools = report.Count("toolUsePromptTokenCount"u8) ?? 0;
        var thoughts = report.Count("thoughtsTokenCount"u8) ?? 0;
        var candidates = report.Count("candidatesTokenCount"u8)
            ?? Math.Max(0, (report.Count("totalTokenCount"u8) ?? 0) - prompt - tools - thoughts);
        return new Usage
        {
            PromptTokens = Sum(prompt, tools),
            CompletionTokens = Sum(candidates, thoughts),
            CachedTokens = report.Count("cachedContentTokenCount"u8) ?? 0,
            ReasoningTokens = thoughts,
            AudioPromptTokens = OfKind(report, "promptTokensDetails"u8, "AUDIO"),
            ImagePromptTokens = OfKind(report, "promptTokensDetails"u8, "IMAGE"),
            VideoPromptTokens = OfKind(report, "promptTokensDetails"u8, "VIDEO"),
            CachedAudioTokens = OfKind(report, "cacheTokensDetails"u8, "AUDIO"),
            CachedImageTokens = OfKind(report, "cacheTokensDetails"u8, "IMAGE"),
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
                sum = Sum(sum, detail.Count("tokenCount"u8) ?? 0);
        }
        return sum;
    }

    // A part below zero must not hide in a sum above it (invariant M6).
    private static long Sum(long a, long b) => a < 0 || b < 0 ? Math.Min(a, b) : a + b;
}
