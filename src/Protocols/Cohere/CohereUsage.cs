using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>
/// Usage (providers contract §2.2, §9). <c>tokens</c> is what the model read and wrote, the vendor's own preamble included; <c>billed_units</c> is what the
/// vendor bills, which leaves the preamble out: both are kept, and the charge is made from the second.
/// </summary>
internal static class CohereUsage
{
    /// <summary>The counts, or null when there is no usable report.</summary>
    public static Usage? Read(JsonElement? usage)
    {
        if (usage is not { ValueKind: JsonValueKind.Object } report)
            return null;
        var tokens = report.Member("tokens"u8) ?? default;
        var billed = report.Member("billed_units"u8) ?? default;
        var (billedPrompt, billedCompletion) = (billed.Count("input_tokens"u8), billed.Count("output_tokens"u8));
        if ((tokens.Count("input_tokens"u8) ?? billedPrompt) is not { } prompt)
            return null;
        return new Usage
        {
            PromptTokens = prompt,
            CompletionTokens = tokens.Count("output_tokens"u8) ?? billedCompletion ?? 0,
            CachedTokens = report.Count("cached_tokens"u8) ?? 0,
            BilledPromptTokens = billedPrompt,
            BilledCompletionTokens = billedCompletion,
        };
    }
}
