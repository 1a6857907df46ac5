using System.Text;
using System.Text.Json;
using Amazon.Runtime.EventStreams;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Ollama;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Protocols.OpenAI.Responses.Upstream;

namespace Fairlead.Protocols.Tests.Recordings;

/// <summary>How the provider of a recording is spoken to, and how its streams look on the wire.</summary>
internal sealed record RecordedUpstream(IUpstreamDialect Dialect, UpstreamTarget Target)
{
    public static RecordedUpstream Of(string provider) => provider switch
    {
        "amazon-bedrock" => Make(BedrockDialect.Instance, "amazon-bedrock", "amazon/nova-2-lite-v1"),
        "anthropic" => Make(AnthropicMessagesDialect.Instance, "anthropic", "anthropic/claude-sonnet-4.5"),
        "google" => Make(GeminiDialect.Instance, "google-ai-studio", "google/gemini-2.5-pro"),
        "azure" => AtAzure(OpenAIChatDialect.Default, "deepseek/deepseek-v4-pro"),
        "azure-responses" => AtAzure(ResponsesDialect.Instance, "openai/gpt-5-mini"),
        "cohere" => Make(CohereDialect.Instance, "cohere", "cohere/command-a"),
        "ollama" => Make(OllamaDialect.Instance, "ollama", "ollama/qwen3-8b"),
        "alibaba" => Make(OpenAIChatDialect.Default, "alibaba", "qwen/qwen3-max"),
        "deepseek" => Make(OpenAIChatDialect.Default, "deepseek", "deepseek/deepseek-v3.2"),
        "groq" => Make(OpenAIChatDialect.Default, "groq", "openai/gpt-oss-120b"),
        "mistral" => Make(OpenAIChatDialect.Default, "mistral", "mistralai/magistral-medium"),
        "moonshotai" => Make(OpenAIChatDialect.Default, "moonshotai", "moonshotai/kimi-k2"),
        "openai" => Make(OpenAIChatDialect.Default, "openai", "openai/gpt-5-nano"),
        "openai-responses" => Make(ResponsesDialect.Instance, "openai", "openai/gpt-5.1-codex-max"),
        "open-responses" => Make(ResponsesDialect.Instance, "lmstudio", "mistralai/ministral-14b"),
        "xai-responses" => Make(ResponsesDialect.Instance, "xai", "x-ai/grok-4-fast"),
        "openai-compatible" => Make(OpenAIChatDialect.Default, "xai", "x-ai/grok-3-mini"),
        "perplexity" => Make(OpenAIChatDialect.Default, "perplexity", "perplexity/sonar"),
        "xai" => Make(OpenAIChatDialect.Default, "xai", "x-ai/grok-3-mini"),
        _ => throw new ArgumentException($"No dialect is set for recordings of {provider}.", nameof(provider)),
    };

    /// <summary>What stands between two events and means nothing.</summary>
    public byte[] Comment => IsLines ? "\n"u8.ToArray() : ": keep-alive\n\n"u8.ToArray();

    private bool IsLines => Dialect.StreamMediaType == "application/x-ndjson";

    /// <summary>The events as the provider frames them; each element is one event with its blank line, or one line.</summary>
    public List<byte[]> Frame(IEnumerable<string> payloads, string lineEnd)
    {
        if (Dialect.Protocol == UpstreamProtocol.Bedrock)
            return [.. payloads.Select(AwsMessage)];
        if (IsLines)
            return [.. payloads.Select(p => Encoding.UTF8.GetBytes(p + lineEnd))];
        var events = payloads.Select(p => Dialect.Protocol is UpstreamProtocol.AnthropicMessages or UpstreamProtocol.Cohere or UpstreamProtocol.OpenAIResponses
            ? $"event: {TypeOf(p)}{lineEnd}data: {p}{lineEnd}{lineEnd}"
            : $"data: {p}{lineEnd}{lineEnd}").ToList();
        if (Dialect.Protocol == UpstreamProtocol.OpenAIChat)
            events.Add($"data: [DONE]{lineEnd}{lineEnd}");
        return events.ConvertAll(Encoding.UTF8.GetBytes);
    }

    // Recorded as {"name of the event": payload}.
    private static byte[] AwsMessage(string recorded)
    {
        using var document = JsonDocument.Parse(recorded);
        var member = document.RootElement.EnumerateObject().Single();
        var type = new EventStreamHeader(":event-type");
        type.SetString(member.Name);
        var kind = new EventStreamHeader(":message-type");
        kind.SetString("event");
        return new EventStreamMessage([type, kind], Encoding.UTF8.GetBytes(member.Value.GetRawText())).ToByteArray();
    }

    private static string TypeOf(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.GetProperty("type").GetString()!;
    }

    private static RecordedUpstream AtAzure(IUpstreamDialect dialect, string slug)
    {
        var made = Make(dialect, "azure", slug);
        return made with { Target = made.Target with { Host = CloudHost.Azure } };
    }

    private static RecordedUpstream Make(IUpstreamDialect dialect, string provider, string slug) => new(dialect, new UpstreamTarget
    {
        Protocol = dialect.Protocol,
        Provider = provider,
        Model = slug.Split('/')[1],
        Slug = slug,
        Supported = ParameterSet.None,
    });
}
