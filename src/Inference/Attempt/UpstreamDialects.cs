using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Inference.Attempt;

/// <summary>The dialects this version speaks to providers.</summary>
internal static class UpstreamDialects
{
    private static readonly OpenAIChatDialect OpenAIChat = new();

    public static IUpstreamDialect For(UpstreamProtocol protocol) => protocol switch
    {
        UpstreamProtocol.OpenAIChat => OpenAIChat,
        UpstreamProtocol.AnthropicMessages => AnthropicMessagesDialect.Instance,
        UpstreamProtocol.Gemini => GeminiDialect.Instance,
        UpstreamProtocol.Cohere => CohereDialect.Instance,
        _ => throw new InvalidOperationException($"Protocol {protocol} is listed but cannot be dispatched; the catalog must not mark such endpoints live."),
    };
}
