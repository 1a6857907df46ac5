using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

public sealed class OpenAIChatTests(Upstream upstream) : IClassFixture<Upstream>
{
    private static readonly JsonNode WeatherTool = JsonNode.Parse("""
        {"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":3}},"required":["city"]}}}
        """)!;

    private static readonly JsonNode TimeTool = JsonNode.Parse("""{"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}""")!;

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/chat/completions")]
    [InlineData("/api/paas/v4/chat/completions")]
    public async Task PlainQuestion_GetsEveryMemberARealAnswerHas(string path)
    {
        var (status, body) = await upstream.PostAsync(path, Upstream.Ask("sim", "Repeat after me: the fish"));

        Assert.Equal(200, status);
        Assert.StartsWith("chatcmpl-", (string?)body["id"], StringComparison.Ordinal);
        Assert.Equal("chat.completion", (string?)body["object"]);
        Assert.Equal("sim", (string?)body["model"]);
        Assert.True((long)body["created"]! > 1_700_000_000);
        Assert.StartsWith("fp_", (string?)body["system_fingerprint"], StringComparison.Ordinal);
        var choice = body["choices"]![0]!;
        Assert.Equal("the fish", (string?)choice["message"]!["content"]);
        Assert.True(choice["message"]!.AsObject().ContainsKey("refusal"));
        Assert.Equal("stop", (string?)choice["finish_reason"]);
        Assert.Equal(2, (int)body["usage"]!["completion_tokens"]!);
        Assert.Equal((int)body["usage"]!["prompt_tokens"]! + 2, (int)body["usage"]!["total_tokens"]!);
        Assert.Equal(0, (int)body["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
    }

    [Fact]
    public async Task SameRequestTwice_GetsTheSameAnswer()
    {
        var first = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("sim", "anything at all"));
        var second = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("sim", "anything at all"));

        Assert.Equal((string?)first.Body["id"], (string?)second.Body["id"]);
        Assert.Equal(first.Body["choices"]!.ToJsonString(), second.Body["choices"]!.ToJsonString());
        Assert.Contains("anything at all", first.Body["choices"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskedWhatWasSaidFirst_AnswersFromTheConversation()
    {
        var body = Upstream.Ask("sim", "I like plums");
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = "Good." });
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "What did I say first?" });

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("You first said: I like plums", (string?)answer["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Stream_HasRoleContentFinishUsageAndDone()
    {
        var body = Upstream.Ask("sim", "Repeat after me: one two, three", stream: true);
        body["stream_options"] = new JsonObject { ["include_usage"] = true, ["include_obfuscation"] = false };

        var events = await upstream.StreamAsync(Upstream.Chat, body);

        Assert.True(events[^1].IsDone);
        var chunks = events[..^1].Select(e => e.Json).ToList();
        Assert.Equal("assistant", (string?)chunks[0]["choices"]![0]!["delta"]!["role"]);
        Assert.Equal("one two, three", Content(chunks));
        Assert.Equal("stop", (string?)chunks[^2]["choices"]![0]!["finish_reason"]);
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(4, (int)chunks[^1]["usage"]!["completion_tokens"]!);
        Assert.All(chunks[..^1], c => Assert.True(c.AsObject().ContainsKey("usage") && c["usage"] is null));
        Assert.All(chunks, c => Assert.False(c.AsObject().ContainsKey("obfuscation")));
    }

    [Fact]
    public async Task StreamWithoutOptions_IsPaddedAndHasNoUsage()
    {
        var events = await upstream.StreamAsync(Upstream.Chat, Upstream.Ask("sim", "hello", stream: true));

        Assert.All(events[..^1], e => Assert.NotNull((string?)e.Json["obfuscation"]));
        Assert.All(events[..^1], e => Assert.False(e.Json.AsObject().ContainsKey("usage")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolMentioned_IsCalledWithArgumentsOfItsSchema(bool stream)
    {
        var body = Upstream.Ask("sim", "Please call get_weather for \"Zürich\"", stream);
        body["tools"] = new JsonArray(WeatherTool.DeepClone());

        JsonNode call;
        if (stream)
        {
            var deltas = (await upstream.StreamAsync(Upstream.Chat, body))[..^1].SelectMany(e => e.Json["choices"]!.AsArray()).ToList();
            var parts = deltas.Select(d => d!["delta"]!["tool_calls"]?[0]).OfType<JsonNode>().ToList();
            Assert.Equal("tool_calls", (string?)deltas[^1]!["finish_reason"]);
            call = parts[0].DeepClone();
            call["function"]!["arguments"] = string.Concat(parts.Select(p => (string?)p["function"]!["arguments"]));
        }
        else
        {
            var choice = (await upstream.PostAsync(Upstream.Chat, body)).Body["choices"]![0]!;
            Assert.Equal("tool_calls", (string?)choice["finish_reason"]);
            Assert.Null(choice["message"]!["content"]);
            call = choice["message"]!["tool_calls"]![0]!;
        }

        Assert.StartsWith("call_", (string?)call["id"], StringComparison.Ordinal);
        Assert.Equal("get_weather", (string?)call["function"]!["name"]);
        var arguments = JsonNode.Parse((string)call["function"]!["arguments"]!)!;
        Assert.Equal("Zürich", (string?)arguments["city"]);
        Assert.Equal(3, (int)arguments["days"]!);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task TwoToolsMentioned_AreCalledTogetherWhereAllowed(bool parallel, int calls)
    {
        var body = Upstream.Ask("sim", "call get_time and get_weather");
        body["tools"] = new JsonArray(WeatherTool.DeepClone(), TimeTool.DeepClone());
        body["parallel_tool_calls"] = parallel;

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        var made = answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray();
        Assert.Equal(calls, made.Count);
        Assert.Equal("get_time", (string?)made[0]!["function"]!["name"]);
        Assert.Equal("{}", (string?)made[0]!["function"]!["arguments"]);
    }

    [Theory]
    [InlineData("\"required\"", "get_weather")]
    [InlineData("""{"type":"function","function":{"name":"get_time"}}""", "get_time")]
    [InlineData("\"auto\"", null)]
    [InlineData("\"none\"", null)]
    public async Task ToolChoice_IsObeyed(string choice, string? called)
    {
        var body = Upstream.Ask("sim", choice == "\"none\"" ? "call get_time" : "good morning");
        body["tools"] = new JsonArray(WeatherTool.DeepClone(), TimeTool.DeepClone());
        body["tool_choice"] = JsonNode.Parse(choice);

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal(called, (string?)answer["choices"]![0]!["message"]!["tool_calls"]?[0]!["function"]!["name"]);
    }

    [Fact]
    public async Task ToolResult_IsAnsweredWith()
    {
        var body = JsonNode.Parse("""
            {"model":"sim","messages":[{"role":"user","content":"call get_weather"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"a","content":"22 degrees"}]}
            """)!;
        body["tools"] = new JsonArray(WeatherTool.DeepClone());

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("get_weather returned: 22 degrees", (string?)answer["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task MaxTokens_CutsTheAnswer()
    {
        var body = Upstream.Ask("sim", "Repeat after me: a b c d e f");
        body["max_tokens"] = 3;

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("a b c", (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(3, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task StopSequence_EndsTheAnswerBeforeIt()
    {
        var body = Upstream.Ask("sim", "Repeat after me: red green blue");
        body["stop"] = new JsonArray("zzz", " green");

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("red", (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task JsonSchema_GetsAValidInstance()
    {
        var body = Upstream.Ask("sim", "who?");
        body["response_format"] = JsonNode.Parse("""
            {"type":"json_schema","json_schema":{"name":"p","schema":{"type":"object","$defs":{"tag":{"enum":["x","y"]}},
             "properties":{"name":{"type":"string","maxLength":4},"age":{"type":["integer","null"],"minimum":18},"tags":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/tag"}},
             "home":{"anyOf":[{"type":"null"},{"type":"object","properties":{"street":{"type":"string"}}}]},"mail":{"type":"string","format":"email"}},"required":["name"]}}}
            """);

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        var made = JsonNode.Parse((string)answer["choices"]![0]!["message"]!["content"]!)!;
        Assert.Equal(4, ((string)made["name"]!).Length);
        Assert.Equal(18, (int)made["age"]!);
        Assert.Equal("""["x","x"]""", made["tags"]!.ToJsonString());
        Assert.NotNull(made["home"]!["street"]);
        Assert.Contains('@', (string)made["mail"]!);
    }

    [Fact]
    public async Task JsonObjectFormat_GetsAnObject()
    {
        var body = Upstream.Ask("sim", "json please");
        body["response_format"] = new JsonObject { ["type"] = "json_object" };

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("json please", (string?)JsonNode.Parse((string)answer["choices"]![0]!["message"]!["content"]!)!["answer"]);
    }

    [Fact]
    public async Task Images_AreSeenByCountAndType()
    {
        var body = JsonNode.Parse("""
            {"model":"sim","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},
             {"type":"image_url","image_url":{"url":"https://example.com/a.jpg"}}]}]}
            """)!;

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.StartsWith("I see 2 images: image/png, url. ", (string?)answer["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sim-reasoner", null, true)]
    [InlineData("sim", "high", true)]
    [InlineData("sim", "none", false)]
    [InlineData("sim", null, false)]
    public async Task Reasoning_ComesAsReasoningContentAndIsCounted(string model, string? effort, bool reasons)
    {
        var body = Upstream.Ask(model, "why is the sky blue");
        if (effort is not null)
        {
            body["reasoning_effort"] = effort;
        }

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal(reasons, answer["choices"]![0]!["message"]!["reasoning_content"] is not null);
        Assert.Equal(reasons, (int)answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]! > 0);
    }

    [Fact]
    public async Task ReasoningLongerThanMaxTokens_LeavesNoContent()
    {
        var body = Upstream.Ask("sim-reasoner", "why is the sky blue");
        body["max_tokens"] = 4;

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("", (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(4, (int)answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!);
    }

    [Fact]
    public async Task LongPrefixTwice_IsReportedAsCached()
    {
        var text = string.Join(' ', Enumerable.Range(0, 2000).Select(n => $"w{n}"));
        var first = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("cache-model", text + " alpha"));
        var second = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("cache-model", text + " beta"));

        Assert.Equal(0, (int)first.Body["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
        var cached = (int)second.Body["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
        Assert.True(cached >= 1024 && cached % 128 == 0 && cached < (int)second.Body["usage"]!["prompt_tokens"]!, $"cached {cached}");
    }

    [Fact]
    public async Task SeveralChoices_AreAllSentAndCounted()
    {
        var body = Upstream.Ask("sim", "Repeat after me: a b");
        body["n"] = 2;

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal(2, answer["choices"]!.AsArray().Count);
        Assert.Equal(4, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Logprobs_CoverTheText()
    {
        var body = Upstream.Ask("sim", "Repeat after me: a b");
        body["logprobs"] = true;

        var (_, answer) = await upstream.PostAsync(Upstream.Chat, body);

        Assert.Equal("a b", string.Concat(answer["choices"]![0]!["logprobs"]!["content"]!.AsArray().Select(t => (string?)t!["token"])));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "you must provide a model parameter", null)]
    [InlineData("""{"model":"sim"}""", "Missing required parameter: 'messages'", "missing_required_parameter")]
    [InlineData("""{"model":"sim","messages":[]}""", "empty array", "empty_array")]
    [InlineData("""{"model":"sim","messages":"x"}""", "Invalid type for 'messages'", "invalid_type")]
    [InlineData("""{"model":"sim","messages":[{"role":"robot","content":"x"}]}""", "Invalid value: 'robot'", "invalid_value")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":7}]}""", "Invalid type for 'messages[0].content'", "invalid_type")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}],"temperature":3}""", "decimal above maximum", "decimal_above_max_value")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "integer below minimum", "integer_below_min_value")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}],"stop":["1","2","3","4","5"]}""", "array too long", "array_above_max_length")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", "only allowed when 'stream'", null)]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}],"tool_choice":"auto"}""", "only allowed when 'tools'", null)]
    [InlineData("""{"model":"sim","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]}""", "must be a response to a preceeding message", null)]
    [InlineData("""{"model":"sim","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]}""", "did not have response messages: a", null)]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,***"}}]}]}""", "base64", "invalid_base64")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a b"}}]}""", "does not match pattern", "invalid_value")]
    [InlineData("""{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"max_tokens":5}""", "Use 'max_completion_tokens' instead", "unsupported_parameter")]
    [InlineData("""{"model":"sim?strict=1","messages":[{"role":"user","content":"x"}],"top_k":5}""", "Unrecognized request argument supplied: top_k", null)]
    [InlineData("""{"model":"sim?strict=1","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", "must contain the word 'json'", null)]
    [InlineData("""{"model":"sim?context=10","messages":[{"role":"user","content":"a b c d e f g h i j k l"}]}""", "maximum context length is 10", "context_length_exceeded")]
    [InlineData("""{"model":"sim?stalus=503","messages":[{"role":"user","content":"x"}]}""", "cannot read the fault 'stalus=503'", "invalid_fault")]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"\ud800"}]}""", "could not parse", null)]
    [InlineData("""{"model":""", "could not parse", null)]
    public async Task BadRequest_GetsTheProvidersWords(string body, string message, string? code)
    {
        using var response = await upstream.SendAsync(Upstream.Chat, body);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(message, (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.Equal(code, (string?)error["code"]);
    }

    [Fact]
    public async Task UnknownParameter_IsIgnoredUnlessStrict()
    {
        var body = Upstream.Ask("sim", "x");
        body["top_k"] = 5;

        Assert.Equal(200, (await upstream.PostAsync(Upstream.Chat, body)).Status);
    }

    [Theory]
    [InlineData("", 401, null)]
    [InlineData("sim-bad-key", 401, "invalid_api_key")]
    public async Task BadKey_IsRefused(string key, int status, string? code)
    {
        var answer = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("sim", "x"), key: key);

        Assert.Equal(status, answer.Status);
        Assert.Equal(code, (string?)answer.Body["error"]!["code"]);
        Assert.DoesNotContain("sim-bad-key", answer.Body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownModel_Gets404()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("missing-model", "x"));

        Assert.Equal(404, status);
        Assert.Equal("model_not_found", (string?)body["error"]!["code"]);
    }

    [Fact]
    public async Task UnknownPath_Gets404()
    {
        var (status, body) = await upstream.PostAsync("/v1/nothing", new JsonObject());

        Assert.Equal(404, status);
        Assert.Contains("Invalid URL (POST /v1/nothing)", (string?)body["error"]!["message"], StringComparison.Ordinal);
    }

    private static string Content(IEnumerable<JsonNode> chunks) =>
        string.Concat(chunks.SelectMany(c => c["choices"]!.AsArray()).Select(c => (string?)c!["delta"]!["content"]));
}
