using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>The arithmetic between efforts and token budgets (inference §7.2).</summary>
internal static class ReasoningEffort
{
    /// <summary>Every effort that thinks, weakest first.</summary>
    public static readonly IReadOnlyList<string> All = ["minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>The caller said: do not think.</summary>
    public static bool IsOff(ReasoningOptions? reasoning) =>
        reasoning is { IsOff: true };

    /// <summary>The caller said: think. An object that only speaks about showing the text says neither.</summary>
    public static bool IsOn(ReasoningOptions? reasoning) =>
        reasoning is not null && !IsOff(reasoning) && (reasoning.Enabled == true || reasoning.Effort is not null || reasoning.MaxTokens > 0);

    /// <summary>The share of the output an effort may think.</summary>
    public static decimal Ratio(string? effort) => effort switch
    {
        "max" or "xhigh" => 0.95m,
        "high" => 0.80m,
        "low" => 0.20m,
        "minimal" => 0.10m,
        "none" => 0m,
        _ => 0.50m,
    };

    /// <summary>The effort a budget stands for (I-38).</summary>
    public static string FromBudget(int budget, int maxTokens) => (maxTokens <= 0 ? 1m : (decimal)budget / maxTokens) switch
    {
        < 0.15m => "minimal",
        < 0.35m => "low",
        < 0.65m => "medium",
        < 0.875m => "high",
        _ => "xhigh",
    };

    /// <summary>The supported effort closest to the one asked for; of two equally close the stronger. As asked when none is listed.</summary>
    public static string Nearest(string effort, IReadOnlyList<string> supported)
    {
        if (supported.Count == 0 || supported.Contains(effort))
            return effort;
        var best = effort;
        var distance = decimal.MaxValue;
        foreach (var candidate in All)
        {
            if (!supported.Contains(candidate) || decimal.Abs(Ratio(candidate) - Ratio(effort)) is var d && d > distance)
                continue;
            (best, distance) = (candidate, d);
        }
        return best;
    }

    /// <summary>I-37: there must be room for an answer beside the thinking.</summary>
    public static GatewayError? CheckRoom(int budget, int maxTokens) => budget < maxTokens ? null : GatewayError.Invalid(
        $"The reasoning budget of {budget} tokens must be smaller than max_tokens, which is {maxTokens}: raise max_tokens or lower the reasoning effort or reasoning.max_tokens.",
        "reasoning");

    /// <summary>
    /// <see cref="CheckRoom"/> against a limit the caller set. Against one the gateway set to cover its hold the budget gives way instead, but not
    /// below <paramref name="least"/>.
    /// </summary>
    public static (int Budget, GatewayError? Error) MakeRoom(int budget, int maxTokens, bool callersLimit, int least)
    {
        if (budget >= maxTokens && !callersLimit)
            budget = Math.Max(least, (int)(maxTokens * Ratio("high")));
        return (budget, CheckRoom(budget, maxTokens));
    }

    /// <summary>A mandatory-reasoning model was asked not to think.</summary>
    public static GatewayError CannotBeOff(string model) =>
        GatewayError.Invalid($"Reasoning cannot be switched off for {model}: leave reasoning out or ask for the lowest effort.", "reasoning");
}
