using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// The beta flags of a request that are on the contract's list (inference §2.1); others are not passed on. Clients of Anthropic's own format name them by that
/// vendor's header (I-56), and get the flag a member of their body needs without naming it.
/// </summary>
internal static class AnthropicBetas
{
    private const string ContextManagement = "context-management-2025-06-27";

    private static readonly string[] Supported =
    [
        "fine-grained-tool-streaming-2025-05-14", "interleaved-thinking-2025-05-14", "structured-outputs-2025-11-13",
    ];

    public static IReadOnlyList<string>? From(IHeaderDictionary headers, CanonicalRequest request, UpstreamProtocol protocol)
    {
        if (protocol != UpstreamProtocol.AnthropicMessages)
            return null;
        var isMessages = request.Dialect == ClientDialect.Messages;
        var said = headers["x-anthropic-beta"].ToString() + (isMessages ? "," + headers["anthropic-beta"].ToString() : "");
        var asked = said.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var flags = Supported.Where(asked.Contains).ToList();
        if (isMessages && request.HasOriginalMember("context_management"u8))
            flags.Add(ContextManagement);
        return flags.Count == 0 ? null : flags;
    }
}
