using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>An endpoint's window and what a request needs of it (routing R-43).</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Output">What of the window is for the output: as much as asked for, else what the endpoint may write, at most a quarter.</param>
/// <param name="Prompt">Estimated tokens of the whole prompt.</param>
/// <param name="Tokenizer">The model's tokenizer group.</param>
internal readonly record struct PromptWindow(ModelEndpoint Endpoint, int Output, int Prompt, string? Tokenizer)
{
    /// <summary>Endpoints with windows up to this are compressed for unasked.</summary>
    private const int Small = 8192;

    /// <summary>Tokens a compressed prompt may have.</summary>
    public int Budget => Math.Min(Endpoint.ContextLength - Output, Endpoint.MaxPromptTokens ?? int.MaxValue);

    public static bool IsSmall(ModelEndpoint endpoint) => endpoint.ContextLength <= Small;

    public static PromptWindow Of(ModelEndpoint endpoint, Model model, CanonicalRequest request)
    {
        var quarter = Math.Max(1, endpoint.ContextLength / 4);
        var tokenizer = model.Architecture.Tokenizer;
        return new PromptWindow(
            endpoint, request.MaxTokens ?? Math.Min(endpoint.MaxCompletionTokens ?? quarter, quarter), RoutePlanner.PromptTokens(request.Content, tokenizer), tokenizer);
    }

    /// <summary>The window, where the prompt will be shortened to it; null where it is sent as it is.</summary>
    public static PromptWindow? ToShorten(PromptFit fit, ModelEndpoint endpoint, Model model, CanonicalRequest request)
    {
        if (fit == PromptFit.Whole || (fit == PromptFit.ShortenedIfSmall && !IsSmall(endpoint)) || WritesOnlyImages(model))
            return null;
        var window = Of(endpoint, model, request);
        var fits = fit == PromptFit.ShortenedIfSmall ? Holds(endpoint, window.Prompt, request) : window.Prompt <= window.Budget;
        return fits ? null : window;
    }

    /// <summary>
    /// Prompt and output fit the endpoint. 5 % less than estimated: the count may be too high, and excluding wrongly is worse than the provider's own refusal.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="prompt">Estimated tokens of the prompt.</param>
    /// <param name="request">The request.</param>
    /// <param name="part">One over the part that counts: 2 where the other half may be left out .</param>
    public static bool Holds(ModelEndpoint endpoint, int prompt, CanonicalRequest request, int part = 1)
    {
        var least = Least(prompt);
        var output = request.MaxTokens ?? (request.Embeddings is null ? 1 : 0);
        return !IsOverPrompt(endpoint, prompt, part) && ((long)least + output) / part <= endpoint.ContextLength;
    }

    /// <summary>The prompt alone is longer than the endpoint's <c>max_prompt_tokens</c>.</summary>
    public static bool IsOverPrompt(ModelEndpoint endpoint, int prompt, int part = 1) => Least(prompt) / part > (endpoint.MaxPromptTokens ?? int.MaxValue);

    private static int Least(int prompt) => prompt - (prompt / 20);

    /// <summary>Compression is not for them (routing §11.5).</summary>
    private static bool WritesOnlyImages(Model model) => model.Architecture.OutputModalities is ["image"];

    /// <summary>A prompt that holds so much fits.</summary>
    public bool Takes(ContentFacts content) => RoutePlanner.PromptTokens(content, Tokenizer) <= Budget;
}
