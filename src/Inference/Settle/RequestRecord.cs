using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Settle;

/// <summary>What the record of a request says whoever answered it.</summary>
internal static class RequestRecord
{
    /// <summary>The record, to be completed with who answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="attempts">Every attempt, as the record has them; null where none was made.</param>
    /// <param name="decision">How it was routed; null where it was not.</param>
    public static Generation Of(InferenceContext context, CanonicalRequest request, string? attempts = null, string? decision = null)
    {
        var headers = context.Http.Request.Headers;
        return new Generation
        {
            Id = context.GenerationId,
            AccountId = context.Key!.AccountId,
            KeyId = context.Key.Id,
            CreatedAtMs = context.ArrivedAt.ToUnixTimeMilliseconds(),
            Model = "",
            ModelPermaslug = "",
            ApiType = ApiTypeOf(request),
            Cost = Credits.Zero,
            CatalogVersion = context.Catalog.Version,
            // The name the contract has for it (inference §2); browsers send the other by themselves.
            Origin = Bounded(headers["HTTP-Referer"]) ?? Bounded(headers.Referer) ?? "",
            AppTitle = Bounded(headers["X-OpenRouter-Title"]) ?? Bounded(headers["X-Title"]),
            ExternalUser = request.User,
            SessionId = request.SessionId,
            PresetId = context.Preset?.Preset.Id,
            Streamed = request.Stream,
            MediaPrompt = request.Content.Images + request.Content.Files + request.Content.Videos,
            InputAudioPrompt = request.Content.Audio,
            ProviderResponses = attempts,
            RouteDecision = decision,
        };
    }

    /// <summary>One of <see cref="ApiTypes"/>.</summary>
    public static string ApiTypeOf(CanonicalRequest request) => request.Embeddings is null ? ApiTypes.Completions : ApiTypes.Embeddings;

    private static string? Bounded(string? header) => string.IsNullOrEmpty(header) ? null : header.Length <= 512 ? header : header[..512];
}
