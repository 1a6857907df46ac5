using BenchmarkDotNet.Attributes;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.OpenAI.Responses.Client;

namespace Fairlead.Micro.Protocols;

/// <summary>
/// A token event of every provider's format made one of every client surface: what reading and writing cost, without the framing (<see cref="SseSplitting"/>). Whole
/// streams of 1,000 tokens, their beginning included: some writers keep what they wrote for the end. Goal: ≤ 3 µs per event.
/// </summary>
[MemoryDiagnoser]
public class StreamTranslating
{
    private const int Tokens = 1000;

    private static readonly AnswerIdentity Identity = new("gen-1770770839-abcdefghijklmnopqrst", "author/model", "Some", 1_770_770_839);

    private readonly Sink _sink = new();
    private IClientDialect _client = null!;
    private StreamSample _sample = null!;

    [Params("chat", "completions", "messages", "responses")]
    public string Surface { get; set; } = "";

    [Params("openai-chat", "openai-responses", "anthropic", "gemini", "bedrock", "cohere", "ollama")]
    public string Upstream { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _sample = StreamSample.Of(Upstream);
        _client = Surface switch
        {
            "chat" => ChatCompletionsDialect.Default,
            "completions" => new CompletionsDialect(3),
            "messages" => new MessagesDialect(3),
            _ => new ResponsesClientDialect(3),
        };
        if (!Stream())
            throw new InvalidOperationException($"Streams of {Upstream} are not translated for {Surface}.");
    }

    [Benchmark(OperationsPerInvoke = Tokens)]
    public bool Stream()
    {
        var translator = _client.CreateStreamTranslator(_sample.Dialect, _sample.Target, Identity);
        var readable = true;
        foreach (var one in _sample.Opening)
            readable &= translator.Translate(one.NameBytes, one.Data, _sink) == StreamStep.Continue;
        for (var i = 0; i < Tokens; i++)
        {
            var token = _sample.Tokens[i % _sample.Tokens.Length];
            readable &= translator.Translate(token.NameBytes, token.Data, _sink) == StreamStep.Continue;
        }

        readable &= translator.HasOutput;
        translator.Release();
        return readable;
    }
}
