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
        PromptAnswers.Write(Answers, choices: 2, output);
        Same($$"""{"id":"gen-1","object":"text_completion","model":"a/b","choices":[{{Choices}}],"x_top":[1.0],"usage":{{Usage}}}""", JsonNode.Parse(output.WrittenSpan));
    }

    [Theory]
    [InlineData(": OPENROUTER PROCESSING", PromptEvent.Other)]
    [InlineData("data: [DONE]", PromptEvent.Done)]
    [InlineData("""data: {"id":"g","choices":[{"index":0,"text":"error usage"}],"usage":null}""", PromptEvent.Choices)]
    [InlineData("""data: {"id":"g","choices":[],"usage":{"prompt_tokens":1}}""", PromptEvent.Usage)]
    [InlineData("""data: {"id":"g","usage":{},"error":{"code":502},"choices":[]}""", PromptEvent.Failure)]
    public void EventOfAStream_IsKnown(string text, PromptEvent kind)
    {
        Assert.Equal(kind, PromptEvents.Read(Encoding.UTF8.GetBytes(text), out var chunk));
        Assert.Equal(text.Contains('{', StringComparison.Ordinal) ? text["data: ".Length..] : "", Encoding.UTF8.GetString(chunk));
    }

    [Fact]
    public void ChunkOfAPrompt_IsNumberedForTheWhole_AndAllElseStays()
    {
        var output = new ArrayBufferWriter<byte>();
        PromptEvents.WriteChunk(
            """{"id":"gen-3","model":"a/b","choices":[{"index":1,"text":"b","x":1.50},{"text":"a","index":0}],"usage":{"cost":1},"x_top":[1.0]}"""u8, "gen-\"1", 4, output);
        Assert.Equal(
            """data: {"id":"gen-\"1","model":"a/b","choices":[{"index":5,"text":"b","x":1.50},{"text":"a","index":4}],"x_top":[1.0]}""" + "\n\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void PromptThatWasNotAnswered_HasAChunkThatSaysWhy()
    {
        var output = new ArrayBufferWriter<byte>();
        PromptEvents.WriteFailed(Answers[0].Item2, Answers[1].Item2, "gen-9", 2, 2, output);
        Same(
            """
            {"id":"gen-9","object":"text_completion","model":"a/b","choices":[
              {"index":2,"text":"","logprobs":null,"finish_reason":"error","native_finish_reason":null,"error":{"code":502,"message":"gone"}},
              {"index":3,"text":"","logprobs":null,"finish_reason":"error","native_finish_reason":null,"error":{"code":502,"message":"gone"}}],"x_top":[1.0]}
            """,
            Assert.Single(Data(output)));
    }

    [Fact]
    public void EndOfAStream_IsTheUsageOfAll_AndOneDone()
    {
        var output = new ArrayBufferWriter<byte>();
        PromptEvents.WriteEnd([Answers[0].Item2, Answers[2].Item2], "gen-9", output);
        Same($$"""{"id":"gen-9","object":"text_completion","model":"a/b","choices":[],"x_top":[1.0],"usage":{{Usage}}}""", Assert.Single(Data(output)));
        Assert.EndsWith("}\n\ndata: [DONE]\n\n", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void StreamThatNobodyAnswered_IsOneErrorChunk()
    {
        var output = new ArrayBufferWriter<byte>();
        PromptEvents.WriteUnanswered(Answers[1].Item2, "gen-9", output);
        var chunk = Assert.Single(Data(output))!;
        Assert.Equal(("gen-9", 502, "error"), ((string?)chunk["id"], (int)chunk["error"]!["code"]!, (string?)chunk["choices"]![0]!["finish_reason"]));
    }

    private static IEnumerable<JsonNode?> Data(ArrayBufferWriter<byte> output) => Encoding.UTF8.GetString(output.WrittenSpan)
        .Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => one["data: ".Length..]).Where(one => one != "[DONE]").Select(one => JsonNode.Parse(one));

    [Fact]
    public void RequestOfAPrompt_HasItAlone_AndAllElseAsItStood() => Same(
        """{"model":"m","prompt":"b","stream":true,"stream_options":{},"x":[1.50,"é"]}""",
        JsonNode.Parse(PromptRequests.Write(Encoding.UTF8.GetBytes("""{"model":"m","pro\u006dpt":["a","b"],"stream":true,"stream_options":{},"x":[1.50,"é"]}"""), 1).Span));

    private static (bool, ReadOnlyMemory<byte>) Good(string body) => (true, Encoding.UTF8.GetBytes(body));
}
