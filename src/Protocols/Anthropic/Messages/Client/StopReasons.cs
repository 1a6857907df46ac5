using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>Why an answer ended, in this format's words (inference §12.2).</summary>
internal static class StopReasons
{
    private static readonly string[] Own = ["end_turn", "max_tokens", "model_context_window_exceeded", "stop_sequence", "tool_use", "pause_turn", "refusal", "compaction"];

    /// <summary>The word: the provider's own where it is one of these and means the same.</summary>
    public static string Of(FinishReason reason, string? native) => reason switch
    {
        FinishReason.ToolCalls => "tool_use",
        FinishReason.Length => native is "model_context_window_exceeded" ? native : "max_tokens",
        FinishReason.ContentFilter => "refusal",
        _ => native is not null && native is not ("tool_use" or "max_tokens") && Own.Contains(native) ? native : "end_turn",
    };
}
