using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class ReadRequestTests
{
    [Fact]
    public void EverySamplingField_ReachesTheRequest()
    {
        var request = Chat.Good("""
            "model":"author/model","temperature":0.5,"top_p":1,"top_k":0,"min_p":0.1,"top_a":0.2,"frequency_penalty":-2,"presence_penalty":2,
            "repetition_penalty":1.5,"seed":-7,"stop":["a","b"],"logprobs":true,"top_logprobs":20,"verbosity":"xhigh","n":2,"max_tokens":100,
            "logit_bias":{"50256":-100},"structured_outputs":true,"web_search_options":{"search_context_size":"low"},
            "prediction":{"type":"content","content":"x"},"parallel_tool_calls":false,"user":"u","session_id":"s","service_tier":"flex",
            "modalities":["text","image"],"transforms":["middle-out"],"preset":"p","debug":{"echo_upstream_body":true},
            "cache_control":{"type":"ephemeral","ttl":"1h"},"stream":true
            """);

        Assert.Equal("author/model", request.Model);
        Assert.Equal((0.5, 1.0, 0, 0.1, 0.2), (request.Temperature, request.TopP, request.TopK, request.MinP, request.TopA));
        Assert.Equal((-2.0, 2.0, 1.5, -7L), (request.FrequencyPenalty, request.PresencePenalty, request.RepetitionPenalty, request.Seed));
        Assert.Equal(["a", "b"], request.Stop);
        Assert.Equal((true, 20, "xhigh", 2, 100), (request.Logprobs, request.TopLogprobs, request.Verbosity, request.N, request.MaxTokens));
        Assert.Equal(("u", "s", "flex", "p"), (request.User, request.SessionId, request.ServiceTier, request.Preset));
        Assert.Equal(["text", "image"], request.Modalities);
        Assert.Equal(["middle-out"], request.Transforms);
        Assert.Equal(new CacheMark("1h"), request.Cache);
        Assert.True(request is { EchoUpstreamBody: true, Stream: true });
        Assert.Null(request.ParallelToolCalls);
        Assert.Equal(
            ParameterSet.Temperature | ParameterSet.TopP | ParameterSet.TopK | ParameterSet.MinP | ParameterSet.TopA | ParameterSet.FrequencyPenalty
            | ParameterSet.PresencePenalty | ParameterSet.RepetitionPenalty | ParameterSet.Seed | ParameterSet.Stop | ParameterSet.Logprobs
            | ParameterSet.TopLogprobs | ParameterSet.Verbosity | ParameterSet.N | ParameterSet.MaxTokens | ParameterSet.LogitBias
            | ParameterSet.StructuredOutputs | ParameterSet.WebSearchOptions | ParameterSet.Prediction,
            request.Used);
    }

    [Fact]
    public void NullsEverywhere_AreAbsent()
    {
        var request = Chat.Good("""
            "model":null,"models":null,"temperature":null,"tools":null,"tool_choice":null,"provider":null,"reasoning":null,"stop":null,"stream":null,
            "response_format":null,"max_tokens":null,"n":null,"user":null,"plugins":null,"metadata":null,"logit_bias":null,"top_logprobs":null,
            "stream_options":null,"debug":null,"prompt":null
            """);

        Assert.Equal(ParameterSet.None, request.Used);
        Assert.Null(request.Model);
        Assert.Equal(1, request.N);
        Assert.Same(ProviderPreferences.Default, request.Provider);
    }

    [Theory]
    [InlineData("\"stop\":\"\"")]
    [InlineData("\"stop\":[]")]
    [InlineData("\"tools\":[],\"parallel_tool_calls\":true")]
    [InlineData("\"logprobs\":false,\"structured_outputs\":false")]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    public void MembersThatAskForNothing_AreNotUsed(string members) => Assert.Equal(ParameterSet.None, Chat.Good(members).Used);

    [Fact]
    public void UnknownMembers_AreKeptInTheBytes()
    {
        var request = Chat.Good("""  "safe_prompt":true,"x":{"y":[1,{"z":null}]}  """);
        Assert.Contains("\"safe_prompt\":true", Encoding.UTF8.GetString(request.Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"max_tokens\":5.0", 5)]
    [InlineData("\"max_tokens\":5e0", 5)]
    [InlineData("\"max_tokens\":50,\"max_completion_tokens\":70", 70)]
    [InlineData("\"max_completion_tokens\":70,\"max_tokens\":50", 70)]
    public void MaxTokens_IsOneNumber(string members, int expected) => Assert.Equal(expected, Chat.Good(members).MaxTokens);

    [Fact]
    public void ByteOrderMark_IsPassedOver()
    {
        var (request, error) = Chat.Read([0xEF, 0xBB, 0xBF, .. "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"u8]);
        Assert.Null(error);
        Assert.Equal((byte)'{', request!.Body.Span[0]);
        Assert.Single(request.Conversation.Messages);
    }

    [Fact]
    public void Models_LoseDuplicates()
    {
        Assert.Equal(["b/x", "c/y"], Chat.Good("""  "models":["a/M","b/x","c/y"],"model":"A/m"  """).Models);
        Assert.Equal(["b/x"], Chat.Good("""  "models":["b/x","B/X","b/x"]  """).Models);
    }

    [Theory]
    [InlineData("\"reasoning\":{\"effort\":\"high\",\"summary\":\"auto\"}", "high", null, false, null, "auto")]
    [InlineData("\"reasoning\":{\"max_tokens\":2000,\"exclude\":true}", null, 2000, true, null, null)]
    [InlineData("\"reasoning\":{\"enabled\":false}", null, null, false, false, null)]
    [InlineData("\"reasoning_effort\":\"none\"", "none", null, false, null, null)]
    [InlineData("\"reasoning_effort\":\"low\",\"reasoning\":{\"effort\":\"low\"}", "low", null, false, null, null)]
    [InlineData("\"include_reasoning\":true", null, null, false, null, null)]
    [InlineData("\"include_reasoning\":false", null, null, true, null, null)]
    [InlineData("\"include_reasoning\":false,\"reasoning\":{\"exclude\":false}", null, null, false, null, null)]
    public void Reasoning_FoldsItsSpellings(string members, string? effort, int? budget, bool exclude, bool? enabled, string? summary) =>
        Assert.Equal(new ReasoningOptions(effort, budget, exclude, enabled, summary), Chat.Good(members).Reasoning);

    [Fact]
    public void ResponseFormat_KeepsItsSchema()
    {
        var format = Chat.Good("""
            "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","strict":true,"schema":{"type":"object"}}}
            """).ResponseFormat!;

        Assert.Equal((ResponseFormatKind.JsonSchema, "n", "d", true), (format.Kind, format.Name, format.Description, format.Strict));
        Assert.Equal("object", format.Schema!.Value.GetProperty("type").GetString());
        Assert.Null(Chat.Good("\"response_format\":{\"type\":\"text\"}").ResponseFormat);
        Assert.Equal(ResponseFormatKind.JsonObject, Chat.Good("\"response_format\":{\"type\":\"json_object\"}").ResponseFormat!.Kind);
        Assert.Equal(ResponseFormatKind.Python, Chat.Good("\"response_format\":{\"type\":\"python\"}").ResponseFormat!.Kind);
        Assert.Equal(ResponseFormatKind.Grammar, Chat.Good("\"response_format\":{\"type\":\"grammar\",\"grammar\":\"g\"}").ResponseFormat!.Kind);
    }

    [Fact]
    public void ToolChoice_NeedsTools()
    {
        const string Tool = """{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}""";
        Assert.Null(Chat.Good("\"tool_choice\":\"required\"").ToolChoice);
        Assert.Null(Chat.Good("\"tools\":[],\"tool_choice\":\"required\"").ToolChoice);
        Assert.Equal(ParameterSet.None, Chat.Good("\"tools\":[],\"tool_choice\":\"required\"").Used);

        var request = Chat.Good($$$"""  "tool_choice":{"type":"function","function":{"name":"f"}},"tools":[{{{Tool}}}],"parallel_tool_calls":false  """);
        Assert.Equal(new ToolChoice(ToolChoiceKind.Function, "f"), request.ToolChoice);
        Assert.Equal(ParameterSet.Tools | ParameterSet.ToolChoice | ParameterSet.ParallelToolCalls, request.Used);
        Assert.False(request.ParallelToolCalls);
        Assert.Equal(1, request.Content.Tools);
    }

    [Fact]
    public void LegacyFunctions_BecomeTools()
    {
        var request = Chat.Good("""  "functions":[{"name":"f","description":"d","parameters":{"type":"object"}}],"function_call":{"name":"f"}  """);

        Assert.Equal(new ToolChoice(ToolChoiceKind.Function, "f"), request.ToolChoice);
        Assert.True(request.Used.HasFlag(ParameterSet.Tools | ParameterSet.ToolChoice));
        var tool = Assert.Single(request.Conversation.Tools);
        Assert.Equal(("f", "d"), (tool.Name, tool.Description));
        Assert.Equal(ToolChoiceKind.None, Chat.Good("""  "functions":[{"name":"f"}],"function_call":"none"  """).ToolChoice!.Kind);
    }

    [Fact]
    public void Provider_IsReadWhole()
    {
        var provider = Chat.Good("""
            "provider":{"order":["DeepInfra/Turbo"],"only":["a","b"],"ignore":["C"],"allow_fallbacks":false,"require_parameters":true,
            "data_collection":"deny","zdr":true,"enforce_distillable_text":true,"quantizations":["fp8","fp8","bf16"],"sort":{"by":"latency","partition":"none"},
            "max_price":{"prompt":"1.5","completion":2,"request":0,"image":"0.01","audio":1},"min_throughput":10,"max_latency":2.5,
            "preferred_min_throughput":{"p50":10,"p90":null},"preferred_max_latency":3,"options":{"openai":{}}}
            """).Provider;

        Assert.Equal(["deepinfra/turbo"], provider.Order);
        Assert.Equal(["a", "b"], provider.Only);
        Assert.Equal(["c"], provider.Ignore);
        Assert.True(provider is { AllowFallbacks: false, RequireParameters: true, DenyDataCollection: true, Zdr: true, EnforceDistillableText: true });
        Assert.Equal(["fp8", "bf16"], provider.Quantizations);
        Assert.Equal(("latency", "none"), (provider.Sort, provider.SortPartition));
        Assert.Equal(new MaxPrice(1.5m, 2m, 0m, 0.01m) { Audio = 1m }, provider.MaxPrice);
        Assert.Equal((10.0, 2.5), (provider.MinThroughput, provider.MaxLatency));
        Assert.Equal("price", Chat.Good("\"provider\":{\"sort\":\"price\"}").Provider.Sort);
    }

    [Theory]
    [InlineData("1e300")]
    [InlineData("\"1e300\"")]
    [InlineData("79228162514264337593543950336")]
    public void APriceThatNoEndpointCanHave_IsNoCap(string huge) =>
        Assert.Equal(new MaxPrice(null, 2m, null, null), Chat.Good($"\"provider\":{{\"max_price\":{{\"prompt\":{huge},\"completion\":2}}}}").Provider.MaxPrice);

    [Theory]
    [InlineData("""[{"id":"web"},{"id":"file-parser","enabled":false},{"id":"response-healing","enabled":true}]""", "web,response-healing")]
    [InlineData("""[{"id":"web"},{"id":"web","enabled":false}]""", "")]
    [InlineData("""{"web":{},"moderation":{"enabled":false},"fusion":null}""", "web")]
    public void Plugins_AreTheOnesSwitchedOn(string plugins, string expected) =>
        Assert.Equal(expected, string.Join(',', Chat.Good($"\"plugins\":{plugins}").Plugins.Where(entry => entry.Enabled).Select(entry => entry.Id)));

    [Fact]
    public void ToolHistory_IsAcceptedInOrder()
    {
        var (request, error) = Chat.Read("""
            {"messages":[
              {"role":"user","content":"weather?"},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"a","type":"function","function":{"name":"w","arguments":"{\"c\":1}"}},
                {"id":"b","type":"function","function":{"name":"w","arguments":""}}]},
              {"tool_call_id":"b","content":"rain","role":"tool"},
              {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"sun"}]}]}
            """);
        Assert.Null(error);
        Assert.Equal(4, request!.Content.Messages);
    }

    [Fact]
    public void Content_IsCounted()
    {
        var (request, error) = Chat.Read("""
            {"messages":[{"role":"user","content":[
              {"type":"text","text":"one"},
              {"image_url":{"url":"https://example.com/a.png","detail":"original"},"type":"image_url"},
              {"type":"image_url","image_url":{"url":"DATA:image/png;base64,AAAA"}},
              {"type":"file","file":{"filename":"a.pdf","file_data":"JVBERi0xLjQK"}},
              {"type":"video_url","video_url":{"url":"https://example.com/v.mp4"}},
              {"type":"input_video","video_url":{"url":"https://example.com/v.mp4"}},
              {"type":"input_audio","input_audio":{"format":"mp3","data":"AAAAAAAA"}}]}]}
            """);
        Assert.Null(error);
        var expected = Tokenizer.O200k.Count("one"u8) + 3 + 3;
        Assert.Equal(new ContentFacts(1, 0, 2, 1, 1, 2, 1, expected), request!.Content);
    }

    [Fact]
    public void EscapedText_CountsLikePlainText()
    {
        var plain = Chat.Read("""{"messages":[{"role":"user","content":"naïve 😀 text"}]}""").Request!;
        var escaped = Chat.Read("""{"messages":[{"role":"user","content":"na\u00efve \ud83d\ude00 t\u0065xt"}]}""").Request!;
        Assert.Equal(plain.Content, escaped.Content);
        Assert.Equal("naïve 😀 text", Assert.IsType<TextPart>(escaped.Conversation.Messages[0].Parts[0]).Text);
    }

    [Fact]
    public void ReasoningSentTwice_CountsOnce()
    {
        var plain = Read("""{"role":"assistant","content":"x"}""");
        var both = Read("""
            {"role":"assistant","content":"x","reasoning":"because of that","reasoning_details":[{"type":"reasoning.text","text":"because of that","signature":"AAA"}]}
            """);
        Assert.Equal(Tokenizer.O200k.Count("because of that"u8), both - plain);

        static int Read(string message) => Chat.Read($$"""{"messages":[{{message}}]}""").Request!.Content.PromptTokens;
    }

    [Fact]
    public void WavHeader_GivesTheLength()
    {
        var wav = new byte[44 + 80_000];
        "RIFF"u8.CopyTo(wav);
        "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
        BitConverter.TryWriteBytes(wav.AsSpan(28), 8_000);
        var (request, _) = Chat.Read($$$"""
            {"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"format":"wav","data":"{{{Convert.ToBase64String(wav)}}}"}}]}]}
            """);
        Assert.Equal(11, request!.Content.AudioSeconds);
    }

    [Fact]
    public void Prompt_IsOneUserMessage()
    {
        var (request, error) = Chat.Read("""{"prompt":"Once upon","model":"m"}""");
        Assert.Null(error);
        Assert.Equal(1, request!.Content.Messages);
        var message = Assert.Single(request.Conversation.Messages);
        Assert.Equal((Role.User, "Once upon"), (message.Role, Assert.IsType<TextPart>(message.Parts[0]).Text));
    }

    /// <summary>Bodies as stock clients send them, nulls and all.</summary>
    [Theory]
    [InlineData("""{"messages":[{"role":"system","content":"You are helpful."},{"role":"user","content":"Hi"}],"model":"openai/gpt-4o","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"gpt-4o","messages":[{"content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"https://example.com/i.png"}}],"role":"user"}],"max_completion_tokens":300,"store":false,"metadata":{}}""")]
    [InlineData("""{"messages":[{"role":"user","content":"w?"},{"content":null,"refusal":null,"role":"assistant","annotations":[],"audio":null,"function_call":null,"tool_calls":[{"id":"call_1","function":{"arguments":"{}","name":"w"},"type":"function"}]},{"role":"tool","tool_call_id":"call_1","content":"ok"}],"tools":[{"type":"function","function":{"name":"w","strict":true,"parameters":{"type":"object","properties":{},"additionalProperties":false}}}],"tool_choice":"auto","parallel_tool_calls":true}""")]
    [InlineData("""{"model":"x","messages":[{"role":"developer","content":"Be terse"},{"role":"user","name":"ann","content":"Hi"}],"reasoning":{"effort":"medium"},"usage":{"include":true},"provider":{"sort":"throughput"},"transforms":[]}""")]
    [InlineData("""{"model":"x","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.encrypted","data":"AA==","id":null,"format":"openai-responses-v1","index":0},{"type":"something.new","x":1}]},{"role":"user","content":[]}],"response_format":{"type":"text"}}""")]
    [InlineData("""{"model":"x","messages":[{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"no"}]},{"role":"user","content":"go on"}],"presence_penalty":0,"frequency_penalty":0,"top_p":1,"temperature":0,"n":1,"logprobs":false,"seed":42}""")]
    public void BodiesOfStockClients_AreAccepted(string body)
    {
        var (request, error) = Chat.Read(body);
        Assert.Null(error);
        Assert.NotEmpty(request!.Conversation.Messages);
        Assert.True(request.Content.PromptTokens > 0);
    }

    [Fact]
    public void ModelCap_IsConfigurable()
    {
        var body = Encoding.UTF8.GetBytes("""{"messages":[{"role":"user","content":"Hi"}],"models":["a","b","c","d"]}""");
        Assert.NotNull(new OpenAI.ChatCompletions.Client.ChatCompletionsDialect(0).ReadRequest(body).Request);
        Assert.NotNull(new OpenAI.ChatCompletions.Client.ChatCompletionsDialect(2).ReadRequest(body).Error);
    }
}
