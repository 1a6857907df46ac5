using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

public sealed class AnthropicMessagesTests(Upstream upstream) : IClassFixture<Upstream>
{
    private const string Tools = """[{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}},{"name":"get_time","input_schema":{"type":"object"}}]""";

    [Fact]
    public async Task PlainQuestion_GetsEveryMemberARealAnswerHas()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Messages, Upstream.AskClaude("sim", "Repeat after me: the fish"));

        Assert.Equal(200, status);
        Assert.StartsWith("msg_01", (string?)body["id"], StringComparison.Ordinal);
        Assert.Equal("message", (string?)body["type"]);
        Assert.Equal("""[{"type":"text","text":"the fish"}]""", body["content"]!.ToJsonString());
        Assert.Equal("end_turn", (string?)body["stop_reason"]);
        Assert.True(body.AsObject().ContainsKey("stop_sequence"));
        Assert.Equal(2, (int)body["usage"]!["output_tokens"]!);
        Assert.Equal(0, (int)body["usage"]!["cache_creation"]!["ephemeral_5m_input_tokens"]!);
    }

    [Fact]
    public async Task Stream_HasTheEventsInOrderWithTheirNames()
    {
        var events = await upstream.StreamAsync(Upstream.Messages, Upstream.AskClaude("sim", "Repeat after me: the fish", stream: true));

        Assert.Equal(
            ["message_start", "content_block_start", "ping", "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
            events.Select(e => e.Type));
        Assert.All(events, e => Assert.Equal(e.Type, e.Name));
        Assert.Equal("the fish", string.Concat(events.Select(e => (string?)e.Json["delta"]?["text"])));
        Assert.Equal("end_turn", (string?)events[^2].Json["delta"]!["stop_reason"]);
        Assert.Equal(2, (int)events[^2].Json["usage"]!["output_tokens"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolsMentioned_AreCalled(bool stream)
    {
        var body = Upstream.AskClaude("sim", "call get_weather for \"Bern\" and get_time", stream);
        body["tools"] = JsonNode.Parse(Tools);

        List<JsonNode> uses;
        if (stream)
        {
            var events = await upstream.StreamAsync(Upstream.Messages, body);
            Assert.Equal("tool_use", (string?)events.Single(e => e.Type == "message_delta").Json["delta"]!["stop_reason"]);
            uses = [.. events.Where(e => e.Type == "content_block_start").Select(e => e.Json["content_block"]!.DeepClone())];
            Assert.All(uses, u => Assert.Equal("{}", u["input"]!.ToJsonString()));
            var json = string.Concat(events.Where(e => (int?)e.Json["index"] == 0).Select(e => (string?)e.Json["delta"]?["partial_json"]));
            uses[0]["input"] = JsonNode.Parse(json);
            Assert.Equal("", string.Concat(events.Where(e => (int?)e.Json["index"] == 1).Select(e => (string?)e.Json["delta"]?["partial_json"])));
        }
        else
        {
            var answer = (await upstream.PostAsync(Upstream.Messages, body)).Body;
            Assert.Equal("tool_use", (string?)answer["stop_reason"]);
            uses = [.. answer["content"]!.AsArray().OfType<JsonNode>()];
        }

        Assert.Equal(["get_weather", "get_time"], uses.Select(u => (string)u["name"]!));
        Assert.StartsWith("toolu_01", (string?)uses[0]["id"], StringComparison.Ordinal);
        Assert.Equal("Bern", (string?)uses[0]["input"]!["city"]);
        Assert.Equal("{}", uses[1]["input"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"any"}""", "get_weather")]
    [InlineData("""{"type":"tool","name":"get_time"}""", "get_time")]
    [InlineData("""{"type":"auto"}""", null)]
    [InlineData("""{"type":"none"}""", null)]
    public async Task ToolChoice_IsObeyed(string choice, string? called)
    {
        var body = Upstream.AskClaude("sim", "good morning");
        body["tools"] = JsonNode.Parse(Tools);
        body["tool_choice"] = JsonNode.Parse(choice);

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.Equal(called, (string?)answer["content"]![0]!["name"]);
    }

    [Fact]
    public async Task ToolResults_AreAnsweredWith()
    {
        var body = JsonNode.Parse("""
            {"model":"sim","max_tokens":50,"messages":[{"role":"user","content":"call get_weather"},
             {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"rain"}]}]}]}
            """)!;
        body["tools"] = JsonNode.Parse(Tools);

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.Equal("get_weather returned: rain", (string?)answer["content"]![0]!["text"]);
    }

    [Fact]
    public async Task StopSequence_IsReported()
    {
        var body = Upstream.AskClaude("sim", "Repeat after me: red green blue");
        body["stop_sequences"] = new JsonArray(" green");

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.Equal("stop_sequence", (string?)answer["stop_reason"]);
        Assert.Equal(" green", (string?)answer["stop_sequence"]);
        Assert.Equal("red", (string?)answer["content"]![0]!["text"]);
    }

    [Fact]
    public async Task MaxTokens_CutsTheAnswer()
    {
        var body = Upstream.AskClaude("sim", "Repeat after me: a b c d");
        body["max_tokens"] = 2;

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.Equal("max_tokens", (string?)answer["stop_reason"]);
        Assert.Equal("a b", (string?)answer["content"]![0]!["text"]);
    }

    [Fact]
    public async Task OutputFormat_GetsAValidInstance()
    {
        var body = Upstream.AskClaude("sim", "json");
        body["output_config"] = JsonNode.Parse("""{"format":{"type":"json_schema","schema":{"type":"object","properties":{"ok":{"type":"boolean"}}}}}""");

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.Equal("""{"ok":true}""", (string?)answer["content"]![0]!["text"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thinking_IsSignedAndTakenBackUnchangedOnly(bool stream)
    {
        var body = Upstream.AskClaude("sim", "call get_weather", stream);
        body["tools"] = JsonNode.Parse(Tools);
        body["thinking"] = JsonNode.Parse("""{"type":"enabled","budget_tokens":1024}""");
        body["max_tokens"] = 2000;
        JsonArray content;
        if (stream)
        {
            var events = await upstream.StreamAsync(Upstream.Messages, body);
            var use = events.Last(e => e.Type == "content_block_start").Json["content_block"]!.DeepClone();
            content =
            [
                new JsonObject
                {
                    ["type"] = "thinking",
                    ["thinking"] = string.Concat(events.Select(e => (string?)e.Json["delta"]?["thinking"])),
                    ["signature"] = (string?)events.Single(e => (string?)e.Json["delta"]?["type"] == "signature_delta").Json["delta"]!["signature"],
                },
                use,
            ];
        }
        else
        {
            content = (await upstream.PostAsync(Upstream.Messages, body)).Body["content"]!.DeepClone().AsArray();
        }

        JsonNode Next(JsonArray assistant)
        {
            var next = body.DeepClone();
            next["stream"] = false;
            next["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = assistant });
            next["messages"]!.AsArray().Add(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = (string?)content[1]!["id"], ["content"] = "sun" }),
            });
            return next;
        }

        Assert.Equal(200, (await upstream.PostAsync(Upstream.Messages, Next(content.DeepClone().AsArray()))).Status);

        var changed = content.DeepClone().AsArray();
        changed[0]!["thinking"] = "something else";
        var refused = await upstream.PostAsync(Upstream.Messages, Next(changed));
        Assert.Equal(400, refused.Status);
        Assert.Equal("messages.1.content.0: Invalid `signature` in `thinking` block", (string?)refused.Body["error"]!["message"]);

        var without = new JsonArray(content[1]!.DeepClone());
        var missing = await upstream.PostAsync(Upstream.Messages, Next(without));
        Assert.Equal(400, missing.Status);
        Assert.Contains("Expected `thinking` or `redacted_thinking`, but found `tool_use`", (string?)missing.Body["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task OmittedThinking_HasASignatureWithoutText()
    {
        var body = Upstream.AskClaude("sim", "hi");
        body["thinking"] = JsonNode.Parse("""{"type":"adaptive","display":"omitted"}""");

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.Equal("", (string?)answer["content"]![0]!["thinking"]);
        Assert.NotEqual("", (string?)answer["content"]![0]!["signature"]);
    }

    [Fact]
    public async Task RedactedThinking_IsTakenBack()
    {
        var body = Upstream.AskClaude("sim-reasoner?redacted=1", "hi");
        var content = (await upstream.PostAsync(Upstream.Messages, body)).Body["content"]!;
        Assert.Equal("redacted_thinking", (string?)content[0]!["type"]);
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() });
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "and?" });

        Assert.Equal(200, (await upstream.PostAsync(Upstream.Messages, body)).Status);
    }

    [Fact]
    public async Task CacheControl_IsWrittenThenRead()
    {
        var text = string.Join(' ', Enumerable.Range(0, 1500).Select(n => $"v{n}"));
        var body = Upstream.AskClaude("cache", "hello");
        body["system"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text, ["cache_control"] = new JsonObject { ["type"] = "ephemeral" } });

        var first = (await upstream.PostAsync(Upstream.Messages, body)).Body["usage"]!;
        var second = (await upstream.PostAsync(Upstream.Messages, body)).Body["usage"]!;

        Assert.True((int)first["cache_creation_input_tokens"]! > 1024);
        Assert.Equal(0, (int)first["cache_read_input_tokens"]!);
        Assert.Equal((int)first["cache_creation_input_tokens"]!, (int)second["cache_read_input_tokens"]!);
        Assert.Equal((int)first["input_tokens"]!, (int)second["input_tokens"]!);
        Assert.Equal(0, (int)second["cache_creation_input_tokens"]!);
    }

    [Fact]
    public async Task Images_AreSeenByCountAndType()
    {
        var body = JsonNode.Parse("""
            {"model":"sim","max_tokens":50,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/webp","data":"AAAA"}},{"type":"text","text":"see?"}]}]}
            """)!;

        var (_, answer) = await upstream.PostAsync(Upstream.Messages, body);

        Assert.StartsWith("I see 1 image: image/webp. ", (string?)answer["content"]![0]!["text"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"sim","messages":[{"role":"user","content":"x"}]}""", "max_tokens: Field required")]
    [InlineData("""{"model":"sim","max_tokens":5}""", "messages: Field required")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"logit_bias":{}}""", "logit_bias: Extra inputs are not permitted")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"system","content":"x"}]}""", "Unexpected role \"system\"")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"assistant","content":"x"}]}""", "first message must use the \"user\" role")]
    [InlineData("""{"model":"sim?strict=1","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"user","content":"y"}]}""", "roles must alternate")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":""}]}]}""", "text content blocks must be non-empty")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y "}]}""", "cannot end with trailing whitespace")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}],"tools":[]}""", "unexpected `tool_use_id` found in `tool_result` blocks: t")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":"y"}]}""", "`tool_use` ids were found without `tool_result` blocks immediately after: t")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t:1","name":"f","input":{}}]},{"role":"user","content":"y"}]}""", "String should match pattern '^[a-zA-Z0-9_-]+$'")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}]}""", "must define tools")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"temperature":1.5}""", "temperature: Input should be less than or equal to 1")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{}}]}""", "input_schema.type: Field required")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"auto"}}""", "tool_choice may only be specified while providing `tools`")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":10}}""", "greater than or equal to 1024")]
    [InlineData("""{"model":"sim","max_tokens":1024,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":1024}}""", "`max_tokens` must be greater than `thinking.budget_tokens`")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"adaptive"},"temperature":0.5}""", "`temperature` may only be set to 1 when thinking is enabled")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"adaptive"},"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}}""", "Thinking may not be enabled when tool_choice forces tool use")]
    [InlineData("""{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}],"stop_sequences":[" "]}""", "each stop sequence must contain non-whitespace")]
    [InlineData("""{"model":"sim","max_tokens":5,"system":[{"type":"text","text":"a","cache_control":{}},{"type":"text","text":"a","cache_control":{}},{"type":"text","text":"a","cache_control":{}},{"type":"text","text":"a","cache_control":{}},{"type":"text","text":"a","cache_control":{}}],"messages":[{"role":"user","content":"x"}]}""", "Found 5")]
    [InlineData("""{"model":"sim?context=5","max_tokens":5,"messages":[{"role":"user","content":"a b c d e f g"}]}""", "prompt is too long")]
    [InlineData("""{"model":""", "not valid JSON")]
    public async Task BadRequest_GetsTheProvidersWords(string body, string message)
    {
        using var response = await upstream.SendAsync(Upstream.Messages, body);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("error", (string?)answer["type"]);
        Assert.Equal("invalid_request_error", (string?)answer["error"]!["type"]);
        Assert.Contains(message, (string?)answer["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal((string?)answer["request_id"], response.Headers.GetValues("request-id").Single());
    }

    [Fact]
    public async Task VersionHeaderMissing_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Upstream.Messages) { Content = new StringContent(Upstream.AskClaude("sim", "x").ToJsonString()) };
        request.Headers.Add("x-api-key", "k");
        using var response = await upstream.Http.SendAsync(request);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("anthropic-version: header is required", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "x-api-key header is required")]
    [InlineData("sim-bad-key", "invalid x-api-key")]
    public async Task BadKey_IsRefused(string key, string message)
    {
        var (status, body) = await upstream.PostAsync(Upstream.Messages, Upstream.AskClaude("sim", "x"), key: key);

        Assert.Equal(401, status);
        Assert.Equal("authentication_error", (string?)body["error"]!["type"]);
        Assert.Equal(message, (string?)body["error"]!["message"]);
    }

    [Fact]
    public async Task UnknownModel_Gets404()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Messages, Upstream.AskClaude("missing-model", "x"));

        Assert.Equal(404, status);
        Assert.Equal("not_found_error", (string?)body["error"]!["type"]);
    }
}
