using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Whether and how a request makes the model think (providers contract §5.3, inference §7.2).</summary>
internal sealed record AnthropicThinking
{
    // I-34: bounds of a budget.
    private const int LargestBudget = 128_000;
    private const int SmallestBudget = 1_024;

    private static readonly AnthropicThinking Silent = new();

    /// <summary>The model will think.</summary>
    public bool Thinks { get; private init; }
    /// <summary>The <c>type</c> to send, or null to send nothing.</summary>
    public string? Type { get; private init; }
    /// <summary><c>budget_tokens</c>, for <c>enabled</c>.</summary>
    public int? Budget { get; private init; }
    /// <summary><c>display</c>, where the generation would otherwise keep its thoughts to itself.</summary>
    public string? Display { get; private init; }
    /// <summary><c>output_config.effort</c></summary>
    public string? Effort { get; private init; }

    /// <summary>Decides for a request whose output is capped at <paramref name="maxTokens"/>.</summary>
    public static (AnthropicThinking? Thinking, GatewayError? Error) For(
        CanonicalRequest request, UpstreamTarget target, AnthropicModel model, int maxTokens, bool toolLoopWithoutThoughts)
    {
        var takesReasoning = (target.Supported & (ParameterSet.Reasoning | ParameterSet.ReasoningEffort | ParameterSet.IncludeReasoning)) != ParameterSet.None;
        var reasoning = takesReasoning ? request.Reasoning : null;
        var (thinking, error) = model.Thinking == ThinkingForm.None
            ? (Silent, null)
            : Choose(request, reasoning, target, model, maxTokens, toolLoopWithoutThoughts);
        if (thinking is not null && WantsVerbosity(request, target, model) is { } verbosity)
            thinking = thinking with { Effort = thinking.Effort ?? verbosity };
        if (thinking is { Type: "disabled", Effort: "xhigh" or "max" })
            thinking = thinking with { Effort = "high" }; // more than high is refused beside disabled thinking
        return (thinking, error);
    }

    /// <summary>Writes the <c>thinking</c> member, if any.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (Type is null)
            return;
        writer.WriteStartObject("thinking"u8);
        writer.WriteString("type"u8, Type);
        if (Budget is { } budget)
            writer.WriteNumber("budget_tokens"u8, budget);
        if (Display is not null)
            writer.WriteString("display"u8, Display);
        writer.WriteEndObject();
    }

    private static (AnthropicThinking?, GatewayError?) Choose(
        CanonicalRequest request, ReasoningOptions? reasoning, UpstreamTarget target, AnthropicModel model, int maxTokens, bool toolLoopWithoutThoughts)
    {
        if (ReasoningEffort.IsOff(reasoning))
        {
            if (model.Default == ThinkingDefault.Always || target.ReasoningMandatory)
                return (null, ReasoningEffort.CannotBeOff(target.Slug));
            return (model.Default == ThinkingDefault.On ? new AnthropicThinking { Type = "disabled" } : Silent, null);
        }
        if (!ReasoningEffort.IsOn(reasoning))
            return (ByDefault(request, reasoning, model), null);

        var efforts = target.ReasoningEfforts.Count > 0 ? target.ReasoningEfforts : model.Efforts;
        var byBudget = model.Thinking == ThinkingForm.Budget
            || (model.Thinking == ThinkingForm.AdaptiveOrBudget && reasoning is { Effort: null, MaxTokens: > 0 });
        if (!byBudget)
        {
            var effort = reasoning!.Effort ?? (reasoning.MaxTokens is > 0 and var tokens ? ReasoningEffort.FromBudget(tokens, maxTokens) : "medium");
            return (Adaptive(reasoning, model) with { Effort = ReasoningEffort.Nearest(effort, efforts) }, null);
        }
        if (toolLoopWithoutThoughts)
            return (Silent, null); // calls another model made have no thoughts to return, and the vendor demands them
        var budget = reasoning!.MaxTokens is > 0 and var explicitly
            ? Math.Max(explicitly, SmallestBudget)
            : (int)Math.Max(Math.Min(maxTokens * ReasoningEffort.Ratio(reasoning.Effort), LargestBudget), SmallestBudget);
        (budget, var error) = ReasoningEffort.MakeRoom(budget, maxTokens, callersLimit: request.MaxTokens is not null, SmallestBudget);
        return error is null ? (new AnthropicThinking { Thinks = true, Type = "enabled", Budget = budget }, null) : (null, error);
    }

    private static AnthropicThinking ByDefault(CanonicalRequest request, ReasoningOptions? reasoning, AnthropicModel model) => model.Default switch
    {
        ThinkingDefault.Off => Silent,
        // The caller forces a call and says nothing about thinking: the two exclude each other, and what was said counts.
        ThinkingDefault.On when request.ToolChoice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Function } => new AnthropicThinking { Type = "disabled" },
        _ => Adaptive(reasoning, model),
    };

    // From 4.7 on thoughts come without text unless asked for; 4.6 shows them by itself.
    private static AnthropicThinking Adaptive(ReasoningOptions? reasoning, AnthropicModel model) => new()
    {
        Thinks = true,
        Type = "adaptive",
        Display = model.Thinking != ThinkingForm.Adaptive ? null : reasoning?.Exclude == true ? "omitted" : "summarized",
    };

    private static string? WantsVerbosity(CanonicalRequest request, UpstreamTarget target, AnthropicModel model) =>
        request.Verbosity is { } verbosity && model.Efforts.Count > 0 && target.Supported.HasFlag(ParameterSet.Verbosity)
            ? ReasoningEffort.Nearest(verbosity, model.Efforts)
            : null;
}
