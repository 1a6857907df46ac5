using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>Usage (providers contract §2.2). Both counts include their details.</summary>
internal static class ResponsesUsage
{
    /// <summary>The counts, or null when there is no usable report. <paramref name="searches"/>: web searches seen among the items.</summary>
    public static Usage? Read(JsonElement? usage, int searches)
    {
        if (usage is not { ValueKind: JsonValueKind.Object } report)
            return null;
        var (prompt, completion) = (report.Count("input_tokens"u8), report.Count("output_tokens"u8));
        if (prompt is null && completion is null)
            return null;
        var read = report.Member("input_tokens_details"u8) ?? default;
        var written = report.Member("output_tokens_details"u8) ?? default;
        return new Usage
        {
            PromptTokens = prompt ?? 0,
            CompletionTokens = completion ?? 0,
            CachedTokens = read.Count("cached_tokens"u8) ?? 0,
            CacheWriteTokens = read.Count("cache_write_tokens"u8) ?? 0,
            ReasoningTokens = written.Count("reasoning_tokens"u8) ?? 0,
            WebSearchRequests = searches,
        };
    }
}
