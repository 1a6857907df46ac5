using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Cohere;

/// <summary>The <c>thinking</c> member of a request (providers contract §9, inference §7.2).</summary>
/// <param name="Enabled">On or off; null: nothing is said, and the model does what it does.</param>
/// <param name="Budget">The most tokens of thought; null: the model decides.</param>
/// <param name="MaxTokens">The output limit that has to be sent because a share of it was taken (I-36).</param>
internal readonly record struct CohereThinking(bool? Enabled, int? Budget, int? MaxTokens)
{
    /// <summary>Decides for a request whose output is capped at <paramref name="maxTokens"/>, if it is.</summary>
    public static (CohereThinking Thinking, GatewayError? Error) For(CanonicalRequest request, UpstreamTarget target, int? maxTokens)
    {
        var reasoning = request.Reasoning;
        if (!target.Supported.HasFlag(ParameterSet.Reasoning))
            return (default, null);
        if (ReasoningEffort.IsOff(reasoning))
            return target.ReasoningMandatory ? (default, ReasoningEffort.CannotBeOff(target.Slug)) : (new CohereThinking(false, null, null), null);
        if (!ReasoningEffort.IsOn(reasoning))
            return (default, null);
        var cap = maxTokens ?? target.MaxCompletionTokens;
        if (reasoning!.MaxTokens is > 0 and var asked)
            return Fit(asked, maxTokens, sent: null, request);
        return reasoning.Effort is { } effort && cap is { } most
            ? Fit(Math.Max(1, (int)(most * ReasoningEffort.Ratio(effort))), most, sent: most, request)
            : (new CohereThinking(true, null, null), null);
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (Enabled is not { } enabled)
            return;
        writer.WriteStartObject("thinking"u8);
        writer.WriteString("type"u8, enabled ? "enabled"u8 : "disabled"u8);
        if (Budget is { } budget)
            writer.WriteNumber("token_budget"u8, budget);
        writer.WriteEndObject();
    }

    private static (CohereThinking, GatewayError?) Fit(int budget, int? cap, int? sent, CanonicalRequest request)
    {
        if (cap is not { } most)
            return (new CohereThinking(true, budget, null), null);
        (budget, var error) = ReasoningEffort.MakeRoom(budget, most, callersLimit: request.MaxTokens is not null, least: 1);
        return error is null ? (new CohereThinking(true, budget, sent), null) : (default, error);
    }
}
