using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Settle;

/// <summary>Decides which counts are believed: the provider's, unless they are missing, negative or absurd (invariant M6, P-04).</summary>
internal static class UsageReview
{
    /// <summary>The counts to bill and show. <paramref name="refused"/> says that a report was there and not believed. <paramref name="images"/> is how many the answer has, which <paramref name="countEmitted"/> counts too.</summary>
    public static Usage Review(Usage? reported, Usage? reportedPrompt, in RouteCandidate candidate, Func<long> countEmitted, int images, out bool refused)
    {
        if (reported is { PromptMissing: true } half)
            reported = half with { PromptTokens = candidate.PromptTokens, PromptMissing = false, Estimated = true };
        refused = reported is { } report && !Believable(report, in candidate);
        if (reported is { } good && !refused && good.CompletionTokens > 0)
            return good;
        var drawn = (long)images * OutputMeter.TokensPerImage;
        var written = TokenizerGroups.Scale(Math.Max(0, countEmitted() - drawn), candidate.Model.Architecture.Tokenizer) + drawn;
        // Nothing written by the report and yet there is text: a host that does not count, or a running report of before the first word.
        if (reported is { } empty && !refused)
            return written == 0 ? empty : empty with { CompletionTokens = written, ImageCompletionTokens = drawn, BilledCompletionTokens = null, Estimated = true };
        var prompt = reported is null && reportedPrompt is { } early && Believable(early, in candidate)
            ? early
            : new Usage { PromptTokens = candidate.PromptTokens };
        return prompt with { CompletionTokens = written, ImageCompletionTokens = drawn, BilledCompletionTokens = null, Estimated = true };
    }

    /// <summary>The ledger's own check, and no part of a count larger than its whole.</summary>
    internal static bool Believable(in Usage usage, in RouteCandidate candidate)
    {
        var choices = candidate.OutputTokens / Math.Max(1, candidate.OutputCap);
        var cached = usage.CachedTokens + usage.CacheWriteTokens;
        return usage is
        {
            CachedTokens: >= 0, CacheWriteTokens: >= 0, CacheWrite1hTokens: >= 0, AudioPromptTokens: >= 0, VideoPromptTokens: >= 0, CachedAudioTokens: >= 0, ImagePromptTokens: >= 0, CachedImageTokens: >= 0,
            AudioCompletionTokens: >= 0, ImageCompletionTokens: >= 0, WebSearchRequests: >= 0 and <= 1000,
        }
            && UsageCheck.Judge(usage.PromptTokens, usage.CompletionTokens, cached, usage.ReasoningTokens, (long)candidate.Endpoint.ContextLength * Math.Max(1, candidate.Windows), choices) == UsageVerdict.Accepted
            && usage.BilledPromptTokens is null or >= 0 && usage.BilledCompletionTokens is null or >= 0
            && usage.BilledPromptTokens.GetValueOrDefault() <= usage.PromptTokens && usage.BilledCompletionTokens.GetValueOrDefault() <= usage.CompletionTokens
            && usage.CacheWrite1hTokens <= usage.CacheWriteTokens
            && usage.AudioPromptTokens + usage.ImagePromptTokens + usage.VideoPromptTokens <= usage.PromptTokens
            && usage.CachedAudioTokens + usage.CachedImageTokens <= usage.CachedTokens
            && usage.ReasoningTokens <= usage.CompletionTokens
            && usage.ImageCompletionTokens <= usage.CompletionTokens
            && usage.AudioCompletionTokens <= usage.CompletionTokens;
    }
}
