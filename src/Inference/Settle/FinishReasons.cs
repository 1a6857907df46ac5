using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Settle;

internal static class FinishReasons
{
    /// <summary>What a record shows, by the row of the <see cref="BillingMatrix"/> and the finish that was named.</summary>
    public static string? Recorded(RecordedFinish row, FinishReason named) => row switch
    {
        RecordedFinish.AsNamed => WireName(named),
        RecordedFinish.Length => WireName(FinishReason.Length),
        RecordedFinish.Error => WireName(FinishReason.Error),
        _ => null,
    };

    /// <summary>The word of the contract (inference §4.2), or null when the answer never ended.</summary>
    public static string? WireName(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        FinishReason.Error => "error",
        _ => null,
    };
}
