using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Configuration;

/// <summary>One entry of <c>models</c> as written; a later layer's entry replaces it whole.</summary>
internal sealed class ModelEntry
{
    public required string Id { get; set; }
    public required SourcePoint At { get; init; }
    public string? CanonicalSlug { get; set; }
    public string? Name { get; set; }
    public string? HuggingFaceId { get; set; }
    public long? Created { get; set; }
    public int? ContextLength { get; set; }
    public Architecture? Architecture { get; set; }
    public IReadOnlyDictionary<string, string?>? DefaultParameters { get; set; }
    public IReadOnlyList<string>? SupportedParameters { get; set; }
    public ReasoningSupport? Reasoning { get; set; }
    public string? KnowledgeCutoff { get; set; }
    public string? ExpirationDate { get; set; }
    public string? AliasTarget { get; set; }
    public bool? IsTrainableText { get; set; }
    public List<EndpointEntry> Endpoints { get; } = [];
}

/// <summary>One entry of a model's <c>endpoints</c> as written.</summary>
internal sealed class EndpointEntry
{
    public required SourcePoint At { get; init; }
    public string? Id { get; set; }
    public string? Provider { get; set; }
    public string? Tag { get; set; }
    public string? UpstreamModel { get; set; }
    public UpstreamProtocol? Protocol { get; set; }
    public string? Quantization { get; set; }
    public int? ContextLength { get; set; }
    public int? MaxCompletionTokens { get; set; }
    public int? MaxPromptTokens { get; set; }
    public PriceSheet? Pricing { get; set; }
    public IReadOnlyList<string> SupportedParameters { get; set; } = [];
    public IReadOnlyList<string> Passthrough { get; set; } = [];
    public bool SupportsImplicitCaching { get; set; }
    public bool? IsModerated { get; set; }
    public bool? CanAbort { get; set; }
    public int Status { get; set; }
    public DataPolicyEntry? DataPolicy { get; set; }
    public bool Zdr { get; set; }
    public int RpmLimit { get; set; }
    public int TpmLimit { get; set; }
    public ReasoningForm? ReasoningForm { get; set; }
    public bool ReasoningMandatory { get; set; }
    public bool ReasoningInContent { get; set; }
    public IReadOnlyList<string>? ToolChoice { get; set; }
    public string? NotDispatchable { get; set; }
}
