using System.Text.Json;
using Fairlead.Catalog.Pricing.Recomputation;
using Fairlead.Console.Http;
using Fairlead.Ledger.Generations;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Generations;

/// <summary>The record of one request, for keys of the account that paid (platform §4).</summary>
internal static class GenerationRoutes
{
    // gen-, seconds, dash, 20 characters; anything longer is no id of ours.
    private const int LongestId = 128;

    public static void MapGenerations(this IEndpointRouteBuilder api) =>
        api.MapGet("/generation", GetAsync).WithTags("generation").WithSummary("Tokens, cost and timing of one request.")
            .Produces<GenerationAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(404);

    private static async Task<IResult> GetAsync(string? id, HttpContext http, CallerCheck callers, GenerationStore generations)
    {
        if (!callers.TryIdentify(http, out var caller, out var refusal))
            return refusal;
        if (string.IsNullOrEmpty(id))
            return Answers.Error(GatewayError.Invalid("Invalid request parameters: id is required.", "id"), caller);
        var found = id.Length <= LongestId ? await generations.FindAsync(caller.AccountId, id, http.RequestAborted) : null;
        return found is null
            ? Answers.NotFound($"Generation {(id.Length <= LongestId ? id : id[..LongestId])} not found", caller: caller)
            : TypedResults.Json(new GenerationAnswer(ToGenerationObject(found)), ConsoleJson.Wire.GenerationAnswer);
    }

    private static GenerationObject ToGenerationObject(Generation generation) => new()
    {
        Id = generation.Id,
        UpstreamId = generation.UpstreamId,
        TotalCost = generation.Cost.Dollars,
        Usage = generation.Cost.Dollars,
        CacheDiscount = generation.CacheDiscount?.Dollars,
        UpstreamInferenceCost = generation.IsByok ? generation.UpstreamCost.Dollars : 0,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(generation.CreatedAtMs),
        Model = generation.Model,
        Origin = generation.Origin,
        HttpReferer = generation.Origin.Length > 0 ? generation.Origin : null,
        ExternalUser = generation.ExternalUser,
        ApiType = generation.ApiType,
        ProviderName = generation.ProviderName,
        ProviderResponses = generation.ProviderResponses is { } attempts ? JsonElement.Parse(attempts) : null,
        IsByok = generation.IsByok,
        Streamed = generation.Streamed,
        Cancelled = generation.Cancelled,
        FinishReason = generation.FinishReason,
        NativeFinishReason = generation.NativeFinishReason,
        Latency = generation.LatencyMs,
        ModerationLatency = UsageDetail.ModerationMs(generation.UsageDetail),
        ServiceTier = UsageDetail.TierName(generation.UsageDetail),
        GenerationTime = generation.GenerationMs,
        TokensPrompt = generation.TokensPrompt,
        TokensCompletion = generation.TokensCompletion,
        NativeTokensPrompt = generation.NativeTokensPrompt,
        NativeTokensCompletion = generation.NativeTokensCompletion,
        NativeTokensCompletionImages = generation.NativeTokensCompletionImages,
        NativeTokensReasoning = generation.NativeTokensReasoning,
        NativeTokensCached = generation.NativeTokensCached,
        NumMediaPrompt = generation.MediaPrompt,
        NumInputAudioPrompt = generation.InputAudioPrompt,
        NumMediaCompletion = generation.MediaCompletion,
        NumSearchResults = generation.SearchResults,
        PresetId = generation.PresetId,
        ResponseCacheSourceId = generation.ResponseCacheSourceId,
        SessionId = generation.SessionId,
    };
}
