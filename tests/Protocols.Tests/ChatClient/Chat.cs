using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>The dialect under test, in one line each.</summary>
internal static class Chat
{
    public static readonly AnswerIdentity Identity = new("gen-1700000000-abcdefghijklmnopqrst", "author/model", "Some Provider", 1_700_000_000);

    public static readonly UpstreamTarget Target = new()
    {
        Protocol = UpstreamProtocol.AnthropicMessages,
        Provider = "some",
        Model = "model",
        Slug = "author/model",
        Supported = ParameterSet.None,
    };

    public static AnswerCharge Charge => new()
    {
        Usage = new Usage { PromptTokens = 12, CompletionTokens = 5, ReasoningTokens = 2 },
        Cost = 0.0000123400m,
        UpstreamPromptCost = 0.000001m,
        UpstreamCompletionCost = 0.00001134m,
        UpstreamCost = 0.00001234m,
    };

    public static (CanonicalRequest? Request, GatewayError? Error) Read(string body) => Read(Encoding.UTF8.GetBytes(body));

    public static (CanonicalRequest? Request, GatewayError? Error) Read(byte[] body) => ChatCompletionsDialect.Default.ReadRequest(body);

    /// <summary>A good request with extra members beside <c>messages</c>.</summary>
    public static CanonicalRequest Good(string members)
    {
        var (request, error) = Read($$"""{"messages":[{"role":"user","content":"Hi"}]{{(members.Length > 0 ? "," : "")}}{{members}}}""");
        Assert.Null(error);
        return request!;
    }

    public static GatewayError Bad(string body)
    {
        var (request, error) = Read(body);
        Assert.Null(request);
        return error!;
    }

    public static JsonNode Answer(IReadOnlyList<AnswerEvent> events, FinishReason finish = FinishReason.Stop, AnswerIdentity? identity = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var reading = new AnswerReading { Finish = finish, NativeFinish = "native", Events = events };
        ChatCompletionsDialect.Default.WriteAnswer(reading, default, identity ?? Identity, Charge, output);
        return JsonNode.Parse(output.WrittenSpan)!;
    }

    public static string Text(ArrayBufferWriter<byte> output) => Encoding.UTF8.GetString(output.WrittenSpan);

    /// <summary>The payloads of a stream's events.</summary>
    public static List<string> Events(string stream) =>
        [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.StartsWith("data: ", StringComparison.Ordinal) ? e[6..] : throw new FormatException(e))];
}
