using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.OpenAI.Completions;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Completions;

public sealed class SeveralPromptsTests
{
    private static readonly (bool, ReadOnlyMemory<byte>)[] Answers =
    [
        Good("""{"id":"gen-1","object":"text_completion","model":"a/b","choices":[{"index":1,"text":"b","x":1.50},{"index":0,"text":"a"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"cost":0.000012,"is_byok":false,"cost_details":null,"prompt_tokens_details":{"cached_tokens":1}},"x_top":[1.0]}"""),
        (false, Encoding.UTF8.GetBytes("""{"error":{"code":502,"message":"gone"},"user_id":"u"}""")),
        Good("""{"id":"gen-3","object":"text_completion","model":"c/d","choices":[{"index":0,"text":"c"}],"usage":{"prompt_tokens":30,"completion_tokens":40,"cost":1e-7,"is_byok":true,"cost_details":{"upstream_inference_cost":0.1},"prompt_tokens_details":{"cached_tokens":2,"audio_tokens":5}}}"""),
    ];

    private const string Choices = """
        {"index":1,"text":"b","x":1.50},{"index":0,"text":"a"},
        {"index":2,"text":"","logprobs":null,"finish_reason":"error","native_finish_reason":null,"error":{"code":502,"message":"gone"}},
        {"index":3,"text":"","logprobs":null,"finish_reason":"error","native_finish_reason":null,"error":{"code":502,"message":"gone"}},
        {"index":4,"text":"c"}
        """;

    private const string Usage = """
        {"prompt_tokens":33,"completion_tokens":44,"cost":0.0000121,"is_byok":true,"cost_details":{"upstream_inference_cost":0.1},"prompt_tokens_details":{"cached_tokens":3,"audio_tokens":5}}
        """;

    [Fact]
    public void Answers_AreOne_NumberedAndAddedUp()
    {
        var output = new ArrayBufferWriter<byte>();
        PromptAnswers.Write(Answers, choices: 2, stream: false, output);
        Same($$"""{"id":"gen-1","object":"text_completion","model":"a/b","choices":[{{Choices}}],"x_top":[1.0],"usage":{{Usage}}}""", JsonNode.Parse(output.WrittenSpan));
    }

    [Fact]
    public void Stream_HasTheChoicesOfEachPrompt_ThenTheUsage()
    {
        var output = new ArrayBufferWriter<byte>();
        PromptAnswers.Write(Answers, choices: 2, stream: true, output);
        var data = Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => one["data: ".Length..]).ToList();
        Assert.Equal(("[DONE]", 5), (data[^1], data.Count));
        var chunks = data.SkipLast(1).Select(one => JsonNode.Parse(one)!.AsObject()).ToList();
        Assert.Equal([2, 2, 1, 0], chunks.Select(chunk => chunk["choices"]!.AsArray().Count));
        Same($"[{Choices}]", new JsonArray([.. chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => choice!.DeepClone())]));
        Assert.Equal([false, false, false, true], chunks.Select(chunk => chunk.ContainsKey("usage")));
        Same(Usage, chunks[^1]["usage"]);
        Assert.All(chunks, chunk => Assert.Equal("gen-1", (string?)chunk["id"]));
    }

    [Fact]
    public void RequestOfAPrompt_HasItAlone_AndIsNoStream() => Same(
        """{"model":"m","prompt":"b","x":[1.50,"é"]}""",
        JsonNode.Parse(PromptRequests.Write(Encoding.UTF8.GetBytes("""{"model":"m","pro\u006dpt":["a","b"],"stream":true,"stream_options":{},"x":[1.50,"é"]}"""), 1).Span));

    private static (bool, ReadOnlyMemory<byte>) Good(string body) => (true, Encoding.UTF8.GetBytes(body));
}
