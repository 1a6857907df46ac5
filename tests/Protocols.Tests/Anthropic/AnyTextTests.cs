using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using Fairlead.Protocols.Ollama;
using FsCheck;
using FsCheck.Fluent;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

/// <summary>Whatever text a caller said, every provider's request is JSON that reads back the same.</summary>
public class AnyTextTests
{
    private static readonly (IUpstreamDialect Dialect, UpstreamTarget Target)[] Upstreams =
    [
        (AnthropicMessagesDialect.Instance, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5")),
        (GeminiDialect.Instance, Target(UpstreamProtocol.Gemini, "gemini-3-pro-preview")),
        (CohereDialect.Instance, Target(UpstreamProtocol.Cohere, "command-a")),
        (ResponsesDialect.Instance, Target(UpstreamProtocol.OpenAIResponses, "gpt-5-pro")),
        (BedrockDialect.Instance, Target(UpstreamProtocol.Bedrock, "us.amazon.nova-2-lite-v1:0")),
        (AnthropicOnBedrockDialect.Instance, Target(UpstreamProtocol.AnthropicMessages, "us.anthropic.claude-sonnet-4-5-v1:0") with { Host = CloudHost.Bedrock }),
        (OllamaDialect.Instance, Target(UpstreamProtocol.Ollama, "qwen3:8b")),
    ];

    [Fact]
    public void AnyText_IsWrittenAsJsonThatReadsBackTheSame()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(ArbMap.Default.ArbFor<string>(), ArbMap.Default.ArbFor<string>(), (a, b) =>
        {
            var (text, other) = (a ?? "", b ?? "");
            var request = With(new Conversation
            {
                Messages =
                [
                    Instructions(other), User(text), Assistant(other, new ToolCall(other, text, text)) with
                    {
                        ReasoningDetails = [new() { Type = "reasoning.text", Text = text, Signature = other }, new() { Type = "reasoning.encrypted", Format = "google-gemini-v1", Id = other, Data = text }],
                    },
                    Result(other, text), User("end" + text + "."),
                ],
                Tools = [Tool("f", """{"type":"object","properties":{"a":{"type":"string"}}}""")],
            }) with
            { Stop = [text] };
            foreach (var (dialect, target) in Upstreams)
            {
                var output = new ArrayBufferWriter<byte>();
                Assert.Null(dialect.WriteRequest(request, target, default, output));
                using var written = JsonDocument.Parse(output.WrittenMemory);
                var last = written.RootElement.EnumerateObject().First(m => m.Name is "messages" or "contents" or "input").Value.EnumerateArray().Last();
                var said = last.TryGetProperty("parts", out var parts) ? parts.EnumerateArray().Last().GetProperty("text").GetString()
                    : last.GetProperty("content") is { ValueKind: JsonValueKind.String } plain ? plain.GetString() : last.GetProperty("content").EnumerateArray().Last().GetProperty("text").GetString();
                Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes("end" + text + ".")), said);
            }
        }));
    }
}
