namespace Fairlead.Protocols.Canonical;

/// <summary>Why an answer ended, normalised (inference contract §4.2). The provider's own word travels beside it.</summary>
public enum FinishReason
{
    /// <summary>Not ended yet, or never said.</summary>
    None = 0,
    /// <summary><c>stop</c></summary>
    Stop,
    /// <summary><c>length</c></summary>
    Length,
    /// <summary><c>tool_calls</c></summary>
    ToolCalls,
    /// <summary><c>content_filter</c></summary>
    ContentFilter,
    /// <summary><c>error</c></summary>
    Error,
}

/// <summary>What is true of finish reasons in every dialect.</summary>
internal static class FinishReasonRules
{
    /// <summary>A stop with calls is a call, a call without calls is a stop; the others stand (P-02).</summary>
    public static FinishReason Reconcile(this FinishReason said, bool hasCalls) => said switch
    {
        FinishReason.Stop when hasCalls => FinishReason.ToolCalls,
        FinishReason.ToolCalls when !hasCalls => FinishReason.Stop,
        _ => said,
    };
}
