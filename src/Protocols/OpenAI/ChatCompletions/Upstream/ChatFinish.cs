using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Finish reasons of OpenAI-style hosts, normalised (providers §2.1, inference I-23).</summary>
internal static class ChatFinish
{
    /// <summary>What a host's own word means. Unknown words mean stop (P-02).</summary>
    public static FinishReason Read(ReadOnlySpan<byte> native, bool hasCalls) => Meaning(native).Reconcile(hasCalls);

    /// <summary>A host's own word as text, without a new string for the most usual ones.</summary>
    public static string Name(ReadOnlySpan<byte> native)
    {
        if (native.SequenceEqual("stop"u8))
            return "stop";
        if (native.SequenceEqual("tool_calls"u8))
            return "tool_calls";
        return native.SequenceEqual("length"u8) ? "length" : JsonText.ToText(native);
    }

    private static FinishReason Meaning(ReadOnlySpan<byte> native)
    {
        if (native.SequenceEqual("stop"u8))
            return FinishReason.Stop;
        if (native.SequenceEqual("tool_calls"u8) || native.SequenceEqual("function_call"u8) || native.SequenceEqual("tool_use"u8))
            return FinishReason.ToolCalls;
        if (native.SequenceEqual("length"u8) || native.SequenceEqual("model_length"u8) || native.SequenceEqual("max_tokens"u8))
            return FinishReason.Length;
        // "sensitive" and "network_error" are Z.ai's, "insufficient_system_resource" DeepSeek's, "abort" vLLM's.
        if (native.SequenceEqual("content_filter"u8) || native.SequenceEqual("sensitive"u8))
            return FinishReason.ContentFilter;
        if (native.SequenceEqual("error"u8) || native.SequenceEqual("abort"u8) || native.SequenceEqual("insufficient_system_resource"u8)
            || native.SequenceEqual("network_error"u8))
            return FinishReason.Error;
        return FinishReason.Stop;
    }
}
