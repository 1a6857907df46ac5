using System.Collections.Frozen;
using System.Numerics;

namespace Fairlead.Protocols.Canonical;

/// <summary>Converts between <see cref="ParameterSet"/> and the names used on the wire.</summary>
public static class ParameterNames
{
    private static readonly string[] ByBit =
    [
        "temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty", "repetition_penalty",
        "max_tokens", "max_completion_tokens", "logit_bias", "logprobs", "top_logprobs", "seed", "response_format",
        "structured_outputs", "stop", "tools", "tool_choice", "parallel_tool_calls", "include_reasoning", "reasoning",
        "reasoning_effort", "web_search_options", "verbosity", "prediction", "n",
    ];

    private static readonly FrozenDictionary<string, ParameterSet> ByName =
        ByBit.Select((name, bit) => (name, bit)).ToFrozenDictionary(p => p.name, p => (ParameterSet)(1UL << p.bit), StringComparer.Ordinal);

    /// <summary>The bit of one name, or <see cref="ParameterSet.None"/> for a name this version does not know.</summary>
    public static ParameterSet Parse(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The bits of several names; unknown names are left out.</summary>
    public static ParameterSet Parse(IEnumerable<string> names)
    {
        var set = ParameterSet.None;
        foreach (var name in names)
            set |= Parse(name);
        return set;
    }

    /// <summary>The wire names of a set, in bit order.</summary>
    public static IEnumerable<string> Names(ParameterSet set)
    {
        for (var bits = (ulong)set; bits != 0; bits &= bits - 1)
            yield return ByBit[BitOperations.TrailingZeroCount(bits)];
    }
}
