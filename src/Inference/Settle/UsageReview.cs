using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Settle;

/// <summary>Decides which counts are believed: the provider's, unless they are missing, negative or absurd (invariant M6, P-04).</summary>
internal static class UsageReview
{
    /// <summary>The counts to bill and show. <paramref name="refused"/> says that a report was there and not believed.</summary>
    public static Usage Review(Usage? reported, Usage? reportedPrompt, in RouteCandidate candidate, Func<long> countEmitted, out bool refused)
    {
        refused = reported is { } report && !Believable(report, in candidate);
        if (reported is { } good && !refused)
            return good;
        var prompt = reported is null && reportedPrompt is { } early && Believable(early, in candidate)
            ? early
            : new Usage { PromptTokens = candidate.PromptTokens };
        return prompt with
        {
            CompletionTokens = TokenizerGroups.Scale(countEmitted(), candidate.Model.Architecture.Tokenizer),
            Estimated = true,
        };
    }

    /// <summary>The ledger's own check, and no part of a count larger than its whole.</summary>
    internal static bool Believable(in Usage usage, in RouteCandidate candidate)
    {
        var choices = candidate.OutputTokens / Math.Max(1, candidate.OutputCap);
        var cached = usage.CachedTokens + usage.CacheWriteTokens;
        return usage is
        {
            CachedTokens: >= 0, CacheWriteTokens: >= 0, CacheWrite1hTokens: >= 0, AudioPromptTokens: >= 0, VideoPromptTokens: >= 0,
            AudioCompletionTokens: >= 0, ImageCompletionTokens: >= 0, WebSearchRequests: >= 0 and <= 1000,
        }
            && UsageCheck.Judge(usage.PromptTokens, usage.CompletionTokens, cached, usage.ReasoningTokens, candidate.Endpoint.ContextLength, choices) == UsageVerdict.Accepted
            && usage.CacheWrite1hTokens <= usage.CacheWriteTokens
            && usage.AudioPromptTokens <= usage.PromptTokens
            && usage.ReasoningTokens <= usage.CompletionTokens
            && usage.ImageCompletionTokens <= usage.CompletionTokens
            && usage.AudioCompletionTokens <= usage.CompletionTokens;
    }
}
