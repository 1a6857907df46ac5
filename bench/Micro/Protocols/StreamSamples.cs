using System.Text;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Ollama;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Protocols.OpenAI.Responses.Upstream;

namespace Fairlead.Micro.Protocols;

/// <summary>How streams of a provider's format begin, and what tokens look like in them, in turn; sizes are those real hosts send.</summary>
internal sealed record StreamSample(IUpstreamDialect Dialect, UpstreamTarget Target, StreamSample.Event[] Opening, params StreamSample.Event[] Tokens)
{
    public static StreamSample Of(string upstream) => upstream switch
    {
        "openai-chat" => Make(OpenAIChatDialect.Default, "llama-3.3-70b", [], new Event("", ProtocolSamples.Content)),
        "openai-responses" => Make(
            ResponsesDialect.Instance,
            "gpt-5-pro",
            [
                Named("response.created", """{"type":"response.created","sequence_number":0,"response":{"id":"resp_68af2a1f0c8d8193","model":"gpt-5-pro","status":"in_progress"}}"""),
                Named("response.output_item.added", """{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_68af2a20","type":"message","status":"in_progress","role":"assistant","content":[]}}"""),
                Named("response.content_part.added", """{"type":"response.content_part.added","sequence_number":2,"item_id":"msg_68af2a20","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}"""),
            ],
            Named("response.output_text.delta", """{"type":"response.output_text.delta","sequence_number":17,"item_id":"msg_68af2a20","output_index":0,"content_index":0,"delta":" Francisco","logprobs":[],"obfuscation":"aB3dE5"}""")),
        "anthropic" => Make(
            AnthropicMessagesDialect.Instance,
            "claude-sonnet-4-5",
            [
                Named("message_start", """{"type":"message_start","message":{"id":"msg_01XyZ","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"usage":{"input_tokens":25,"output_tokens":1}}}"""),
                Named("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
            ],
            Named("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" Francisco"}}""")),
        // The counts grow from event to event.
        "gemini" => Make(GeminiDialect.Instance, "gemini-2.5-flash", [], GeminiToken(9), GeminiToken(17)),
        "bedrock" => Make(
            BedrockDialect.Instance,
            "us.amazon.nova-2-lite-v1:0",
            [Named("messageStart", """{"role":"assistant","p":"abcdefgh"}""")],
            Named("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":" Francisco"},"p":"abcdefghijklmnop"}""")),
        "cohere" => Make(
            CohereDialect.Instance,
            "command-a",
            [
                Named("message-start", """{"id":"d34db33f","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}"""),
                Named("content-start", """{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"""),
            ],
            Named("content-delta", """{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":" Francisco"}}}}""")),
        "ollama" => Make(OllamaDialect.Instance, "qwen3:8b", [], new Event("", Encoding.UTF8.GetBytes(
            """{"model":"qwen3:8b","created_at":"2026-08-22T10:00:00.000000Z","message":{"role":"assistant","content":" Francisco"},"done":false}"""))),
        _ => throw new ArgumentException($"There is no sample of {upstream}.", nameof(upstream)),
    };

    private static Event GeminiToken(int count) => new("", Encoding.UTF8.GetBytes(
        $$$"""{"candidates":[{"content":{"parts":[{"text":" Francisco"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":{{{count}}},"totalTokenCount":{{{12 + count}}},"promptTokensDetails":[{"modality":"TEXT","tokenCount":12}]},"modelVersion":"gemini-2.5-flash","responseId":"abcDEF"}"""));

    private static Event Named(string name, string data) => new(name, Encoding.UTF8.GetBytes(data));

    private static StreamSample Make(IUpstreamDialect dialect, string model, Event[] opening, params Event[] tokens) => new(
        dialect,
        new UpstreamTarget { Protocol = dialect.Protocol, Provider = "some", Model = model, Slug = "author/" + model, Supported = ParameterSet.None },
        opening,
        tokens);

    /// <summary>An event as the framing gives it.</summary>
    internal sealed record Event(string Name, byte[] Data)
    {
        public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(Name);
    }
}
