using System.Collections.Frozen;
using System.Text;

namespace Fairlead.Protocols.Presets;

/// <summary>Which members of a chat completion a preset may hold, and which of them say the same thing.</summary>
internal static class PresetMembers
{
    public const string CacheEnabled = "cache_enabled";
    public const string CacheTtl = "cache_ttl_seconds";

    // Not here: what belongs to one call (messages, stream, user, session_id, metadata, trace, debug, prompt_cache_key, prediction) and the older names of tools.
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.Ordinal,
        "model", "models", "provider", "route", "plugins", "transforms", "tools", "tool_choice", "parallel_tool_calls", "max_tool_calls", "stop_server_tools_when",
        "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty", "repetition_penalty", "seed",
        "stop", "n", "logit_bias", "logprobs", "top_logprobs", "response_format", "structured_outputs", "verbosity", "reasoning", "reasoning_effort", "include_reasoning",
        "modalities", "audio", "image_config", "service_tier", "cache_control", "prompt_cache_options", "web_search_options", "x_search_filter");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> KeptBySpan = Kept.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A preset holds a member of this name.</summary>
    public static bool IsKept(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[64];
        return name.Length <= text.Length && Ascii.ToUtf16(name, text, out var length) == System.Buffers.OperationStatus.Done && KeptBySpan.Contains(text[..length]);
    }

    /// <summary>Members of one group speak of the same thing: a request that has one of them has said it all.</summary>
    public static string Group(string name) => name switch
    {
        "max_completion_tokens" => "max_tokens",
        "reasoning_effort" or "include_reasoning" => "reasoning",
        "functions" => "tools",
        "function_call" => "tool_choice",
        _ => name,
    };
}
