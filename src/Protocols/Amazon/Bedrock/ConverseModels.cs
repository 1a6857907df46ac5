using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>What families of models on Bedrock take beyond what all do. Source: the vendor's Converse pages per model as of 2026-08 (providers contract §7.2).</summary>
/// <param name="CachePoints">They take cache points.</param>
/// <param name="Choice">They take a tool choice; others decide by themselves.</param>
/// <param name="Reasoning">Their member for how much to think, in <c>additionalModelRequestFields</c>.</param>
internal sealed record ConverseModel(bool CachePoints, bool Choice, ConverseReasoning Reasoning)
{
    /// <summary>Ids of tool calls are nine letters or digits (providers §2.5).</summary>
    public bool NineCharacterToolIds { get; init; }
    /// <summary>They take the <c>status</c> of a tool's result.</summary>
    public bool ResultStatus { get; init; }
}

/// <summary>How a family is told how much to think.</summary>
internal enum ConverseReasoning
{
    /// <summary>It is not.</summary>
    None,
    /// <summary><c>reasoningConfig: {type, maxReasoningEffort}</c></summary>
    ReasoningConfig,
    /// <summary><c>reasoning_effort</c></summary>
    Effort,
}

/// <inheritdoc cref="ConverseModel"/>
internal static class ConverseModels
{
    private static readonly ConverseModel Other = new(false, false, ConverseReasoning.None);

    private static readonly (string Family, ConverseModel Model)[] Families =
    [
        ("amazon.nova-2", new(true, true, ConverseReasoning.ReasoningConfig) { ResultStatus = true }),
        ("amazon.nova", new(true, true, ConverseReasoning.None) { ResultStatus = true }),
        ("mistral.", new(false, true, ConverseReasoning.None) { NineCharacterToolIds = true }),
        ("openai.gpt-oss", new(false, true, ConverseReasoning.Effort)),
    ];

    /// <summary>By the provider's id, whatever region profile stands before it.</summary>
    public static ConverseModel For(UpstreamTarget target) =>
        Array.Find(Families, family => target.Model.Contains(family.Family, StringComparison.Ordinal)).Model ?? Other;
}
