using System.Text.Json.Serialization;

namespace Fairlead.Console.Models;

/// <summary>One model on the wire (platform §3.1). No descriptions are shipped with the catalog, so that member is always empty.</summary>
internal sealed record ModelObject
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("canonical_slug")]
    public required string CanonicalSlug { get; init; }

    [JsonPropertyName("hugging_face_id")]
    public required string? HuggingFaceId { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("description")]
    public string Description { get; init; } = "";

    [JsonPropertyName("context_length")]
    public required int? ContextLength { get; init; }

    [JsonPropertyName("architecture")]
    public required ArchitectureObject Architecture { get; init; }

    [JsonPropertyName("pricing")]
    public required PricingObject Pricing { get; init; }

    [JsonPropertyName("top_provider")]
    public required TopProviderObject TopProvider { get; init; }

    [JsonPropertyName("per_request_limits")]
    public PerRequestLimitsObject? PerRequestLimits { get; init; }

    [JsonPropertyName("supported_parameters")]
    public required IReadOnlyList<string> SupportedParameters { get; init; }

    [JsonPropertyName("default_parameters")]
    public required DefaultParametersObject? DefaultParameters { get; init; }

    [JsonPropertyName("supported_voices")]
    public IReadOnlyList<string>? SupportedVoices { get; init; }

    [JsonPropertyName("knowledge_cutoff")]
    public required string? KnowledgeCutoff { get; init; }

    [JsonPropertyName("expiration_date")]
    public required string? ExpirationDate { get; init; }

    [JsonPropertyName("links")]
    public required ModelLinksObject Links { get; init; }

    [JsonPropertyName("reasoning"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReasoningObject? Reasoning { get; init; }

    [JsonPropertyName("alias_target"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AliasTargetObject? AliasTarget { get; init; }
}

internal sealed record ArchitectureObject
{
    [JsonPropertyName("modality")]
    public required string? Modality { get; init; }

    [JsonPropertyName("input_modalities")]
    public required IReadOnlyList<string> InputModalities { get; init; }

    [JsonPropertyName("output_modalities")]
    public required IReadOnlyList<string> OutputModalities { get; init; }

    [JsonPropertyName("tokenizer")]
    public required string Tokenizer { get; init; }

    [JsonPropertyName("instruct_type")]
    public required string? InstructType { get; init; }
}

internal sealed record TopProviderObject
{
    [JsonPropertyName("context_length")]
    public required int? ContextLength { get; init; }

    [JsonPropertyName("max_completion_tokens")]
    public required int? MaxCompletionTokens { get; init; }

    [JsonPropertyName("is_moderated")]
    public required bool IsModerated { get; init; }
}

/// <summary>Caps on one request; this gateway has none, so that the member is null.</summary>
internal sealed record PerRequestLimitsObject
{
    [JsonPropertyName("prompt_tokens")]
    public required long PromptTokens { get; init; }

    [JsonPropertyName("completion_tokens")]
    public required long CompletionTokens { get; init; }
}

internal sealed record DefaultParametersObject
{
    [JsonPropertyName("temperature")]
    public decimal? Temperature { get; init; }

    [JsonPropertyName("top_p")]
    public decimal? TopP { get; init; }

    [JsonPropertyName("top_k")]
    public int? TopK { get; init; }

    [JsonPropertyName("frequency_penalty")]
    public decimal? FrequencyPenalty { get; init; }

    [JsonPropertyName("presence_penalty")]
    public decimal? PresencePenalty { get; init; }

    [JsonPropertyName("repetition_penalty")]
    public decimal? RepetitionPenalty { get; init; }
}

internal sealed record ModelLinksObject([property: JsonPropertyName("details")] string Details);

internal sealed record AliasTargetObject([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("slug")] string Slug);

internal sealed record ReasoningObject
{
    [JsonPropertyName("mandatory")]
    public required bool Mandatory { get; init; }

    [JsonPropertyName("default_enabled"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DefaultEnabled { get; init; }

    [JsonPropertyName("supported_efforts")]
    public required IReadOnlyList<string>? SupportedEfforts { get; init; }

    [JsonPropertyName("default_effort"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DefaultEffort { get; init; }

    [JsonPropertyName("supports_max_tokens"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? SupportsMaxTokens { get; init; }
}

/// <summary>The answer of <c>/model/{author}/{slug}</c>.</summary>
internal sealed record ModelAnswer([property: JsonPropertyName("data")] ModelObject Data);

/// <summary>The answer of <c>/models</c>; written from parts by <see cref="ModelListing"/>, named here for the API description.</summary>
internal sealed record ModelsAnswer(
    [property: JsonPropertyName("data")] IReadOnlyList<ModelObject> Data,
    [property: JsonPropertyName("total_count")] int TotalCount,
    [property: JsonPropertyName("links")] PageLinksObject Links);

internal sealed record PageLinksObject([property: JsonPropertyName("next")] string? Next);

/// <summary>The answer of <c>/models/count</c>.</summary>
internal sealed record ModelCountAnswer([property: JsonPropertyName("data")] ModelCountObject Data);

internal sealed record ModelCountObject([property: JsonPropertyName("count")] int Count);
