using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Attempt;

/// <summary>The dialects this version speaks to providers.</summary>
internal static class UpstreamDialects
{
    private static readonly AnthropicMessagesDialect AnthropicMessages = AnthropicMessagesDialect.Instance;

    public static IUpstreamDialect For(UpstreamProtocol protocol) => protocol switch
    {
        UpstreamProtocol.AnthropicMessages => AnthropicMessages,
        _ => throw new InvalidOperationException($"Protocol {protocol} is listed but cannot be dispatched; the catalog must not mark such endpoints live."),
    };
}
