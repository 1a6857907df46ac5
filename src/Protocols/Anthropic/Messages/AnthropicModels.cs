using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>How a model generation is asked to think (providers contract §5.3).</summary>
internal enum ThinkingForm
{
    /// <summary>It cannot.</summary>
    None,
    /// <summary><c>{type: enabled, budget_tokens}</c></summary>
    Budget,
    /// <summary><c>{type: adaptive}</c> with an effort; a budget still works.</summary>
    AdaptiveOrBudget,
    /// <summary><c>{type: adaptive}</c> only.</summary>
    Adaptive,
}

/// <summary>What happens when a request does not speak of thinking.</summary>
internal enum ThinkingDefault
{
    /// <summary>It does not think.</summary>
    Off,
    /// <summary>It thinks; <c>disabled</c> turns it off.</summary>
    On,
    /// <summary>It thinks and cannot be kept from it.</summary>
    Always,
}

/// <summary>Which sampling parameters a generation takes.</summary>
internal enum SamplingRule
{
    /// <summary>temperature, top_p and top_k.</summary>
    All,
    /// <summary>temperature or top_p, not both, and top_k.</summary>
    TemperatureOrTopP,
    /// <summary>None: any of them is a 400.</summary>
    None,
}

/// <summary>Facts about one generation of Claude models.</summary>
internal sealed record AnthropicModel(
    string Family, int MaxOutput, SamplingRule Sampling, bool StructuredOutput, ThinkingForm Thinking, ThinkingDefault Default, IReadOnlyList<string> Efforts);

/// <summary>
/// Claude generations by name. Source: the vendor's model overview, extended-thinking, effort and structured-outputs pages as of 2026-08
/// (providers contract §5.3, §5.7). A model of another author takes everything and thinks by budget, as the third-party servers of this format do.
/// </summary>
internal static class AnthropicModels
{
    private static readonly IReadOnlyList<string> NoEfforts = [];
    private static readonly IReadOnlyList<string> UpToMax = ["low", "medium", "high", "max"];
    private static readonly IReadOnlyList<string> UpToHigh = ["low", "medium", "high"];
    private static readonly IReadOnlyList<string> AllEfforts = ["low", "medium", "high", "xhigh", "max"];

    private static readonly AnthropicModel Foreign = new("", 8_192, SamplingRule.All, false, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts);

    // A Claude younger than this table: what the youngest listed ones have in common.
    private static readonly AnthropicModel Newer = new("claude", 64_000, SamplingRule.None, true, ThinkingForm.Adaptive, ThinkingDefault.On, UpToHigh);

    // The first family a name holds decides: longer names stand before their beginnings.
    private static readonly AnthropicModel[] Families =
    [
        new("opus-5", 128_000, SamplingRule.None, true, ThinkingForm.Adaptive, ThinkingDefault.On, AllEfforts),
        new("sonnet-5", 128_000, SamplingRule.None, true, ThinkingForm.Adaptive, ThinkingDefault.On, AllEfforts),
        new("fable-5", 128_000, SamplingRule.None, true, ThinkingForm.Adaptive, ThinkingDefault.Always, AllEfforts),
        new("opus-4-8", 128_000, SamplingRule.None, true, ThinkingForm.Adaptive, ThinkingDefault.Off, AllEfforts),
        new("opus-4-7", 128_000, SamplingRule.None, true, ThinkingForm.Adaptive, ThinkingDefault.Off, AllEfforts),
        new("opus-4-6", 128_000, SamplingRule.TemperatureOrTopP, true, ThinkingForm.AdaptiveOrBudget, ThinkingDefault.Off, UpToMax),
        new("sonnet-4-6", 128_000, SamplingRule.TemperatureOrTopP, true, ThinkingForm.AdaptiveOrBudget, ThinkingDefault.Off, UpToMax),
        new("opus-4-5", 64_000, SamplingRule.TemperatureOrTopP, true, ThinkingForm.Budget, ThinkingDefault.Off, UpToHigh),
        new("sonnet-4-5", 64_000, SamplingRule.TemperatureOrTopP, true, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts),
        new("haiku-4-5", 64_000, SamplingRule.TemperatureOrTopP, true, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts),
        new("opus-4-1", 32_000, SamplingRule.TemperatureOrTopP, true, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts),
        new("opus-4", 32_000, SamplingRule.TemperatureOrTopP, false, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts),
        new("sonnet-4", 64_000, SamplingRule.TemperatureOrTopP, false, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts),
        new("3-7-sonnet", 64_000, SamplingRule.All, false, ThinkingForm.Budget, ThinkingDefault.Off, NoEfforts),
        new("3-5-sonnet", 8_192, SamplingRule.All, false, ThinkingForm.None, ThinkingDefault.Off, NoEfforts),
        new("3-5-haiku", 8_192, SamplingRule.All, false, ThinkingForm.None, ThinkingDefault.Off, NoEfforts),
        new("3-haiku", 4_096, SamplingRule.All, false, ThinkingForm.None, ThinkingDefault.Off, NoEfforts),
        new("3-opus", 4_096, SamplingRule.All, false, ThinkingForm.None, ThinkingDefault.Off, NoEfforts),
        new("3-sonnet", 4_096, SamplingRule.All, false, ThinkingForm.None, ThinkingDefault.Off, NoEfforts),
    ];

    /// <summary>The generation of a target: by the provider's name of the model, else by its public slug.</summary>
    public static AnthropicModel For(UpstreamTarget target) => Find(target.Model) ?? Find(target.Slug) ?? Foreign;

    /// <summary>
    /// The target is sold as the faster serving of a model (<c>anthropic/claude-opus-4.7-fast</c>), which the provider knows by the same name and a flag.
    /// </summary>
    public static bool IsFast(UpstreamTarget target) =>
        target.Slug.StartsWith("anthropic/claude", StringComparison.Ordinal) && target.Slug.EndsWith("-fast", StringComparison.Ordinal)
        && !target.Model.EndsWith("-fast", StringComparison.Ordinal);

    private static AnthropicModel? Find(string name)
    {
        if (!name.Contains("claude", StringComparison.OrdinalIgnoreCase))
            return null;
        var plain = name.Replace('.', '-').ToLowerInvariant();
        return Array.Find(Families, family => plain.Contains(family.Family, StringComparison.Ordinal)) ?? Newer;
    }
}
