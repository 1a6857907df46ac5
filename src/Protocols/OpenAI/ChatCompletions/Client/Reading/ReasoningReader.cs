using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>The <c>reasoning</c> object (inference §7.1) and its two older spellings.</summary>
internal static class ReasoningReader
{
    private enum Member
    {
        Effort,
        MaxTokens,
        Exclude,
        Enabled,
        Summary,
        Context,
        Mode,
    }

    private static readonly NameTable<Member> Members = new(
        ("effort", Member.Effort), ("max_tokens", Member.MaxTokens), ("exclude", Member.Exclude), ("enabled", Member.Enabled),
        ("summary", Member.Summary), ("context", Member.Context), ("mode", Member.Mode));

    /// <summary>Every effort of the contract, strongest first.</summary>
    public static ReadOnlySpan<string> Efforts => Words;

    private static readonly string[] Words = ["max", "xhigh", "high", "medium", "low", "minimal", "none"];

    public static bool Read(ref RequestCursor cursor, ref ReasoningDraft reasoning)
    {
        if (!cursor.IsObject())
            return false;
        reasoning.Given = true;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            bool ok;
            switch (member)
            {
                case Member.Effort:
                    ok = cursor.ReadWord(Words, out reasoning.Effort);
                    break;
                case Member.MaxTokens:
                    ok = cursor.ReadInteger(0, int.MaxValue, out reasoning.MaxTokens);
                    break;
                case Member.Exclude:
                    ok = cursor.ReadBoolean(out var exclude);
                    reasoning.Exclude = exclude;
                    break;
                case Member.Enabled:
                    ok = cursor.ReadBoolean(out var enabled);
                    reasoning.Enabled = enabled;
                    break;
                case Member.Summary:
                    ok = cursor.ReadWord(["auto", "concise", "detailed"], out reasoning.Summary);
                    break;
                case Member.Context:
                    ok = cursor.ReadWord(["auto", "all_turns", "current_turn"], out _);
                    break;
                default:
                    ok = cursor.ReadWord(["standard", "pro"], out _);
                    break;
            }

            if (!ok)
                return false;
        }

        return cursor.Ok;
    }

    /// <summary>
    /// One set of options out of the three spellings. <c>include_reasoning</c> only says whether the text is shown, and only where
    /// <c>reasoning.exclude</c> is silent.
    /// </summary>
    public static bool Fold(ref RequestCursor cursor, in ReasoningDraft reasoning, out ReasoningOptions? options)
    {
        options = null;
        if (!reasoning.Given && reasoning.LegacyEffort is null && reasoning.Include is null)
            return true;
        if (reasoning is { Effort: { } effort, LegacyEffort: { } legacy } && effort != legacy)
            return cursor.FailNamed("reasoning_effort", $"says {legacy} but reasoning.effort says {effort}; send one of them");
        options = new ReasoningOptions(
            reasoning.Effort ?? reasoning.LegacyEffort, reasoning.MaxTokens, reasoning.Exclude ?? reasoning.Include == false, reasoning.Enabled,
            reasoning.Summary);
        return true;
    }
}

/// <summary>What was said about reasoning so far, in any spelling.</summary>
internal struct ReasoningDraft
{
    public bool Given;
    public string? Effort;
    public int? MaxTokens;
    public bool? Exclude;
    public bool? Enabled;
    public string? Summary;
    public string? LegacyEffort;
    public bool? Include;
}
