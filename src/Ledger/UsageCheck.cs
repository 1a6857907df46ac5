namespace Fairlead.Ledger;

/// <summary>What is wrong with the usage a provider reported.</summary>
public enum UsageVerdict
{
    /// <summary>Nothing: charge by it.</summary>
    Accepted = 0,
    /// <summary>A count is below zero.</summary>
    Negative = 1,
    /// <summary>A count is more than twice what the context window allows, or more than any window.</summary>
    Absurd = 2,
    /// <summary>More cached tokens than prompt tokens: charging the rest at the prompt price would give a negative amount.</summary>
    Inconsistent = 3,
}

/// <summary>
/// Invariant M6: usage that is negative or more than twice what the context window allows is not charged by. The caller then charges by our own count and
/// marks the generation (<c>UsageEstimated</c>).
/// </summary>
public static class UsageCheck
{
    /// <summary>No context window known is larger; the bound where the catalog does not say.</summary>
    private const long LargestWindow = 100_000_000;

    /// <summary>Judges native counts as the provider reported them.</summary>
    /// <param name="promptTokens">Prompt tokens, cached ones included.</param>
    /// <param name="completionTokens">Completion tokens, reasoning included.</param>
    /// <param name="cachedTokens">Prompt tokens read from or written to the provider's cache.</param>
    /// <param name="reasoningTokens">Completion tokens that were reasoning.</param>
    /// <param name="contextLength">The endpoint's context window in tokens; 0 when unknown.</param>
    /// <param name="choices">How many answers were asked for (<c>n</c>); each may fill the window.</param>
    public static UsageVerdict Judge(
        long promptTokens, long completionTokens, long cachedTokens, long reasoningTokens, long contextLength, int choices = 1)
    {
        if ((promptTokens | completionTokens | cachedTokens | reasoningTokens) < 0)
        {
            return UsageVerdict.Negative;
        }

        var window = contextLength is > 0 and < LargestWindow ? contextLength : LargestWindow;
        if (promptTokens > 2 * window || cachedTokens > 2 * window || completionTokens > 2 * window * Math.Max(1, choices)
            || reasoningTokens > 2 * window * Math.Max(1, choices))
        {
            return UsageVerdict.Absurd;
        }

        return cachedTokens > promptTokens ? UsageVerdict.Inconsistent : UsageVerdict.Accepted;
    }
}
