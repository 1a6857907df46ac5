namespace Fairlead.Protocols.Canonical;

/// <summary>Reasoning blocks a caller sends back, for one family of endpoints (I-39).</summary>
internal static class ReasoningReplay
{
    /// <summary>Anthropic's blocks; also what a block without a format is (inference §7.3).</summary>
    public const string Anthropic = "anthropic-claude-v1";
    /// <summary>Google's blocks.</summary>
    public const string Google = "google-gemini-v1";
    /// <summary>Blocks without signatures, of models that belong to no family above.</summary>
    public const string Unknown = "unknown";

    /// <summary>
    /// The blocks of <paramref name="format"/>, in order; those of other families are left out. Callers that collect a stream send its fragments
    /// back one by one: fragments of one block (same type and index, not yet signed) are joined.
    /// </summary>
    public static List<ReasoningDetail> Blocks(Message message, string format)
    {
        var blocks = new List<ReasoningDetail>(message.ReasoningDetails.Count);
        foreach (var detail in message.ReasoningDetails)
        {
            if ((detail.Format ?? Anthropic) != format)
                continue;
            if (blocks.Count > 0 && Joins(blocks[^1], detail))
                blocks[^1] = blocks[^1] with { Text = blocks[^1].Text + detail.Text, Signature = Filled(detail.Signature) };
            else
                blocks.Add(detail);
        }
        return blocks;
    }

    private static bool Joins(ReasoningDetail open, ReasoningDetail next) =>
        open.Type == "reasoning.text" && next.Type == "reasoning.text" && open.Index is { } index && next.Index == index && Filled(open.Signature) is null;

    private static string? Filled(string? signature) => string.IsNullOrEmpty(signature) ? null : signature;
}
