using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Attempt;

/// <summary>The <c>x-anthropic-beta</c> flags of a request that are on the contract's list (inference §2.1); others are not passed on.</summary>
internal static class AnthropicBetas
{
    private static readonly string[] Supported =
    [
        "fine-grained-tool-streaming-2025-05-14", "interleaved-thinking-2025-05-14", "structured-outputs-2025-11-13",
    ];

    public static IReadOnlyList<string>? From(IHeaderDictionary headers, UpstreamProtocol protocol)
    {
        if (protocol != UpstreamProtocol.AnthropicMessages || !headers.TryGetValue("x-anthropic-beta", out var values))
            return null;
        var asked = values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var flags = Supported.Where(asked.Contains).ToArray();
        return flags.Length == 0 ? null : flags;
    }
}
