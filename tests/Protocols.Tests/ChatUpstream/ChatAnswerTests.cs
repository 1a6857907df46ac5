using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.Tests.ChatUpstream;

public sealed class ChatAnswerTests
{
    private const string Plain = """{"id":"up-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hé\n"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""";

    [Fact]
    public void PlainAnswer_GetsOurMembersAndKeepsItsOwn()
    {
        var text = Edit("""{ "id":"up-1","object":"chat.completion","created":1.5,"model":"m","service_tier":"default","x":{"a":1.50},"choices":[ {"index":0,"cfr":{},"message":{"role":"assistant","content":"Hé\n","z":1e3},"finish_reason":"eos"} ],"usage":{"prompt_tokens":3,"completion_tokens":4}}""");
        Assert.StartsWith(
            """{"id":"gen-1","object":"chat.completion","created":42,"model":"acme/model","provider":"Acme","system_fingerprint":null,"service_tier":"default","x":{"a":1.50},"choices":[{"index":0,"cfr":{},"logprobs":null,"message":{"role":"assistant","content":"Hé\n","refusal":null,"reasoning":null,"z":1e3},"finish_reason":"stop","native_finish_reason":"eos"}],"usage":{"prompt_tokens":3,""",
            text,
            StringComparison.Ordinal);
        Assert.Equal(0.5m, (decimal)JsonNode.Parse(text)!["usage"]!["cost"]!);
    }

    private const string BareCitations = """[{"type":"url_citation","url_citation":{"url":"https://x/a"}},{"type":"url_citation","x":1.50,"url_citation":{"title":null,"url":"https://x/b","end_index":7,"x":[1e3]}},{"type":"file","file":{"hash":"h"}},7]""";
    private const string FullCitations = """[{"type":"url_citation","url_citation":{"url":"https://x/a","title":"","start_index":0,"end_index":0}},{"type":"url_citation","x":1.50,"url_citation":{"url":"https://x/b","end_index":7,"x":[1e3],"title":"","start_index":0}},{"type":"file","file":{"hash":"h"}},7]""";

    [Fact]
    public void Citations_AlwaysTellTheirTitleAndPlace()
    {
        var answer = """{"choices":[{"index":0,"message":{"role":"assistant","content":"a","annotations":A},"finish_reason":"stop"}]}""";
        Assert.Contains("\"annotations\":" + FullCitations, Edit(answer.Replace("A", BareCitations, StringComparison.Ordinal)), StringComparison.Ordinal);
        // What is whole keeps its bytes.
        var whole = FullCitations.Replace(",", " , ", StringComparison.Ordinal);
        Assert.Contains("\"annotations\":" + whole, Edit(answer.Replace("A", whole, StringComparison.Ordinal)), StringComparison.Ordinal);

        var stream = new EditedStream();
        foreach (var text in (string[])["a", "b", "c"])
            stream.Feed("""{"choices":[{"index":0,"delta":{"content":"T","annotations":A},"finish_reason":null}]}""".Replace("A", BareCitations, StringComparison.Ordinal).Replace("T", text, StringComparison.Ordinal));
        Assert.Equal(3, stream.Deltas().Count);
        Assert.All(stream.Deltas(), delta => Assert.Equal(FullCitations, delta["annotations"]!.ToJsonString()));
    }

    [Fact]
    public void Reading_TellsWhatTheGatewayNeeds()
    {
        var reading = Read(Plain);
        Assert.Null(reading.Failure);
        Assert.Equal(("up-1", "m", FinishReason.Stop, "stop"), (reading.UpstreamId, reading.UpstreamModel, reading.Finish, reading.NativeFinish));
        Assert.Equal(new Usage { PromptTokens = 3, CompletionTokens = 4 }, reading.Usage);
        Assert.Null(reading.EmittedText);
        Assert.False(reading.Empty);
    }

    [Fact]
    public void MissingUsage_LeavesTheTextToCount()
    {
        var reading = Read("""{"choices":[{"index":0,"message":{"content":"a\n","reasoning_content":"b","refusal":"c","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"x\":1}"}}]},"finish_reason":"stop"}]}""");
        Assert.Null(reading.Usage);
        Assert.Equal("ba\ncf{\"x\":1}", reading.EmittedText);
        Assert.Equal((1, FinishReason.ToolCalls), (reading.ToolCalls, reading.Finish));
    }

    [Theory]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[]},"finish_reason":null}]}""")]
    public void AnswerThatSaysNothing_IsEmpty(string body) => Assert.True(Read(body).Empty);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("\"ok\"")]
    [InlineData("{}")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"content":"x"}}]""")]
    public void BodyThatIsNoAnswer_IsAFailure(string body)
    {
        var failure = Read(body).Failure;
        Assert.Equal((ErrorKind.ProviderUnavailable, RetryClass.Next), (failure?.Kind, failure?.Retry));
    }

    [Theory]
    [InlineData("""{"error":{"message":"boom","code":429}}""", ErrorKind.RateLimitExceeded)]
    [InlineData("""{"error":"boom"}""", ErrorKind.ProviderUnavailable)]
    [InlineData("""{"id":"x","choices":null,"base_resp":{"status_code":1008,"status_msg":"boom"}}""", ErrorKind.PaymentRequired)]
    [InlineData("""{"object":"error","message":"boom","code":400}""", ErrorKind.InvalidRequest)]
    [InlineData("""{"success":false,"errors":[{"code":7009,"message":"boom"}]}""", ErrorKind.ProviderUnavailable)]
    [InlineData("""{"choices":[{"index":0,"error":{"message":"boom","code":503},"message":{"content":"par"},"finish_reason":"error"}]}""", ErrorKind.ProviderOverloaded)]
    public void ErrorInsideA200_IsAFailure(string body, ErrorKind kind)
    {
        var failure = Read(body).Failure;
        Assert.Equal((kind, "boom"), (failure?.Kind, failure?.Message));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"x"}}],"base_resp":{"status_code":0,"status_msg":""},"error":null}""")]
    [InlineData("""{"choices":[{"message":{"content":"x"}}],"error":{}}""")]
    [InlineData("""{"choices":[{"message":{"content":"x"}}],"detail":"fine","message":"ok"}""")]
    public void HostsThatAlwaysSendTheirErrorMember_AreNoFailure(string body) => Assert.Null(Read(body).Failure);

    [Theory]
    [InlineData("""{"prompt_tokens":291,"completion_tokens":26,"total_tokens":513,"completion_tokens_details":{"reasoning_tokens":196},"prompt_tokens_details":{"cached_tokens":290}}""", 291, 222, 290, 196)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":8}}""", 10, 13, 0, 8)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":50,"total_tokens":60,"completion_tokens_details":{"reasoning_tokens":8}}""", 10, 50, 0, 8)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6}""", 10, 5, 4, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":4}""", 10, 5, 4, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_token_details":{"cached_tokens":4}}""", 10, 5, 4, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"num_cached_tokens":4}""", 10, 5, 4, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"reasoning_tokens":3}""", 10, 5, 0, 3)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}""", 10, 5, 0, 0)]
    [InlineData("""{"prompt_tokens":10.0,"completion_tokens":5e0}""", 10, 5, 0, 0)]
    [InlineData("""{"prompt_tokens":-10,"completion_tokens":5}""", -10, 5, 0, 0)]
    [InlineData("""{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807,"completion_tokens_details":{"reasoning_tokens":9223372036854775807}}""", 1_000_000_000_000, 1_000_000_000_000, 0, 1_000_000_000_000)]
    [InlineData("""{"prompt_tokens":"many","completion_tokens":1e999}""", -1, -1, 0, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":"NaN","completion_tokens_details":{"reasoning_tokens":8}}""", 10, -1, 0, 8)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":-5,"completion_tokens_details":{"reasoning_tokens":10}}""", 10, -5, 0, 10)]
    public void Usage_IsReadInEveryDialectOfIt(string usage, long prompt, long completion, long cached, long reasoning)
    {
        var read = Read($$$"""{"choices":[{"message":{"content":"x"}}],"usage":{{{usage}}}}""").Usage!.Value;
        Assert.Equal((prompt, completion, cached, reasoning), (read.PromptTokens, read.CompletionTokens, read.CachedTokens, read.ReasoningTokens));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"prompt_tokens":null,"completion_tokens":null}""")]
    [InlineData("null")]
    [InlineData("[]")]
    public void UsageThatSaysNothing_IsNone(string usage) =>
        Assert.Null(Read($$$"""{"choices":[{"message":{"content":"x"}}],"usage":{{{usage}}}}""").Usage);

    [Fact]
    public void EveryPriceClass_IsRead()
    {
        var usage = Read("""{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":90,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":30,"cached_tokens_details":{"text_tokens":4,"audio_tokens":5,"image_tokens":21},"cache_creation":{"ephemeral_5m_input_tokens":6,"ephemeral_1h_input_tokens":7},"audio_tokens":9,"image_tokens":40}}}""").Usage!.Value;
        Assert.Equal((13, 7), (usage.CacheWriteTokens, usage.CacheWrite1hTokens));
        Assert.Equal((9, 5, 40, 21), (usage.AudioPromptTokens, usage.CachedAudioTokens, usage.ImagePromptTokens, usage.CachedImageTokens));
    }

    [Fact]
    public void CacheWritesAndPredictions_AreRead()
    {
        var usage = Read("""{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":9,"completion_tokens":8,"prompt_tokens_details":{"cache_creation_input_tokens":7,"audio_tokens":1,"video_tokens":2},"completion_tokens_details":{"audio_tokens":3,"image_tokens":4,"accepted_prediction_tokens":5,"rejected_prediction_tokens":6},"num_search_queries":2}}""").Usage!.Value;
        Assert.Equal((7, 1, 2, 3, 4), (usage.CacheWriteTokens, usage.AudioPromptTokens, usage.VideoPromptTokens, usage.AudioCompletionTokens, usage.ImageCompletionTokens));
        Assert.Equal((5, 6, 2), (usage.AcceptedPredictionTokens, usage.RejectedPredictionTokens, usage.WebSearchRequests));
    }

    [Theory]
    [InlineData("""{"content":"<think>deep</think>\n\nanswer"}""", "answer", "deep")]
    [InlineData("""{"content":"answer","reasoning_content":"deep"}""", "answer", "deep")]
    [InlineData("""{"content":"answer","reasoning":"deep"}""", "answer", "deep")]
    [InlineData("""{"content":"answer","reasoning":"deep","reasoning_content":"deep"}""", "answer", "deep")]
    [InlineData("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"deep"}]},{"type":"text","text":"answer"}]}""", "answer", "deep")]
    [InlineData("""{"content":"answer","reasoning_details":[{"type":"reasoning.text","text":"deep"}]}""", "answer", "deep")]
    [InlineData("""{"content":"a <think>b</think>"}""", "a <think>b</think>", null)]
    [InlineData("""{"content":"<think>all"}""", "", "all")]
    [InlineData("""{"content":null}""", null, null)]
    [InlineData("{}", null, null)]
    public void ContentAndReasoning_AreToldApart(string message, string? content, string? reasoning)
    {
        var edited = EditMessage(message);
        Assert.Equal((content, reasoning), ((string?)edited["content"], (string?)edited["reasoning"]));
        Assert.Equal(reasoning, (string?)edited["reasoning_details"]?[0]!["text"]);
        Assert.False(edited.ContainsKey("reasoning_content"));
    }

    [Fact]
    public void ExcludedReasoning_KeepsEncryptedBlocksOnly()
    {
        var edited = JsonNode.Parse(Edit("""{"choices":[{"message":{"content":"a","reasoning":"secret","reasoning_details":[{"type":"reasoning.text","text":"secret"},{"type":"reasoning.encrypted","data":"d"}]}}]}""", exclude: true))!["choices"]![0]!["message"]!.AsObject();
        Assert.Null(edited["reasoning"]);
        Assert.True(edited.ContainsKey("reasoning"));
        Assert.Equal("""[{"type":"reasoning.encrypted","data":"d"}]""", edited["reasoning_details"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"id":"a","type":"function","function":{"name":"f","arguments":{"x":"y"}}}]""", """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\u0022x\u0022:\u0022y\u0022}"}}]""")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":null}}]""", """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("""[{"id":"a","index":3,"function":{"name":"f","arguments":""},"k":1}]""", """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"k":1}]""")]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    public void ToolCalls_GetOneForm(string calls, string? expected) =>
        Assert.Equal(expected, EditMessage($$$"""{"content":null,"tool_calls":{{{calls}}}}""")["tool_calls"]?.ToJsonString());

    [Fact]
    public void MissingAndRepeatedIds_AreMade_TheSameEachTime()
    {
        const string Message = """{"content":null,"tool_calls":[{"id":"","function":{"name":"f","arguments":"{}"}},{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"a","function":{"name":"f","arguments":"{}"}}]}""";
        var ids = EditMessage(Message)["tool_calls"]!.AsArray().Select(c => (string)c!["id"]!).ToList();
        Assert.Matches("^call_[0-9A-Za-z]{24}$", ids[0]);
        Assert.Equal("a", ids[1]);
        Assert.Matches("^call_[0-9A-Za-z]{24}$", ids[2]);
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids, EditMessage(Message)["tool_calls"]!.AsArray().Select(c => (string)c!["id"]!));
    }

    [Fact]
    public void Citations_BecomeAnnotations()
    {
        var edited = JsonNode.Parse(Edit("""{"citations":["https://a"],"search_results":[{"url":"https://a","title":"A"}],"choices":[{"message":{"content":"x[1]"}}]}"""))!;
        Assert.Equal("https://a", (string?)edited["citations"]![0]);
        Assert.Equal("""[{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":0}}]""", edited["choices"]![0]!["message"]!["annotations"]!.ToJsonString());
    }

    [Fact]
    public void TogethersLogprobs_GetTheUsualShape()
    {
        var edited = JsonNode.Parse(Edit("""{"choices":[{"logprobs":{"tokens":["a","b"],"token_logprobs":[-0.5,null]},"message":{"content":"ab"}}]}"""))!["choices"]![0]!["logprobs"]!;
        Assert.Equal("""{"content":[{"token":"a","logprob":-0.5,"bytes":null,"top_logprobs":[]},{"token":"b","logprob":0,"bytes":null,"top_logprobs":[]}]}""", edited.ToJsonString());
    }

    [Fact]
    public void RandomUnknownMembers_SurviveByteForByte()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 1000; round++)
        {
            var (top, choice, message) = (RandomJson.Text(random, 3), RandomJson.Text(random, 3), RandomJson.Text(random, 3));
            var edited = Edit($$$"""{"x_top" : {{{top}}},"choices":[{"x_choice":{{{choice}}},"message":{"x_message":{{{message}}},"content":"x"},"finish_reason":"stop"}]}""");
            Assert.Contains($"\"x_top\":{top}", edited, StringComparison.Ordinal);
            Assert.Contains($"\"x_choice\":{choice}", edited, StringComparison.Ordinal);
            Assert.Contains($"\"x_message\":{message}", edited, StringComparison.Ordinal);
            Assert.NotNull(JsonNode.Parse(edited));
        }
    }

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(7);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Plain);
            for (var i = random.Next(1, 5); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(round % 2 == 0 ? 256 : 128);
            var reading = OpenAIChatDialect.Default.ReadAnswer(bytes, ChatRequestTests.AnyTarget);
            if (reading.Failure is null)
                Assert.NotNull(JsonNode.Parse(EditBytes(bytes, false)));
        }
        Assert.NotNull(Read(string.Concat(Enumerable.Repeat("{\"choices\":[", 100_000))).Failure);
        Assert.NotNull(OpenAIChatDialect.Default.ReadAnswer(new byte[] { 0xFF, 0xFE }, ChatRequestTests.AnyTarget).Failure);
    }

    private static AnswerReading Read(string body) => OpenAIChatDialect.Default.ReadAnswer(Encoding.UTF8.GetBytes(body), ChatRequestTests.AnyTarget);

    private static JsonObject EditMessage(string message) =>
        JsonNode.Parse(Edit($$$"""{"choices":[{"message":{{{message}}},"finish_reason":"stop"}]}"""))!["choices"]![0]!["message"]!.AsObject();

    private static string Edit(string body, bool exclude = false)
    {
        Assert.Null(Read(body).Failure);
        return EditBytes(Encoding.UTF8.GetBytes(body), exclude);
    }

    private static string EditBytes(byte[] body, bool exclude)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatDialect.EditAnswer(body, new AnswerIdentity("gen-1", "acme/model", "Acme", 42, exclude), new AnswerCharge { Usage = new Usage { PromptTokens = 3 }, Cost = 0.5m }, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
