using BenchmarkDotNet.Attributes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Micro.Protocols;

/// <summary>Editing chat bodies and events in place. Budget (architecture §7): a token event of the same dialect ≤ 1 µs, 0 bytes allocated.</summary>
[MemoryDiagnoser]
public class ChatEditing
{
    private static readonly AnswerIdentity Identity = new("gen-1770770839-abcdefghijklmnopqrst", "meta-llama/llama-3.3-70b-instruct", "Groq", 1_770_770_839);

    private static readonly UpstreamTarget Target = new()
    {
        Protocol = UpstreamProtocol.OpenAIChat,
        Provider = "groq",
        Model = "llama-3.3-70b-versatile",
        Slug = "meta-llama/llama-3.3-70b-instruct",
        Supported = (ParameterSet)ulong.MaxValue,
    };

    private readonly Sink _sink = new();
    private StreamTranslator _content = null!;
    private StreamTranslator _changing = null!;
    private StreamTranslator _reasoning = null!;
    private StreamTranslator _calls = null!;
    private CanonicalRequest _request = null!;
    private bool _later;

    [GlobalSetup]
    public void SetUp()
    {
        _content = OpenAIChatDialect.CreateStreamEditor(Identity);
        _changing = OpenAIChatDialect.CreateStreamEditor(Identity);
        _reasoning = OpenAIChatDialect.CreateStreamEditor(Identity);
        _calls = OpenAIChatDialect.CreateStreamEditor(Identity);
        _calls.Translate(default, ProtocolSamples.ToolCallStart, _sink);
        _request = ChatCompletionsDialect.Default.ReadRequest(ProtocolSamples.Request).Request!;
    }

    [Benchmark(Baseline = true)]
    public StreamStep TokenEvent() => _content.Translate(default, ProtocolSamples.Content, _sink);

    [Benchmark]
    public StreamStep TokenEventThatChangesAround()
    {
        _later = !_later;
        return _changing.Translate(default, _later ? ProtocolSamples.ContentLater : ProtocolSamples.Content, _sink);
    }

    [Benchmark]
    public StreamStep ReasoningEvent() => _reasoning.Translate(default, ProtocolSamples.Reasoning, _sink);

    [Benchmark]
    public StreamStep ToolCallEvent() => _calls.Translate(default, ProtocolSamples.ToolCallPiece, _sink);

    [Benchmark]
    public object? Request() => OpenAIChatDialect.Default.WriteRequest(_request, Target, new UpstreamCall { Stream = true }, _sink);

    [Benchmark]
    public AnswerReading ReadAnswer() => OpenAIChatDialect.Default.ReadAnswer(ProtocolSamples.Answer, Target);

    [Benchmark]
    public void EditAnswer() =>
        OpenAIChatDialect.EditAnswer(ProtocolSamples.Answer, Identity, new AnswerCharge { Usage = new Usage { PromptTokens = 45, CompletionTokens = 8 }, Cost = 0.0000123m }, _sink);
}
