using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Ollama;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.OpenAI.Responses.Client;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using Fairlead.Protocols.Tests.Recordings;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>
/// What providers answer, whole (<c>-answer</c>) and as streams (<c>-stream</c>), with errors of every status: any client surface gets JSON, calls numbered from 0
/// and one end; or there is a failure in words.
/// </summary>
internal static class UpstreamTargets
{
    private const int LongestSample = 20_000;
    private const int MostEvents = 60;

    private static readonly (string Name, IUpstreamDialect Dialect, UpstreamTarget Target, string[] Recordings)[] Upstreams =
    [
        ("openai-chat", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "openai", "gpt-5"), ["openai", "deepseek", "xai", "openai-compatible", "alibaba", "moonshotai"]),
        ("mistral", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "mistral", "magistral-medium"), ["mistral", "perplexity", "groq"]),
        ("azure-chat", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "azure", "gpt-5") with { Host = CloudHost.Azure, ReasoningInContent = true }, ["azure", "openai"]),
        ("openai-responses", ResponsesDialect.Instance, Of(UpstreamProtocol.OpenAIResponses, "openai", "gpt-5-pro"), ["openai-responses", "azure-responses", "open-responses", "xai-responses"]),
        ("anthropic", AnthropicMessagesDialect.Instance, Of(UpstreamProtocol.AnthropicMessages, "anthropic", "claude-sonnet-4-5"), ["anthropic"]),
        ("anthropic-on-bedrock", AnthropicOnBedrockDialect.Instance, Of(UpstreamProtocol.AnthropicMessages, "amazon-bedrock", "us.anthropic.claude-sonnet-4-5-v1:0") with { Host = CloudHost.Bedrock }, ["anthropic"]),
        ("bedrock", BedrockDialect.Instance, Of(UpstreamProtocol.Bedrock, "amazon-bedrock", "us.amazon.nova-2-lite-v1:0"), ["amazon-bedrock"]),
        ("gemini", GeminiDialect.Instance, Of(UpstreamProtocol.Gemini, "google-ai-studio", "gemini-3-pro-preview"), ["google"]),
        ("vertex-gemini", GeminiDialect.Instance, Of(UpstreamProtocol.Gemini, "google-vertex", "gemini-2.5-pro") with { Host = CloudHost.Vertex }, ["google"]),
        ("cohere", CohereDialect.Instance, Of(UpstreamProtocol.Cohere, "cohere", "command-a"), ["cohere"]),
        ("ollama", OllamaDialect.Instance, Of(UpstreamProtocol.Ollama, "ollama", "qwen3:8b"), ["ollama"]),
    ];

    private static readonly IClientDialect[] Clients = [ChatCompletionsDialect.Default, new MessagesDialect(3), new ResponsesClientDialect(3), new CompletionsDialect(3)];

    private static readonly string[] Dates = ["Fri, 20 Nov 2026 12:00:30 GMT", "9999-12-31T23:59:59Z", "0001-01-01", "x", "-5", "1e99", "99999999999999999999999"];

    private static readonly int[] Statuses = [200, 400, 401, 403, 404, 422, 429, 498, 500, 503, 529];

    private static readonly byte[] Asked = """{"model":"a/b","input":"hi","tools":[{"type":"function","name":"f","parameters":{}}]}"""u8.ToArray();

    private static readonly AnswerCharge Charge = new() { Usage = new Usage { PromptTokens = 3, CompletionTokens = 5 }, Cost = 0.25m };

    public static IEnumerable<FuzzTarget> All => Upstreams.SelectMany(upstream => (IEnumerable<FuzzTarget>)
    [
        new FuzzTarget(upstream.Name + "-answer", Answers(upstream.Recordings, upstream.Name), (body, random) => ReadWhole(upstream.Dialect, upstream.Target, body, random)),
        new FuzzTarget(upstream.Name + "-stream", Streams(upstream.Recordings, upstream.Name), (events, random) => ReadStream(upstream.Dialect, upstream.Target, events, random)),
    ]);

    /// <summary>Some provider to write a request for.</summary>
    public static (IUpstreamDialect Dialect, UpstreamTarget Target) Any(Random random)
    {
        var (_, dialect, target, _) = Upstreams[random.Next(Upstreams.Length)];
        return (dialect, target);
    }

    private static void ReadWhole(IUpstreamDialect dialect, UpstreamTarget target, byte[] body, Random random)
    {
        var date = Dates[random.Next(Dates.Length)];
        Assert.NotEmpty(dialect.ReadFailure(Statuses[random.Next(Statuses.Length)], name => name is "retry-after" or "date" ? date : null, body).Message);
        var reading = dialect.ReadAnswer(body, target);
        if (reading.Failure is { } failure)
        {
            Assert.NotEmpty(failure.Message);
            return;
        }

        foreach (var client in Clients)
        {
            var output = new ArrayBufferWriter<byte>();
            client.WriteAnswer(reading, body, Identity(client, dialect, random), Charge, output);
            Assert.True(JsonCheck.IsValid(output.WrittenSpan), $"{client.Dialect}: {Encoding.UTF8.GetString(output.WrittenSpan)}");
        }
    }

    /// <summary>Damage may change what stands in an event, its order and its name, but events are lines: the framing has targets of its own.</summary>
    private static void ReadStream(IUpstreamDialect dialect, UpstreamTarget target, byte[] events, Random random)
    {
        var client = Clients[random.Next(Clients.Length)];
        var translator = client.CreateStreamTranslator(dialect, target, Identity(client, dialect, random));
        translator.KeepsCalls = translator.KeepsReasoning = random.Next(2) == 0;
        var output = new ArrayBufferWriter<byte>();
        var step = StreamStep.Continue;
        foreach (var line in Events(events))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (name, data) = space < 0 ? ("", line) : (line[..space], line[(space + 1)..]);
            step = translator.Translate(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(data), output);
            if (step != StreamStep.Continue || translator.Failure is not null)
                break;
        }

        if (step == StreamStep.Unreadable || translator.Failure is not null || !translator.Complete(output))
            translator.WriteFailure(new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = "cut" }, output);
        else
            translator.WriteEnd(Charge, output);
        _ = (translator.ReadCalls(), translator.ReadReasoning());
        translator.Release();
        foreach (var line in Encoding.UTF8.GetString(output.WrittenSpan).Split('\n'))
        {
            Assert.True(
                line is "" or "data: [DONE]" || line.StartsWith("event: ", StringComparison.Ordinal) || line.StartsWith(':')
                || (line.StartsWith("data: {", StringComparison.Ordinal) && JsonCheck.IsValid(Encoding.UTF8.GetBytes(line["data: ".Length..]))),
                $"{client.Dialect}: {line}");
        }

        AssertEvents(dialect, target, events);
    }

    // No framing yields a line end of either kind within an event.
    private static string[] Events(byte[] bytes) => Encoding.Latin1.GetString(bytes).Replace("\r", "", StringComparison.Ordinal).Split('\n');

    private static void AssertEvents(IUpstreamDialect dialect, UpstreamTarget target, byte[] events)
    {
        var reader = dialect.CreateEventReader(target);
        var read = new List<AnswerEvent>();
        foreach (var line in Events(events))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (name, data) = space < 0 ? ("", line) : (line[..space], line[(space + 1)..]);
            if (reader.Read(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(data), read) != StreamStep.Continue)
                break;
        }

        reader.Complete(read);
        reader.Complete(read);
        Assert.True(read.OfType<AnswerFinished>().Count() <= 1, "finished twice");
        var started = read.OfType<ToolCallStarted>().Select(call => call.Index).ToList();
        Assert.Equal(Enumerable.Range(0, started.Count), started);
        Assert.All(read.OfType<ToolCallArguments>(), piece => Assert.InRange(piece.Index, 0, started.Count - 1));
    }

    private static AnswerIdentity Identity(IClientDialect client, IUpstreamDialect dialect, Random random)
    {
        var same = (client.Dialect == ClientDialect.Messages && dialect is AnthropicMessagesDialect)
            || (client.Dialect == ClientDialect.Responses && dialect.Protocol == UpstreamProtocol.OpenAIResponses);
        return new AnswerIdentity("gen-1700000000-abcdefghijklmnopqrst", "author/model", "Some", 1_700_000_000, ExcludeReasoning: random.Next(4) == 0)
        {
            Forwarded = same && random.Next(2) == 0,
            Asked = client.Dialect == ClientDialect.Responses ? Asked : default,
        };
    }

    private static byte[][] Answers(string[] providers, string name) =>
    [
        .. Recorded(RecordingKind.Whole, providers).Concat(Recorded(RecordingKind.Failure, providers)).Select(one => one.Bytes).Where(bytes => bytes.Length <= LongestSample),
        .. UpstreamSamples.Answers(name).Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>One event a line: its name, a space, its data. Events of Bedrock are recorded as <c>{"name": data}</c>.</summary>
    private static byte[][] Streams(string[] providers, string name) =>
    [
        .. Recorded(RecordingKind.Stream, providers)
            .SelectMany(one => one.Replies.Where(reply => reply.Count > 0).Select(reply => Lines(one.Provider, reply)))
            .Where(bytes => bytes.Length <= LongestSample).DefaultIfEmpty("x {}"u8.ToArray()),
        .. UpstreamSamples.Streams(name).Select(lines => Encoding.UTF8.GetBytes(string.Join('\n', lines))),
    ];

    private static byte[] Lines(string provider, List<string> reply) => Encoding.UTF8.GetBytes(string.Join('\n', (reply.Count <= MostEvents ? reply : [.. reply.Take(MostEvents / 2), .. reply.TakeLast(MostEvents / 2)]).Select(payload =>
    {
        using var document = JsonDocument.Parse(payload);
        if (provider == "amazon-bedrock")
        {
            var member = document.RootElement.EnumerateObject().Single();
            return $"{member.Name} {member.Value.GetRawText()}";
        }

        return $"{(document.RootElement.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : "message")} {payload}";
    })));

    private static IEnumerable<Recording> Recorded(RecordingKind kind, string[] providers) =>
        Recording.All(kind).Select(Recording.Open).Where(one => providers.Contains(one.Provider));

    private static UpstreamTarget Of(UpstreamProtocol protocol, string provider, string model) => new()
    {
        Protocol = protocol, Provider = provider, Model = model, Slug = "author/" + model, Supported = (ParameterSet)ulong.MaxValue,
    };
}
