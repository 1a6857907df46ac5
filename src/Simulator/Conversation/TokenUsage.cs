using Fairlead.Simulator.Faults;

namespace Fairlead.Simulator.Conversation;

/// <summary>What an answer cost. <paramref name="Completion"/> holds <paramref name="Reasoning"/>.</summary>
internal sealed record TokenUsage(PromptTokens Prompt, long Completion, long Reasoning)
{
    /// <summary>Part of <see cref="Completion"/> that was pictures.</summary>
    public long Images { get; init; }

    public long Total => unchecked(Prompt.All + Completion);

    public static TokenUsage Of(PromptTokens prompt, Answer answer, FaultPlan faults, int choices = 1)
    {
        if (faults.NegativeUsage)
        {
            return new TokenUsage(new PromptTokens(-12, 0, 0), -7, 0);
        }

        if (faults.HugeUsage)
        {
            return new TokenUsage(new PromptTokens(4_000_000_000_000_000_000, 0, 0), 4_000_000_000_000_000_000, 0);
        }

        var calls = answer.Calls.Sum(c => 3L + c.Arguments.Count);
        var images = (long)answer.Images.Count * Picture.Tokens;
        return new TokenUsage(prompt, (answer.Text.Count + calls + images + answer.Reasoning.Count) * choices, (long)answer.Reasoning.Count * choices) { Images = images * choices };
    }
}
