using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Ollama;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Protocols.OpenAI.Responses.Upstream;

namespace Fairlead.Inference.Attempt;

/// <summary>The dialects this version speaks to providers.</summary>
internal static class UpstreamDialects
{
    private static readonly OpenAIChatDialect OpenAIChat = new();

    public static IUpstreamDialect For(UpstreamTarget target) => target.Protocol switch
    {
        UpstreamProtocol.OpenAIChat => OpenAIChat,
        UpstreamProtocol.OpenAIResponses => ResponsesDialect.Instance,
        UpstreamProtocol.AnthropicMessages when target.Host == CloudHost.Bedrock => AnthropicOnBedrockDialect.Instance,
        UpstreamProtocol.AnthropicMessages => AnthropicMessagesDialect.Instance,
        UpstreamProtocol.Bedrock => BedrockDialect.Instance,
        UpstreamProtocol.Gemini => GeminiDialect.Instance,
        UpstreamProtocol.Cohere => CohereDialect.Instance,
        UpstreamProtocol.Ollama => OllamaDialect.Instance,
        _ => throw new InvalidOperationException($"Protocol {target.Protocol} is listed but cannot be dispatched; the catalog must not mark such endpoints live."),
    };
}
