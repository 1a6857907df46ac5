using System.Globalization;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Models;

/// <summary>From catalog models to what the wire shows of them.</summary>
internal static class ModelMapping
{
    private static readonly PriceSheet Free = new() { Prompt = 0, Completion = 0 };

    /// <summary>
    /// The endpoints a caller may see: live ones, or all where the operator lists everything; never staged or disabled ones (P13).
    /// </summary>
    public static IEnumerable<ModelEndpoint> Visible(CatalogSnapshot catalog, Model model)
    {
        // Nobody offers a router; the model it chooses has endpoints.
        if (model.Router != RouterKind.None)
            return [];
        // An alias has no endpoints of its own.
        var served = model.AliasTarget is { } target ? catalog.Find(target) ?? model : model;
        return (catalog.Options.ListAll ? served.Endpoints : served.LiveEndpoints).Where(endpoint => EndpointStatus.WhyWithheld(endpoint.Status) is null);
    }

    /// <summary>
    /// What a model's tokens cost: its cheapest visible endpoint's prices; nothing with the routers that are free; null where that is not known beforehand.
    /// </summary>
    public static PriceSheet? Prices(CatalogSnapshot catalog, Model model) =>
        model.Router is RouterKind.Free or RouterKind.BodyBuilder ? Free : Top(catalog, model)?.Pricing;

    /// <summary>The cheapest visible endpoint by prompt and completion price together: its prices and limits are the model's (platform §3.1).</summary>
    public static ModelEndpoint? Top(CatalogSnapshot catalog, Model model) =>
        Visible(catalog, model).MinBy(endpoint => endpoint.Pricing.Prompt + endpoint.Pricing.Completion);

    public static ModelObject ToModelObject(CatalogSnapshot catalog, Model model)
    {
        var top = Top(catalog, model);
        return new()
        {
            Id = model.Id,
            CanonicalSlug = model.CanonicalSlug,
            HuggingFaceId = model.HuggingFaceId,
            Name = model.Name,
            Created = model.Created,
            ContextLength = model.ContextLength,
            Architecture = ToArchitectureObject(model.Architecture),
            Pricing = Prices(catalog, model) is { } prices ? PricingObject.From(prices) : PricingObject.Unknown,
            TopProvider = new()
            {
                ContextLength = top?.ContextLength,
                MaxCompletionTokens = top?.MaxCompletionTokens,
                IsModerated = top?.IsModerated ?? false,
            },
            SupportedParameters = model.SupportedParameters,
            DefaultParameters = ToDefaults(model.DefaultParameters),
            KnowledgeCutoff = model.KnowledgeCutoff,
            ExpirationDate = model.ExpirationDate,
            Links = new($"/api/v1/models/{model.CanonicalSlug}{Variant(model)}/endpoints"),
            Reasoning = model.Reasoning is { } reasoning ? ToReasoningObject(reasoning) : null,
            AliasTarget = model.AliasTarget is { } slug && catalog.Find(slug) is { } target ? new(target.Name, target.Id) : null,
        };
    }

    // The permanent slug of a variant's row is the one of its base model; without the suffix the link would lead there.
    private static string Variant(Model model) =>
        model.Id.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 && !model.CanonicalSlug.Contains(':', StringComparison.Ordinal) ? model.Id[at..] : "";

    public static ArchitectureObject ToArchitectureObject(Architecture architecture) => new()
    {
        Modality = architecture.Modality,
        InputModalities = architecture.InputModalities,
        OutputModalities = architecture.OutputModalities,
        Tokenizer = architecture.Tokenizer ?? "Other",
        InstructType = architecture.InstructType,
    };

    private static ReasoningObject ToReasoningObject(ReasoningSupport reasoning) => new()
    {
        Mandatory = reasoning.Mandatory,
        DefaultEnabled = reasoning.DefaultEnabled,
        SupportedEfforts = reasoning.SupportedEfforts.Count > 0 ? reasoning.SupportedEfforts : null,
        DefaultEffort = reasoning.DefaultEffort,
        SupportsMaxTokens = reasoning.SupportsMaxTokens,
    };

    private static DefaultParametersObject? ToDefaults(IReadOnlyDictionary<string, string?> defaults)
    {
        if (defaults.Count == 0)
            return null;
        decimal? Of(string name) =>
            defaults.TryGetValue(name, out var text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
        return new()
        {
            Temperature = Of("temperature"),
            TopP = Of("top_p"),
            TopK = Of("top_k") is { } topK ? (int)topK : null,
            FrequencyPenalty = Of("frequency_penalty"),
            PresencePenalty = Of("presence_penalty"),
            RepetitionPenalty = Of("repetition_penalty"),
        };
    }
}
