using Fairlead.Catalog.Pricing;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Snapshot;

/// <summary>One routable model (a static variant such as <c>:free</c> is a model of its own) with its endpoints. Immutable.</summary>
public sealed record Model
{
    /// <summary>Ends the slug of a free variant.</summary>
    public const string FreeSuffix = ":free";

    /// <summary>Routable slug, <c>author/slug[:variant]</c>, canonical case.</summary>
    public required string Id { get; init; }
    /// <summary>A free variant: its requests are limited per account (platform §11.4).</summary>
    public bool IsFree => Id.EndsWith(FreeSuffix, StringComparison.Ordinal);
    /// <summary>It makes embeddings (<c>output_modalities</c>): it is called at /embeddings and nowhere else.</summary>
    public bool IsEmbedding => Architecture.OutputModalities.Contains("embeddings");
    /// <summary>It can be reached, and no endpoint asks for money.</summary>
    public bool CostsNothing => LiveEndpoints.Count > 0 && LiveEndpoints.All(static endpoint => endpoint.Pricing is { Prompt: 0, Completion: 0, Request: 0, Image: 0 });
    /// <summary>Permanent dated slug.</summary>
    public required string CanonicalSlug { get; init; }
    /// <summary>Display name.</summary>
    public required string Name { get; init; }
    /// <summary>Hugging Face id, or null.</summary>
    public string? HuggingFaceId { get; init; }
    /// <summary>Unix seconds when it was added to the catalog.</summary>
    public long Created { get; init; }
    /// <summary>Tokens of context; null when unknown.</summary>
    public int? ContextLength { get; init; }
    /// <summary>Modalities, tokenizer group, instruct type.</summary>
    public required Architecture Architecture { get; init; }
    /// <summary>Parameters of all endpoints together, wire names.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];
    /// <summary>Defaults the model's maker recommends (<c>temperature</c>, <c>top_p</c>, <c>frequency_penalty</c>, …), as decimal text; empty when none.</summary>
    public IReadOnlyDictionary<string, string?> DefaultParameters { get; init; } = new Dictionary<string, string?>();
    /// <summary>What the model's reasoning can be told; null when it has none or it is not known.</summary>
    public ReasoningSupport? Reasoning { get; init; }
    /// <summary>ISO date, or null.</summary>
    public string? KnowledgeCutoff { get; init; }
    /// <summary>ISO date, or null.</summary>
    public string? ExpirationDate { get; init; }
    /// <summary>The author permits training other models on its answers (platform §11.19); null when not known, which counts as no (P56).</summary>
    public bool? IsTrainableText { get; init; }
    /// <summary>For an alias row (<c>~author/family-latest</c>): the slug of the model it stands for; null on every other model.</summary>
    public string? AliasTarget { get; init; }
    /// <summary>What the slug does where it is no model; <see cref="RouterKind.None"/> on every model.</summary>
    public RouterKind Router { get; init; }
    /// <summary>Every endpoint, those that cannot be dispatched included.</summary>
    public IReadOnlyList<ModelEndpoint> Endpoints { get; init; } = [];
    /// <summary>Endpoints that can serve a request now (provider live, dispatchable, neither staged nor disabled). What the planner sees.</summary>
    public IReadOnlyList<ModelEndpoint> LiveEndpoints { get; init; } = [];
}

/// <summary>What goes in and out of a model.</summary>
public sealed record Architecture
{
    /// <summary><c>text+image-&gt;text</c>, or null.</summary>
    public string? Modality { get; init; }
    /// <summary><c>text</c>, <c>image</c>, <c>file</c>, <c>audio</c>, <c>video</c></summary>
    public IReadOnlyList<string> InputModalities { get; init; } = [];
    /// <summary><c>text</c>, <c>image</c>, <c>embeddings</c>, …</summary>
    public IReadOnlyList<string> OutputModalities { get; init; } = [];
    /// <summary>Tokenizer group (<c>GPT</c>, <c>Claude</c>, …), or null.</summary>
    public string? Tokenizer { get; init; }
    /// <summary>Prompt template, or null.</summary>
    public string? InstructType { get; init; }
}

/// <summary>The model record's <c>reasoning</c> object.</summary>
public sealed record ReasoningSupport(bool Mandatory, string? DefaultEffort, bool? DefaultEnabled, IReadOnlyList<string> SupportedEfforts, bool? SupportsMaxTokens);

/// <summary>One provider's offer of one model. Immutable.</summary>
public sealed record ModelEndpoint
{
    /// <summary>Stable id (the vendor's uuid where known, else derived from model and tag).</summary>
    public required string Id { get; init; }
    /// <summary>The model's slug.</summary>
    public required string ModelId { get; init; }
    /// <summary>Who serves it.</summary>
    public required Provider Provider { get; init; }
    /// <summary>Provider slug plus optional suffix: <c>deepinfra/turbo</c>.</summary>
    public required string Tag
    {
        get;
        init
        {
            field = value;
            Tier = ServiceTiers.OfTag(value);
        }
    }

    /// <summary>The service tier, as the tag says.</summary>
    public ServiceTier Tier { get; private init; }
    /// <summary><c>fp8</c>, <c>bf16</c>, …, or null when not declared.</summary>
    public string? Quantization { get; init; }
    /// <summary>Tokens of context.</summary>
    public required int ContextLength { get; init; }
    /// <summary>Most tokens of output; null when not declared.</summary>
    public int? MaxCompletionTokens { get; init; }
    /// <summary>Most tokens of prompt; null when not declared.</summary>
    public int? MaxPromptTokens { get; init; }
    /// <summary>Prices.</summary>
    public required PriceSheet Pricing
    {
        get;
        init
        {
            field = value;
            Rates = RoutingRates.Of(value);
        }
    }

    /// <summary>The same as routing and holds use them.</summary>
    public RoutingRates Rates { get; private init; } = null!; // Set with the prices, which are required.
    /// <summary>Wire names of the parameters it takes.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];
    /// <summary>The same as bits, those the dialect always translates included.</summary>
    public ParameterSet Parameters { get; init; }
    /// <summary>Caches prompts by itself.</summary>
    public bool SupportsImplicitCaching { get; init; }
    /// <summary>The provider moderates prompts.</summary>
    public bool IsModerated { get; init; }
    /// <summary>Closing the connection stops generation and billing (inference §4.4).</summary>
    public bool CanAbort { get; init; }
    /// <summary>Declared status, of <see cref="EndpointStatus"/>.</summary>
    public int Status { get; init; }
    /// <summary>What happens to prompts here; the provider's policy unless the endpoint has its own.</summary>
    public DataPolicy? DataPolicy { get; init; }
    /// <summary>Zero data retention (listed, or by policy).</summary>
    public bool Zdr { get; init; }
    /// <summary>Own rate limits, 0 = none.</summary>
    public int RpmLimit { get; init; }
    /// <summary>Own token limits, 0 = none.</summary>
    public int TpmLimit { get; init; }
    /// <summary>Why it can never be dispatched (no upstream id, protocol not spoken, not text), or null.</summary>
    public string? NotDispatchable { get; init; }
    /// <summary>The provider's address in this endpoint's region; null when not known.</summary>
    public string? BaseUrl { get; init; }
    /// <summary>What the request writer needs; null when it cannot be dispatched.</summary>
    public UpstreamTarget? Target { get; init; }
}

/// <summary>How an endpoint's requests are served (routing §15).</summary>
public enum ServiceTier
{
    /// <summary>As usual.</summary>
    Default,
    /// <summary>Sooner, for more money.</summary>
    Priority,
    /// <summary>Later, for less.</summary>
    Flex,
}

/// <summary>What a provider does with prompts. Absent members mean unknown (P44).</summary>
public sealed record DataPolicy(bool? Training, bool? RetainsPrompts, int? RetentionDays, bool? CanPublish);

/// <summary>Silence limits of one provider, in seconds.</summary>
public sealed record Timeouts
{
    /// <summary>TCP and TLS. Default 5.</summary>
    public double ConnectSeconds { get; init; } = 5;
    /// <summary>Until the first token. Default 60.</summary>
    public double FirstTokenSeconds { get; init; } = 60;
    /// <summary>
    /// Until the headers of an answer that is not streamed: <c>first_token_s</c> where the configuration sets it, else <see cref="TotalSeconds"/>,
    /// because such an answer sends nothing until it is whole.
    /// </summary>
    public double NonStreamedSeconds { get; init; } = 600;
    /// <summary>Between two events. Default 60.</summary>
    public double BetweenTokensSeconds { get; init; } = 60;
    /// <summary>The whole answer. Default 600.</summary>
    public double TotalSeconds { get; init; } = 600;
}

/// <summary>How the key is sent to a provider.</summary>
public enum AuthScheme
{
    /// <summary>As the protocol says: bearer for openai-chat, <c>x-api-key</c> for anthropic-messages, <c>x-goog-api-key</c> for gemini, <c>api-key</c> for azure-openai.</summary>
    Protocol,
    /// <summary><c>Authorization: Bearer …</c></summary>
    Bearer,
    /// <summary><c>x-api-key: …</c></summary>
    XApiKey,
    /// <summary><c>x-goog-api-key: …</c></summary>
    XGoogApiKey,
    /// <summary>No credentials are sent.</summary>
    None,
}

/// <summary>A host that serves models. Immutable; the key never leaves this object except towards the provider.</summary>
public sealed record Provider
{
    /// <summary>Lower-case, unique.</summary>
    public required string Slug { get; init; }
    /// <summary>Display name.</summary>
    public required string Name { get; init; }
    /// <summary>Wire format.</summary>
    public required UpstreamProtocol Protocol { get; init; }
    /// <summary>Address without trailing slash; null when not known.</summary>
    public string? BaseUrl { get; init; }
    /// <summary>The key, or null where none is set or needed.</summary>
    public string? ApiKey { get; init; }
    /// <summary>Region, project and credentials of a cloud; null for other providers.</summary>
    public CloudAccess? Cloud { get; init; }
    /// <summary>How a provider of the family <c>azure-openai</c> is called; null for other providers.</summary>
    public AzureAccess? Azure { get; init; }
    /// <summary>How <see cref="ApiKey"/> is sent. Default: as the protocol says.</summary>
    public AuthScheme Auth { get; init; }
    /// <summary>Why it is not live, naming what is missing; null when it is.</summary>
    public string? NotLive { get; init; }
    /// <summary>Has what it needs to be called: a usable address and a key (or needs none).</summary>
    public bool Live { get; init; }
    /// <summary>Silence limits.</summary>
    public Timeouts Timeouts { get; init; } = new();
    /// <summary>Default policy; null when unknown.</summary>
    public DataPolicy? DataPolicy { get; init; }
    /// <summary>ISO country code, or null.</summary>
    public string? Headquarters { get; init; }
    /// <summary>ISO country codes, or null when not known.</summary>
    public IReadOnlyList<string>? Datacenters { get; init; }
    /// <summary>Address, or null.</summary>
    public string? PrivacyPolicyUrl { get; init; }
    /// <summary>Address, or null.</summary>
    public string? TermsOfServiceUrl { get; init; }
    /// <summary>Address, or null.</summary>
    public string? StatusPageUrl { get; init; }
    /// <summary>Closing the connection stops generation and billing, unless an endpoint says otherwise (inference §4.4).</summary>
    public bool CanAbort { get; init; }
    /// <summary>The address may be loopback or private.</summary>
    public bool AllowPrivateNetwork { get; init; }
    /// <summary>Its server is asked what models it has.</summary>
    public bool DiscoverModels { get; init; }

    /// <summary>Never prints the key.</summary>
    public override string ToString() => $"Provider {Slug}";
}
