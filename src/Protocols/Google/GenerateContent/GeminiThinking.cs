using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>The <c>thinkingConfig</c> of a request (providers contract §6.3, inference §7.2).</summary>
internal sealed record GeminiThinking
{
    private static readonly GeminiThinking Silent = new();

    public int? Budget { get; private init; }
    public string? Level { get; private init; }
    public bool IncludeThoughts { get; private init; }
    /// <summary>The output limit that has to be sent because a share of it was taken (I-36).</summary>
    public int? MaxTokens { get; private init; }

    /// <summary>Decides for a request whose output is capped at <paramref name="maxTokens"/>, if it is.</summary>
    public static (GeminiThinking? Thinking, GatewayError? Error) For(CanonicalRequest request, UpstreamTarget target, GeminiModel model, int? maxTokens)
    {
        var takesReasoning = (target.Supported & (ParameterSet.Reasoning | ParameterSet.ReasoningEffort | ParameterSet.IncludeReasoning)) != ParameterSet.None;
        if (model.Thinking == ThinkingControl.None || !takesReasoning)
            return (Silent, null);
        var reasoning = request.Reasoning;
        if (ReasoningEffort.IsOff(reasoning))
            return Off(target, model);
        var shown = new GeminiThinking { IncludeThoughts = reasoning?.Exclude != true };
        if (!ReasoningEffort.IsOn(reasoning))
            return (shown, null);
        return model.Thinking == ThinkingControl.Level ? ByLevel(shown, request, model, target, maxTokens) : ByBudget(shown, request, model, target, maxTokens);
    }

    /// <summary>Writes the member, if there is anything to say.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (Budget is null && Level is null && !IncludeThoughts)
            return;
        writer.WriteStartObject("thinkingConfig"u8);
        if (IncludeThoughts)
            writer.WriteBoolean("includeThoughts"u8, true);
        if (Level is not null)
            // An enumeration of the contract, though AI Studio takes small letters too.
            writer.WriteString("thinkingLevel"u8, Level.ToUpperInvariant());
        if (Budget is { } budget)
            writer.WriteNumber("thinkingBudget"u8, budget);
        writer.WriteEndObject();
    }

    private static (GeminiThinking?, GatewayError?) Off(UpstreamTarget target, GeminiModel model)
    {
        if (!model.CanBeOff || target.ReasoningMandatory)
            return (null, ReasoningEffort.CannotBeOff(target.Slug));
        return (model.Thinking == ThinkingControl.Level ? new GeminiThinking { Level = "minimal" } : new GeminiThinking { Budget = 0 }, null);
    }

    private static (GeminiThinking?, GatewayError?) ByLevel(GeminiThinking shown, CanonicalRequest request, GeminiModel model, UpstreamTarget target, int? maxTokens)
    {
        var reasoning = request.Reasoning!;
        // A bare budget goes out as one: the vendor maps it to a level. Both at once would be refused.
        if (reasoning is { Effort: null, MaxTokens: > 0 and var budget })
            return Fit(shown, budget, maxTokens, request, least: 1);
        var effort = reasoning.Effort is null ? "medium" : reasoning.Effort is "xhigh" or "max" ? "high" : reasoning.Effort;
        var levels = target.ReasoningEfforts.Count > 0 ? target.ReasoningEfforts.Where(model.Levels.Contains).ToList() : model.Levels;
        return (shown with { Level = ReasoningEffort.Nearest(effort, levels.Count > 0 ? levels : model.Levels) }, null);
    }

    private static (GeminiThinking?, GatewayError?) ByBudget(GeminiThinking shown, CanonicalRequest request, GeminiModel model, UpstreamTarget target, int? maxTokens)
    {
        var reasoning = request.Reasoning!;
        var cap = maxTokens ?? target.MaxCompletionTokens;
        if (reasoning.MaxTokens is > 0 and var asked)
        {
            var budget = Math.Clamp(asked, model.SmallestBudget, model.LargestBudget);
            return Fit(shown, budget, maxTokens, request, model.SmallestBudget);
        }
        if (cap is null)
            return (shown with { Budget = -1 }, null); // nothing known to take a share of: the model decides
        var share = Math.Clamp((int)(cap.Value * ReasoningEffort.Ratio(reasoning.Effort)), model.SmallestBudget, model.LargestBudget);
        return Fit(shown with { MaxTokens = cap }, share, cap, request, model.SmallestBudget);
    }

    private static (GeminiThinking?, GatewayError?) Fit(GeminiThinking shown, int budget, int? maxTokens, CanonicalRequest request, int least)
    {
        if (maxTokens is not { } cap)
            return (shown with { Budget = budget }, null);
        (budget, var error) = ReasoningEffort.MakeRoom(budget, cap, callersLimit: request.MaxTokens is not null, least);
        return error is null ? (shown with { Budget = budget }, null) : (null, error);
    }
}
