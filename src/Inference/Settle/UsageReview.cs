using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Settle;

/// <summary>Decides which counts are believed: the provider's, unless they are missing, negative or absurd (invariant M6, P-04).</summary>
internal static class UsageReview
{
    /// <summary>The counts to bill and show. <paramref name="refused"/> says that a report was there and not believed.</summary>
    public static Usage Review(Usage? reported, Usage? reportedPrompt, in RouteCandidate candidate, Func<long> countEmitted, out bool refused)
    {
        refused = reported is { } report && !Believable(report, candidate.Endpoint.ContextLength, candidate.Endpoint.MaxCompletionTokens);
        if (reported is { } good && !refused)
            return good;
        var prompt = reported is null && reportedPrompt is { } early && Believable(early, candidate.Endpoint.ContextLength, candidate.Endpoint.MaxCompletionTokens)
            ? early
            : new Usage { PromptTokens = candidate.PromptTokens };
        return prompt with
        {
            CompletionTokens = TokenizerGroups.Scale(countEmitted(), candidate.Model.Architecture.Tokenizer),
            Estimated = true,
        };
    }

    /// <summary>No negative count, no part larger than its whole, nothing above twice what the context window allows.</summary>
    internal static bool Believable(in Usage usage, int contextLength, int? maxCompletion)
    {
        var most = 2L * Math.Max(contextLength, maxCompletion ?? 0);
        return usage is
        {
            PromptTokens: >= 0, CompletionTokens: >= 0, CachedTokens: >= 0, CacheWriteTokens: >= 0, CacheWrite1hTokens: >= 0, ReasoningTokens: >= 0,
            AudioPromptTokens: >= 0, VideoPromptTokens: >= 0, AudioCompletionTokens: >= 0, ImageCompletionTokens: >= 0, WebSearchRequests: >= 0 and <= 1000,
        }
            && usage.PromptTokens <= most && usage.CompletionTokens <= most
            && usage.CachedTokens <= usage.PromptTokens && usage.CacheWriteTokens <= usage.PromptTokens - usage.CachedTokens
            && usage.CacheWrite1hTokens <= usage.CacheWriteTokens
            && usage.ReasoningTokens <= usage.CompletionTokens
            && usage.AudioPromptTokens <= usage.PromptTokens && usage.ImageCompletionTokens <= usage.CompletionTokens
            && usage.AudioCompletionTokens <= usage.CompletionTokens;
    }
}
