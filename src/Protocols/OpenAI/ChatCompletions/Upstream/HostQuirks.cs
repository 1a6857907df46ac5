using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>What becomes of reasoning a caller sends back on assistant messages (I-39).</summary>
internal enum ReasoningBack
{
    /// <summary>Removed.</summary>
    Drop,
    /// <summary>Sent as <c>reasoning_content</c>.</summary>
    ReasoningContent,
    /// <summary>Sent as <c>reasoning</c>.</summary>
    Reasoning,
}

/// <summary>A fixed member added for some models of a host.</summary>
/// <param name="ModelPrefix">Only for public slugs that begin so; empty for all.</param>
/// <param name="Name">The member.</param>
/// <param name="Value">Its JSON value.</param>
/// <param name="WhenExcluded">Its value when the caller does not want the reasoning text; null: the same.</param>
/// <param name="OnlyReasoning">Only for endpoints that can be asked for reasoning.</param>
internal sealed record ExtraMember(string ModelPrefix, string Name, string Value, string? WhenExcluded = null, bool OnlyReasoning = false);

/// <summary>
/// How one host differs from OpenAI's chat completions, as data: see <see cref="HostTable"/> for the facts. The defaults are those of a lenient,
/// vLLM-like host.
/// </summary>
internal sealed record HostQuirks
{
    /// <summary>Where this is written down (section of the providers contract) and as of when.</summary>
    public required string Source { get; init; }
    /// <summary>Takes <c>stream_options.include_usage</c>. Where not, usage comes unasked.</summary>
    public bool StreamOptions { get; init; } = true;
    /// <summary>Understands <c>stream_options.include_obfuscation</c>.</summary>
    public bool Obfuscates { get; init; }
    /// <summary>Always <c>max_completion_tokens</c>, never <c>max_tokens</c>.</summary>
    public bool WantsMaxCompletionTokens { get; init; }
    /// <summary>The name of <c>seed</c>.</summary>
    public string SeedName { get; init; } = "seed";
    /// <summary>Seeds are not negative: the sign is left out.</summary>
    public bool UnsignedSeed { get; init; }
    /// <summary>Assistant messages may hold a <c>refusal</c>, beside their content or as a part of it; elsewhere it is what they say.</summary>
    public bool KnowsRefusals { get; init; } = true;
    /// <summary>A function must say its <c>parameters</c>, even if it has none.</summary>
    public bool WantsToolParameters { get; init; }
    /// <summary>Results of tools are text, as OpenAI has it: what else is in them is shown by a user message behind the results.</summary>
    public bool TextToolResults { get; init; } = true;
    /// <summary>The word for a required tool choice.</summary>
    public string ToolChoiceRequired { get; init; } = "required";
    /// <summary><c>logprobs</c> is a number of alternatives, not a switch.</summary>
    public bool IntegerLogprobs { get; init; }
    /// <summary>Tool-call ids must be nine letters or digits.</summary>
    public bool NineCharacterToolIds { get; init; }
    /// <summary>The longest tool-call id taken; null: any.</summary>
    public int? LongestToolId { get; init; }
    /// <summary>The most stop sequences taken; null: any number.</summary>
    public int? MostStops { get; init; }
    /// <summary>The greatest temperature taken; null: 2.</summary>
    public decimal? MaxTemperature { get; init; }
    /// <summary>Refuses members it does not know, also inside messages: what is ours there is removed.</summary>
    public bool RefusesUnknown { get; init; }
    /// <summary>The subset that schemas with <c>strict: true</c> must be in; null: they are sent as they came.</summary>
    public SchemaSubset? StrictSchemas { get; init; }
    /// <summary>Schemas must be in <see cref="StrictSchemas"/> whatever <c>strict</c> says.</summary>
    public bool AlwaysStrict { get; init; }
    /// <summary>Files are <c>document_url</c> parts and sound is a bare text (<see cref="Upstream.DocumentParts"/>).</summary>
    public bool DocumentParts { get; init; }
    /// <summary>Takes <c>cache_control</c> on parts.</summary>
    public bool CacheControl { get; init; }
    /// <summary>Takes <c>prompt_cache_breakpoint</c> on parts, for models that know it (<see cref="OpenAIModelFamily.CacheBreakpoints"/>).</summary>
    public bool CacheBreakpoints { get; init; }
    /// <summary>Takes <c>prompt_cache_key</c>.</summary>
    public bool PromptCacheKey { get; init; }
    /// <summary>Knows the role <c>developer</c>; elsewhere it becomes <c>system</c>.</summary>
    public bool DeveloperRole { get; init; }
    /// <summary>Understands <c>name</c> on messages; elsewhere it becomes part of the text (inference §3.3).</summary>
    public bool MessageNames { get; init; }
    /// <summary>User and assistant messages must alternate after the system messages.</summary>
    public bool StrictAlternation { get; init; }
    /// <summary>An assistant message at the end must be marked with <c>prefix: true</c> to be continued.</summary>
    public bool MarksPrefill { get; init; }
    /// <summary>Embeddings can be asked for as base64; elsewhere they come as numbers and are converted.</summary>
    public bool Base64Embeddings { get; init; }
    /// <summary>The member that takes the length of embeddings.</summary>
    public string EmbeddingLength { get; init; } = "dimensions";
    /// <summary>The members that take the hashed end user; empty: none is sent.</summary>
    public IReadOnlyList<string> UserMembers { get; init; } = ["user"];
    /// <summary>What becomes of reasoning sent back.</summary>
    public ReasoningBack ReasoningBack { get; init; }
    /// <summary>Values of <c>service_tier</c> that are passed on.</summary>
    public IReadOnlyList<string> ServiceTiers { get; init; } = [];
    /// <summary>Members added for some models.</summary>
    public IReadOnlyList<ExtraMember> Extra { get; init; } = [];
    /// <summary>Models (by prefix of their public slug) whose only efforts are <c>none</c> and <c>default</c>.</summary>
    public string? DefaultEffortPrefix { get; init; }
    /// <summary><c>reasoning_effort: "none"</c> switches reasoning off for models whose efforts are not listed, as vLLM has it (providers §10.2).</summary>
    public bool EffortNone { get; init; } = true;
    /// <summary><c>reasoning_effort</c> may stand beside <c>thinking</c>.</summary>
    public bool EffortBesideThinking { get; init; }
    /// <summary>Smallest and greatest <c>thinking_budget</c> taken.</summary>
    public (int Least, int Most) ThinkingBudget { get; init; } = (1, int.MaxValue);
}
