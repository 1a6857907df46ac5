using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.Responses.Client;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using Fairlead.Protocols.Tests.ChatUpstream;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Responses;

/// <summary>Callers and endpoints that both speak Responses: what neither of us knows survives, both ways.</summary>
public sealed class ResponsesForwardingTests
{
    private static readonly ResponsesClientDialect Client = new(mostModels: 3);

    private static readonly UpstreamTarget Endpoint = Target(UpstreamProtocol.OpenAIResponses, "gpt-5") with
    {
        Provider = "openai",
        Slug = "openai/gpt-5",
        ReasoningForm = ReasoningForm.Effort,
        ReasoningEfforts = ["low", "high"],
    };

    private static readonly AnswerCharge Charge = new() { Usage = new Usage { PromptTokens = 5, CompletionTokens = 7 }, Cost = 0.25m };

    private static JsonObject Body(JsonNode? unknown) => new()
    {
        ["model"] = "openai/gpt-5",
        ["instructions"] = "be brief",
        ["input"] = new JsonArray(
            new JsonObject { ["type"] = "message", ["role"] = "user", ["x_item"] = unknown?.DeepClone(), ["content"] = new JsonArray(new JsonObject { ["type"] = "input_text", ["text"] = "hi", ["x_part"] = unknown?.DeepClone() }) },
            new JsonObject { ["type"] = "reasoning", ["id"] = "rs_1", ["summary"] = new JsonArray(), ["encrypted_content"] = "gAAA", ["x_item"] = unknown?.DeepClone() },
            new JsonObject { ["type"] = "function_call", ["id"] = "fc_1", ["call_id"] = "call_1", ["name"] = "f", ["arguments"] = "{}", ["x_item"] = unknown?.DeepClone() },
            new JsonObject { ["type"] = "function_call_output", ["call_id"] = "call_1", ["output"] = "fog", ["x_item"] = unknown?.DeepClone() }),
        ["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["name"] = "f", ["strict"] = false, ["parameters"] = new JsonObject { ["type"] = "object" }, ["x_tool"] = unknown?.DeepClone() }),
        ["x_top"] = unknown?.DeepClone(),
        ["user"] = "someone",
        ["provider"] = new JsonObject { ["sort"] = "price" },
    };

    private static CanonicalRequest Read(JsonObject body)
    {
        var (request, error) = Client.ReadRequest(Encoding.UTF8.GetBytes(body.ToJsonString()));
        Assert.Null(error);
        return request!;
    }

    private static AnswerIdentity Identity(CanonicalRequest request) => new("gen-1", "openai/gpt-5", "OpenAI", 1_700_000_000) { Forwarded = true, Asked = request.Original };

    [Fact]
    public void Request_WhatWeDoNotKnowInsideItemsPartsAndTools_Survives()
    {
        var random = new Random(20261128);
        for (var round = 0; round < 300; round++)
        {
            var body = Body(RandomJson.Value(random, 4));
            var request = Read(body);
            var call = new UpstreamCall { UserHash = "hash" };
            Assert.True(ResponsesDialect.Instance.Forwards(request, Endpoint, call));
            var sent = ResponsesDialect.Instance.Written(request, Endpoint, call);
            // Nothing is stored there: ids of calls and messages would be looked up.
            var input = body["input"]!.DeepClone();
            input[2]!.AsObject().Remove("id");
            Assert.Equal(input.ToJsonString(), sent["input"]!.ToJsonString());
            Assert.Equal(body["tools"]!.ToJsonString(), sent["tools"]!.ToJsonString());
            Assert.Equal(("gpt-5", "be brief", "hash", false), ((string?)sent["model"], (string?)sent["instructions"], (string?)sent["safety_identifier"], (bool)sent["store"]!));
            Assert.False(sent.ContainsKey("x_top") || sent.ContainsKey("provider") || sent.ContainsKey("user"));
            var let = ResponsesDialect.Instance.Written(request, Endpoint with { Passthrough = ["x_top"] }, call);
            Assert.Equal(body["x_top"]?.ToJsonString(), let["x_top"]?.ToJsonString());
        }
    }

    [Fact]
    public void ReasoningOfOthers_IsLeftOut_AndWhatTheContractAddedToItsOwn()
    {
        var body = Body(null);
        body["input"]![1]!["format"] = "openai-responses-v1";
        body["input"]![1]!["signature"] = "s";
        body["input"]!.AsArray().Insert(1, JsonNode.Parse("""{"type":"reasoning","summary":[],"encrypted_content":"zzz","format":"anthropic-claude-v1"}"""));
        var sent = ResponsesDialect.Instance.Written(Read(body), Endpoint, default)["input"]!.AsArray();
        Assert.Equal(["message", "reasoning", "function_call", "function_call_output"], sent.Select(item => (string?)item!["type"]));
        Assert.False(sent[1]!.AsObject().ContainsKey("format") || sent[1]!.AsObject().ContainsKey("signature"));
    }

    [Theory]
    [InlineData("""{"reasoning":{"exclude":true}}""")]
    [InlineData("""{"cache_control":{"type":"ephemeral"}}""")]
    public void RequestThatMustBeWrittenAnew_IsNotForwarded(string more)
    {
        var body = Body(null);
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject())
            body[name] = value!.DeepClone();
        Assert.False(ResponsesDialect.Instance.Forwards(Read(body), Endpoint, default));
        Assert.False(ResponsesDialect.Instance.Forwards(Read(Body(null)), Endpoint, new UpstreamCall { WithoutSignatures = true }));
    }

    [Fact]
    public void Answer_WhatWeDoNotKnow_Survives()
    {
        var random = new Random(20261129);
        for (var round = 0; round < 300; round++)
        {
            var response = Response(RandomJson.Value(random, 4), "completed");
            var bytes = Encoding.UTF8.GetBytes(response.ToJsonString());
            var reading = ResponsesDialect.Instance.ReadAnswer(bytes, Endpoint);
            var output = new ArrayBufferWriter<byte>();
            Client.WriteAnswer(reading, bytes, Identity(Read(Body(null))), Charge, output);
            Check(response, JsonNode.Parse(output.WrittenSpan)!.AsObject());
        }
    }

    [Fact]
    public void Stream_EveryEventIsThere_AndTheEndIsOurs()
    {
        var random = new Random(20261130);
        for (var round = 0; round < 100; round++)
        {
            var unknown = RandomJson.Value(random, 4);
            var response = Response(unknown, round % 2 == 0 ? "completed" : "incomplete");
            if (round % 2 == 1)
                response["incomplete_details"] = new JsonObject { ["reason"] = "content_filter" };
            var sent = Events(response, unknown);
            var (got, done) = Play(sent, (translator, output) =>
            {
                Assert.True(translator.Complete(output));
                translator.WriteEnd(Charge, output);
            });
            Assert.True(done);
            Assert.Equal(sent.Count, got.Count);
            Assert.Equal(Enumerable.Range(0, got.Count), got.Select(e => (int)e["sequence_number"]!));
            Assert.Equal(sent.Select(e => (string?)e["type"]), got.Select(e => (string?)e["type"]));
            Assert.Equal(sent.Skip(1).SkipLast(1).Select(e => e.ToJsonString()), got.Skip(1).SkipLast(1).Select(e => e.ToJsonString()));
            Assert.Equal(("in_progress", "openai/gpt-5", 0), ((string?)got[0]["response"]!["status"], (string?)got[0]["response"]!["model"], got[0]["response"]!["output"]!.AsArray().Count));
            Check(response, got[^1]["response"]!.AsObject());
        }
    }

    [Fact]
    public void StreamCutShort_ItsOpenItemsEnd_AndTheResponseIsIncomplete()
    {
        var sent = Events(Response(null, "completed"), null);
        var (got, done) = Play(sent.Take(4), (translator, output) =>
        {
            translator.WriteFinish(FinishReason.Length, output);
            translator.WriteEnd(Charge, output);
        });
        Assert.True(done);
        Assert.Equal(["response.output_item.done", "response.incomplete"], got.TakeLast(2).Select(e => (string?)e["type"]));
        var response = got[^1]["response"]!;
        Assert.Equal(("incomplete", "max_output_tokens", "hel"), ((string?)response["status"], (string?)response["incomplete_details"]!["reason"], (string?)response["output_text"]));
        Assert.Equal("incomplete", (string?)response["output"]![0]!["status"]);
    }

    [Fact]
    public void StreamThatFails_EndsInWords()
    {
        var (got, done) = Play(Events(Response(null, "completed"), null).Take(4), (translator, output) =>
            translator.WriteFailure(new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = "gone" }, output));
        Assert.True(done);
        Assert.Equal(["error", "response.failed"], got.TakeLast(2).Select(e => (string?)e["type"]));
        Assert.Equal(("failed", "gone"), ((string?)got[^1]["response"]!["status"], (string?)got[^1]["response"]!["error"]!["message"]));
    }

    [Fact]
    public void Citations_AlwaysTellTheirTitleAndPlace()
    {
        const string bare = """{"type":"url_citation","url":"https://x/a","title":null,"x_note":1.50}""";
        const string full = """{"type":"url_citation","url":"https://x/a","x_note":1.50,"title":"","start_index":0,"end_index":0}""";
        var response = Response(null, "completed");
        var part = response["output"]![0]!["content"]![0]!;
        part["annotations"] = new JsonArray(JsonNode.Parse(bare), JsonNode.Parse(full));
        var bytes = Encoding.UTF8.GetBytes(response.ToJsonString());
        var output = new ArrayBufferWriter<byte>();
        Client.WriteAnswer(ResponsesDialect.Instance.ReadAnswer(bytes, Endpoint), bytes, Identity(Read(Body(null))), Charge, output);
        Assert.Equal($"[{full},{full}]", JsonNode.Parse(output.WrittenSpan)!["output"]![0]!["content"]![0]!["annotations"]!.ToJsonString());

        var sent = Events(response, null);
        sent[^2]["item"] = response["output"]![0]!.DeepClone();
        sent.Insert(5, new() { ["type"] = "response.output_text.annotation.added", ["item_id"] = "msg_1", ["output_index"] = 0, ["content_index"] = 0, ["annotation_index"] = 0, ["annotation"] = JsonNode.Parse(bare) });
        var (got, _) = Play(sent, (translator, output) =>
        {
            Assert.True(translator.Complete(output));
            translator.WriteEnd(Charge, output);
        });
        Assert.Equal(full, got[5]["annotation"]!.ToJsonString());
        Assert.Equal($"[{full},{full}]", got[6]["item"]!["content"]![0]!["annotations"]!.ToJsonString());
        Assert.Equal($"[{full},{full}]", got[^1]["response"]!["output"]![0]!["content"]![0]!["annotations"]!.ToJsonString());
    }

    [Fact]
    public void TextDeltas_HaveLogprobs_WhereTheEndpointOmitsThem()
    {
        var sent = Events(Response(null, "completed"), null);
        sent[3].Remove("logprobs");
        var (got, _) = Play(sent, (_, _) => { });
        Assert.Equal(("[]", "[1.5]", "hel"), (got[3]["logprobs"]?.ToJsonString(), got[4]["logprobs"]?.ToJsonString(), (string?)got[3]["delta"]));
    }

    [Theory]
    [InlineData("openai/gpt-5.6", true)]
    [InlineData("openai/gpt-5", false)]
    public void MarksOfPromptCaching_ReachTheModelsThatKnowThem(string slug, bool known)
    {
        var endpoint = Endpoint with { Slug = slug };
        var body = Body(null);
        body["prompt_cache_options"] = new JsonObject { ["mode"] = "explicit" };
        var part = body["input"]![0]!["content"]![0]!;
        part["prompt_cache_breakpoint"] = new JsonObject { ["mode"] = "explicit" };
        var request = Read(body);
        Assert.Equal(known, ResponsesDialect.Instance.Forwards(request, endpoint, default));
        // Of a chat the same is written anew.
        var chat = OpenAI.ChatCompletions.Client.ChatCompletionsDialect.Default.ReadRequest(
            """{"model":"m","prompt_cache_options":{"mode":"explicit"},"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}"""u8.ToArray()).Request!;
        foreach (var asked in (CanonicalRequest[])[request, chat])
        {
            var sent = ResponsesDialect.Instance.Written(asked, endpoint, default);
            var content = sent["input"]![0]!["content"]!;
            Assert.Equal(known ? """{"mode":"explicit"}""" : null, (content as JsonArray)?[0]!["prompt_cache_breakpoint"]?.ToJsonString());
            Assert.Equal(known, sent.ContainsKey("prompt_cache_options"));
        }
    }

    private const string Two = """[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"function","name":"g","parameters":{"type":"object"}},{"type":"web_search"}]""";

    [Theory]
    [InlineData("""{"type":"web_search_preview"}""", 3, ToolChoiceKind.Function, "openrouter_web_search")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]}""", 1, ToolChoiceKind.Auto, null)]
    [InlineData("""{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"web_search_preview"}]}""", 2, ToolChoiceKind.Required, null)]
    public void ChoiceAmongTools_LeavesThoseThatAreAllowed(string choice, int left, ToolChoiceKind kind, string? function)
    {
        var body = Body(null);
        (body["tools"], body["tool_choice"]) = (JsonNode.Parse(Two), JsonNode.Parse(choice));
        var request = Read(body);
        Assert.Equal(left, request.Conversation.Tools.Count);
        Assert.Equal(new ToolChoice(kind, function), request.ToolChoice);
    }

    [Fact]
    public void AllowedTools_AreTheEndpointsToKeepTo_WhereItSpeaksTheSame()
    {
        var body = Body(null);
        body["tool_choice"] = JsonNode.Parse("""{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}""");
        var sent = ResponsesDialect.Instance.Written(Read(body), Endpoint, default);
        Assert.Equal((body["tool_choice"]!.ToJsonString(), body["tools"]!.ToJsonString()), (sent["tool_choice"]!.ToJsonString(), sent["tools"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"type":"allowed_tools","mode":"none","tools":[{"type":"function","name":"f"}]}""", "tool_choice.mode")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[]}""", "tool_choice.tools")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"},{"type":"function","name":"h"}]}""", "tool_choice.tools[1]")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[{"type":"mcp"}]}""", "tool_choice.tools[0]")]
    [InlineData("""{"type":"shell"}""", "tool_choice")]
    public void ChoiceThatCannotBeMade_IsRefusedByItsPlace(string choice, string param)
    {
        var body = Body(null);
        body["tool_choice"] = JsonNode.Parse(choice);
        Assert.Equal(param, Client.ReadRequest(Encoding.UTF8.GetBytes(body.ToJsonString())).Error!.Param);
    }

    private static void Check(JsonObject theirs, JsonObject ours)
    {
        Assert.Equal(theirs["output"]!.ToJsonString(), ours["output"]!.ToJsonString());
        Assert.Equal(theirs["x_top"]?.ToJsonString(), ours["x_top"]?.ToJsonString());
        Assert.Equal(theirs["incomplete_details"]?.ToJsonString(), ours["incomplete_details"]?.ToJsonString());
        Assert.Equal(theirs["usage"]!["x_usage"]?.ToJsonString(), ours["usage"]!["x_usage"]?.ToJsonString());
        Assert.Equal(("openai/gpt-5", "OpenAI", "hello", 0.25m), ((string?)ours["model"], (string?)ours["provider"], (string?)ours["output_text"], (decimal)ours["usage"]!["cost"]!));
        // What was asked, and not what was sent for it; what held where nothing was.
        Assert.Equal(("someone", "medium"), ((string?)ours["user"], (string?)ours["reasoning"]!["effort"]));
        Assert.Null(ours["safety_identifier"]);
        Assert.StartsWith("resp_", (string?)ours["id"], StringComparison.Ordinal);
        Assert.NotEqual((string?)theirs["id"], (string?)ours["id"]);
    }

    private static JsonObject Response(JsonNode? unknown, string status) => new()
    {
        ["id"] = "resp_theirs", ["object"] = "response", ["created_at"] = 1, ["status"] = status, ["model"] = "gpt-5-2025", ["error"] = null,
        ["incomplete_details"] = null, ["safety_identifier"] = "hash", ["reasoning"] = new JsonObject { ["effort"] = "medium" }, ["x_top"] = unknown?.DeepClone(),
        ["output"] = new JsonArray(Message(unknown)),
        ["usage"] = new JsonObject { ["input_tokens"] = 5, ["output_tokens"] = 7, ["total_tokens"] = 12, ["x_usage"] = unknown?.DeepClone() },
    };

    private static JsonObject Message(JsonNode? unknown) => new()
    {
        ["id"] = "msg_1", ["type"] = "message", ["role"] = "assistant", ["status"] = "completed", ["x_item"] = unknown?.DeepClone(),
        ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = "hello", ["annotations"] = new JsonArray(), ["x_part"] = unknown?.DeepClone() }),
    };

    private static List<JsonObject> Events(JsonObject response, JsonNode? unknown)
    {
        List<JsonObject> events =
        [
            new() { ["type"] = "response.created", ["response"] = new JsonObject { ["id"] = "resp_theirs", ["status"] = "in_progress", ["output"] = new JsonArray() } },
            new() { ["type"] = "response.output_item.added", ["output_index"] = 0, ["item"] = JsonNode.Parse("""{"id":"msg_1","type":"message","role":"assistant","status":"in_progress","content":[]}""") },
            new() { ["type"] = "response.something_new", ["x_event"] = unknown?.DeepClone() },
            new() { ["type"] = "response.output_text.delta", ["item_id"] = "msg_1", ["output_index"] = 0, ["content_index"] = 0, ["delta"] = "hel", ["logprobs"] = new JsonArray(), ["x_event"] = unknown?.DeepClone() },
            new() { ["type"] = "response.output_text.delta", ["item_id"] = "msg_1", ["output_index"] = 0, ["content_index"] = 0, ["delta"] = "lo", ["logprobs"] = new JsonArray(1.50) },
            new() { ["type"] = "response.output_item.done", ["output_index"] = 0, ["item"] = Message(unknown) },
            new() { ["type"] = "response." + (string?)response["status"], ["response"] = response.DeepClone() },
        ];
        for (var i = 0; i < events.Count; i++)
            events[i]["sequence_number"] = i;
        return events;
    }

    private static (List<JsonObject> Events, bool Done) Play(IEnumerable<JsonObject> sent, Action<StreamTranslator, IBufferWriter<byte>> end)
    {
        var translator = Client.CreateStreamTranslator(ResponsesDialect.Instance, Endpoint, Identity(Read(Body(null))));
        var output = new ArrayBufferWriter<byte>();
        foreach (var e in sent)
            translator.Translate(default, Encoding.UTF8.GetBytes(e.ToJsonString()), output);
        end(translator, output);
        translator.Release();
        var lines = Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..]).ToList();
        return ([.. lines.Where(line => line != "[DONE]").Select(line => JsonNode.Parse(line)!.AsObject())], lines[^1] == "[DONE]");
    }
}
