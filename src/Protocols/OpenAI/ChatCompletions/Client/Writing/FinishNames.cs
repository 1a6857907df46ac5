using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>Finish reasons as this dialect writes them (inference §4.2).</summary>
internal static class FinishNames
{
    /// <summary>The wire name.</summary>
    public static ReadOnlySpan<byte> Of(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length"u8,
        FinishReason.ToolCalls => "tool_calls"u8,
        FinishReason.ContentFilter => "content_filter"u8,
        FinishReason.Error => "error"u8,
        _ => "stop"u8,
    };
}
