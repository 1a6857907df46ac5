using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime.EventStreams;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Protocols.Tests.ChatUpstream;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

/// <summary>Callers of Messages and Claude, at its vendor and on every cloud: what neither side of us knows survives, both ways.</summary>
public sealed class MessagesForwardingTests
{
    private static readonly MessagesDialect Client = new(mostModels: 3);

    private static readonly AnswerCharge Charge = new() { Usage = new Usage { PromptTokens = 5, CompletionTokens = 7 }, Cost = 0.25m };

    private static readonly AnswerIdentity Identity = new("gen-1", "anthropic/claude-sonnet-4.5", "Anthropic", 1_700_000_000) { Forwarded = true };

    public static TheoryData<CloudHost> Hosts => [CloudHost.None, CloudHost.Azure, CloudHost.Vertex, CloudHost.Bedrock];

    private static IUpstreamDialect Dialect(CloudHost host) => host == CloudHost.Bedrock ? AnthropicOnBedrockDialect.Instance : AnthropicMessagesDialect.Instance;

    private static UpstreamTarget Endpoint(CloudHost host) => Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5") with { Host = host, Slug = "anthropic/claude-sonnet-4.5" };

    private static JsonObject Body(JsonNode? unknown) => new()
    {
        ["model"] = "anthropic/claude-sonnet-4.5",
        ["max_tokens"] = 4000,
        ["system"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "be brief", ["x_block"] = unknown?.DeepClone() }),
        ["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["x_turn"] = unknown?.DeepClone(), ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "hi", ["x_block"] = unknown?.DeepClone() }) },
            new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = new JsonArray(
                    new JsonObject { ["type"] = "thinking", ["thinking"] = "hm", ["signature"] = "S+/=", ["x_block"] = unknown?.DeepClone() },
                    new JsonObject { ["type"] = "tool_use", ["id"] = "toolu_1", ["name"] = "f", ["input"] = new JsonObject { ["x"] = unknown?.DeepClone() }, ["x_block"] = unknown?.DeepClone() }),
            },
            new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = "toolu_1", ["content"] = "fog", ["x_block"] = unknown?.DeepClone() }) }),
        ["tools"] = new JsonArray(new JsonObject { ["name"] = "f", ["input_schema"] = new JsonObject { ["type"] = "object" }, ["x_tool"] = unknown?.DeepClone() }),
        ["tool_choice"] = new JsonObject { ["type"] = "auto", ["x_choice"] = unknown?.DeepClone() },
        ["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 1024, ["x_thinking"] = unknown?.DeepClone() },
        ["context_management"] = new JsonObject { ["edits"] = new JsonArray() },
        ["x_top"] = unknown?.DeepClone(),
        ["metadata"] = new JsonObject { ["user_id"] = "someone" },
        ["provider"] = new JsonObject { ["sort"] = "price" },
        ["stream"] = true,
    };

    private static CanonicalRequest Read(JsonObject body)
    {
        var (request, error) = Client.ReadRequest(Encoding.UTF8.GetBytes(body.ToJsonString()));
        Assert.Null(error);
        return request!;
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Request_WhatWeDoNotKnowInsideTurnsBlocksAndTools_Survives(CloudHost host)
    {
        var random = new Random(20261201);
        var isCloud = host is CloudHost.Vertex or CloudHost.Bedrock;
        for (var round = 0; round < 150; round++)
        {
            var body = Body(RandomJson.Value(random, 4));
            var request = Read(body);
            var call = new UpstreamCall { Stream = true, UserHash = "hash", AnthropicBetas = ["interleaved-thinking-2025-05-14", "structured-outputs-2025-11-13"] };
            Assert.True(Dialect(host).Forwards(request, Endpoint(host), call));
            var sent = Dialect(host).Written(request, Endpoint(host), call);
            foreach (var member in (string[])["system", "messages", "tools", "tool_choice", "thinking"])
                Assert.Equal(body[member]!.ToJsonString(), sent[member]!.ToJsonString());
            Assert.Equal((4000, "hash"), ((int)sent["max_tokens"]!, (string?)sent["metadata"]!["user_id"]));
            Assert.False(sent.ContainsKey("x_top") || sent.ContainsKey("provider"));
            Assert.Equal(isCloud ? null : "claude-sonnet-4-5", (string?)sent["model"]);
            Assert.Equal(host switch { CloudHost.Vertex => "vertex-2023-10-16", CloudHost.Bedrock => "bedrock-2023-05-31", _ => null }, (string?)sent["anthropic_version"]);
            Assert.Equal(isCloud ? """["interleaved-thinking-2025-05-14"]""" : null, sent["anthropic_beta"]?.ToJsonString());
            Assert.Equal(!isCloud, sent.ContainsKey("context_management"));
            Assert.Equal(host != CloudHost.Bedrock, sent.ContainsKey("stream"));
            var let = Dialect(host).Written(request, Endpoint(host) with { Passthrough = ["x_top"] }, call);
            Assert.Equal(body["x_top"]?.ToJsonString(), let["x_top"]?.ToJsonString());
        }
    }

    /// <summary>A thought of another vendor's model is left out; what a chat completion has no place for stays.</summary>
    [Theory]
    [MemberData(nameof(Hosts))]
    public void Request_WithUnsignedThoughts_KeepsAllElse(CloudHost host)
    {
        var body = JsonNode.Parse(
            """
            {"model":"anthropic/claude-sonnet-4.5","max_tokens":4000,
             "messages":[
              {"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hello"},"title":"N","context":"C","citations":{"enabled":true}},
                {"type":"search_result","source":"http://s","title":"T","content":[{"type":"text","text":"sr"}],"citations":{"enabled":true}}]},
              {"role":"assistant","content":[{"type":"thinking","thinking":"only this","signature":""}]},
              {"role":"user","content":"go on"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"th","signature":""},{"type":"tool_use","id":"t1","name":"f","input":{"c":"x"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"bad"}]}],
             "tools":[{"name":"f","input_schema":{"type":"object"},"input_examples":[{"c":"x"}]}]}
            """)!.AsObject();
        var request = Read(body);
        Assert.True(Dialect(host).Forwards(request, Endpoint(host), default));
        var sent = Dialect(host).Written(request, Endpoint(host));
        body["messages"]!.AsArray().RemoveAt(1);
        body["messages"]![2]!["content"]!.AsArray().RemoveAt(0);
        Assert.Equal(body["messages"]!.ToJsonString(), sent["messages"]!.ToJsonString());
        Assert.Equal(body["tools"]!.ToJsonString(), sent["tools"]!.ToJsonString());
    }

    [Fact]
    public void UnsignedThoughtOfAnOpenToolLoop_WithABudget_IsWrittenAnewWithoutThinking_AndTheErrorStays()
    {
        var body = Body(null);
        body["messages"]![1]!["content"]![0]!["signature"] = "";
        body["messages"]![2]!["content"]![0]!["is_error"] = true;
        var request = Read(body);
        Assert.False(Dialect(CloudHost.None).Forwards(request, Endpoint(CloudHost.None), default));
        var sent = Dialect(CloudHost.None).Written(request, Endpoint(CloudHost.None));
        Assert.NotEqual("enabled", (string?)sent["thinking"]?["type"]);
        Same("""[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":"fog"}]""", sent["messages"]![2]!["content"]);

        var nova = BedrockDialect.Instance.Written(request, Target(UpstreamProtocol.Bedrock, "us.amazon.nova-2-lite-v1:0"));
        Assert.Equal("error", (string?)nova["messages"]![2]!["content"]![0]!["toolResult"]!["status"]);
        Assert.DoesNotContain("status", BedrockDialect.Instance.Written(request, Target(UpstreamProtocol.Bedrock, "meta.llama3-1-70b-instruct-v1:0")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("is_error", OpenAIChatDialect.Default.Written(request, Target(UpstreamProtocol.OpenAIChat, "m")).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void SystemTurns_GoWhereTheVendorHasAPlaceForThem(CloudHost host)
    {
        var body = Body(null);
        var turns = body["messages"]!.AsArray();
        turns.Insert(2, JsonNode.Parse("""{"role":"system","content":"late"}"""));
        turns.Insert(1, JsonNode.Parse("""{"role":"system","content":[{"type":"text","text":"middle","x_block":1}]}"""));
        turns.Insert(0, JsonNode.Parse("""{"role":"system","content":[{"type":"text","text":"second","cache_control":{"type":"ephemeral"}}]}"""));
        turns.Insert(0, JsonNode.Parse("""{"role":"system","content":"first"}"""));
        var sent = Dialect(host).Written(Read(body), Endpoint(host), default);
        Assert.Equal(
            """[{"type":"text","text":"be brief","x_block":null},{"type":"text","text":"first"},{"type":"text","text":"second","cache_control":{"type":"ephemeral"}}]""",
            sent["system"]!.ToJsonString());
        var messages = sent["messages"]!.AsArray();
        Assert.Equal(["user", "user", "assistant", "user", "user"], messages.Select(turn => (string?)turn!["role"]));
        Assert.Equal("""[{"type":"text","text":"middle","x_block":1}]""", messages[1]!["content"]!.ToJsonString());
        // Results stand right behind their calls.
        Assert.Equal(("tool_result", "late"), ((string?)messages[3]!["content"]![0]!["type"], (string?)messages[4]!["content"]));
    }

    [Fact]
    public void SystemTurnsAlone_MakeTheSystemPrompt_AndATurnStandsInForTheUser()
    {
        var body = Body(null);
        body.Remove("system");
        body["messages"] = JsonNode.Parse("""[{"role":"system","content":"be brief"},{"role":"system","content":""}]""");
        var sent = Dialect(CloudHost.None).Written(Read(body), Endpoint(CloudHost.None), default);
        Assert.Equal("""[{"type":"text","text":"be brief"}]""", sent["system"]!.ToJsonString());
        Assert.Equal("user", (string?)Assert.Single(sent["messages"]!.AsArray())!["role"]);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void SystemTurns_StayWhereTheCallerAskedTheVendorForThem(CloudHost host)
    {
        var body = Body(null);
        body["messages"]!.AsArray().Insert(1, JsonNode.Parse("""{"role":"system","content":"middle"}"""));
        var sent = Dialect(host).Written(Read(body), Endpoint(host), new UpstreamCall { AnthropicBetas = ["mid-conversation-system-2026-04-07"] });
        Assert.Equal(host is CloudHost.None or CloudHost.Azure ? "system" : "user", (string?)sent["messages"]![1]!["role"]);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void StopSequences_AreAsManyAsTheCallerWants(CloudHost host)
    {
        var body = Body(null);
        body["stop_sequences"] = new JsonArray("a", "b", "c", "d", "e", "f");
        var request = Read(body);
        Assert.Equal(6, request.Stop.Count);
        Assert.Equal("""["a","b","c","d","e","f"]""", Dialect(host).Written(request, Endpoint(host), default)["stop_sequences"]!.ToJsonString());
    }

    [Theory]
    [InlineData("acme", false)]
    [InlineData("openai", true)]
    [InlineData("azure", true)]
    public void StopSequences_MoreThanAHostTakes_AreNotCutUnsaid(string provider, bool refused)
    {
        var body = Body(null);
        body["stop_sequences"] = new JsonArray("a", "b", "c", "d", "e");
        var target = Target(UpstreamProtocol.OpenAIChat, "up") with { Provider = provider, Slug = "acme/model" };
        if (refused)
            Assert.Equal("stop_sequences", OpenAIChatDialect.Default.Refused(Read(body), target).Param);
        else
            Assert.Equal(5, OpenAIChatDialect.Default.Written(Read(body), target)["stop"]!.AsArray().Count);
    }

    [Fact]
    public void Members_TheContractPromises_AreThereWhereTheVendorOmitsThem()
    {
        var message = Message(null);
        var ours = Answered(message);
        Assert.True(ours.ContainsKey("stop_details") && ours.ContainsKey("container"));
        Assert.Null(ours["stop_details"] ?? ours["container"]);
        message["container"] = new JsonObject { ["id"] = "c" };
        message["stop_details"] = new JsonObject { ["type"] = "refusal" };
        ours = Answered(message);
        Assert.Equal(("""{"id":"c"}""", """{"type":"refusal"}"""), (ours["container"]!.ToJsonString(), ours["stop_details"]!.ToJsonString()));

        var sent = Events(null);
        var delta = sent[^2]["delta"]!.AsObject();
        delta.Remove("stop_details");
        delta.Remove("container");
        var got = Play(CloudHost.None, Bytes(CloudHost.None, sent), (translator, output) =>
        {
            Assert.True(translator.Complete(output));
            translator.WriteEnd(Charge, output);
        });
        foreach (var one in (JsonObject[])[got[0]["message"]!.AsObject(), got[^2]["delta"]!.AsObject()])
            Assert.True(one.ContainsKey("stop_details") && one.ContainsKey("container"));
    }

    private static JsonObject Answered(JsonObject message)
    {
        var bytes = Encoding.UTF8.GetBytes(message.ToJsonString());
        var output = new ArrayBufferWriter<byte>();
        Client.WriteAnswer(AnthropicMessagesDialect.Instance.ReadAnswer(bytes, Endpoint(CloudHost.None)), bytes, Identity, Charge, output);
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void AutomaticCaching_IsWrittenAnewForBedrock_WhichHasNoMemberForIt(CloudHost host)
    {
        var body = Body(null);
        body["cache_control"] = new JsonObject { ["type"] = "ephemeral" };
        var request = Read(body);
        Assert.Equal(host != CloudHost.Bedrock, Dialect(host).Forwards(request, Endpoint(host), default));
        var sent = Dialect(host).Written(request, Endpoint(host), default);
        var block = sent["messages"]!.AsArray()[^1]!["content"]!.AsArray()[^1]!;
        Assert.Equal((host != CloudHost.Bedrock, host == CloudHost.Bedrock), (sent.ContainsKey("cache_control"), block["cache_control"] is not null));
        Assert.False(Dialect(host).Forwards(Read(Body(null)), Endpoint(host), new UpstreamCall { WithoutSignatures = true }));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Answer_WhatWeDoNotKnow_Survives(CloudHost host)
    {
        var random = new Random(20261202);
        for (var round = 0; round < 150; round++)
        {
            var message = Message(RandomJson.Value(random, 4));
            var bytes = Encoding.UTF8.GetBytes(message.ToJsonString());
            var output = new ArrayBufferWriter<byte>();
            Client.WriteAnswer(Dialect(host).ReadAnswer(bytes, Endpoint(host)), bytes, Identity, Charge, output);
            var ours = JsonNode.Parse(output.WrittenSpan)!;
            foreach (var member in (string[])["content", "stop_reason", "stop_sequence", "role", "type", "x_top"])
                Assert.Equal(message[member]?.ToJsonString(), ours[member]?.ToJsonString());
            Assert.Equal(message["usage"]!["x_usage"]?.ToJsonString(), ours["usage"]!["x_usage"]?.ToJsonString());
            Assert.Equal(("gen-1", "anthropic/claude-sonnet-4.5", "Anthropic", 0.25m), ((string?)ours["id"], (string?)ours["model"], (string?)ours["provider"], (decimal)ours["usage"]!["cost"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Stream_EveryEventIsThere_AndTheEndIsOurs(CloudHost host)
    {
        var random = new Random(20261203);
        for (var round = 0; round < 60; round++)
        {
            var unknown = RandomJson.Value(random, 4);
            var sent = Events(unknown);
            var got = Play(host, Bytes(host, sent), (translator, output) =>
            {
                Assert.True(translator.Complete(output));
                translator.WriteEnd(Charge, output);
            });
            Assert.Equal(sent.Select(e => (string?)e["type"]), got.Select(e => (string?)e["type"]));
            Assert.Equal(sent[1..^2].Select(e => e.ToJsonString()), got[1..^2].Select(e => e.ToJsonString()));
            Assert.Equal(("gen-1", "anthropic/claude-sonnet-4.5"), ((string?)got[0]["message"]!["id"], (string?)got[0]["message"]!["model"]));
            Assert.Equal(unknown?.ToJsonString(), got[0]["message"]!["x_top"]?.ToJsonString());
            Assert.Equal(sent[^2]["delta"]!.ToJsonString(), got[^2]["delta"]!.ToJsonString());
            Assert.Equal(unknown?.ToJsonString(), got[^2]["x_event"]?.ToJsonString());
            Assert.Equal((unknown?.ToJsonString(), 0.25m), (got[^2]["usage"]!["x_usage"]?.ToJsonString(), (decimal)got[^2]["usage"]!["cost"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void StreamCutShort_ItsOpenBlocksEnd_AndTheReasonIsOurs(CloudHost host)
    {
        var got = Play(host, Bytes(host, Events(null)[..4]), (translator, output) =>
        {
            translator.WriteFinish(FinishReason.Length, output);
            translator.WriteEnd(Charge, output);
        });
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], got.TakeLast(3).Select(e => (string?)e["type"]));
        Assert.Equal("max_tokens", (string?)got[^2]["delta"]!["stop_reason"]);
    }

    [Fact]
    public void ExceptionOfBedrock_IsAFailure_AndNothingOfItIsCopied()
    {
        byte[] bytes = [.. Bytes(CloudHost.Bedrock, Events(null)[..4]), .. Wrap(":exception-type", "modelStreamErrorException", """{"message":"gone"}""")];
        var got = Play(CloudHost.Bedrock, bytes, (translator, output) =>
        {
            Assert.Equal("gone", translator.Failure!.Message);
            Assert.False(translator.Complete(output));
            translator.WriteFailure(new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = "gone" }, output);
        });
        Assert.Equal(["message_start", "ping", "content_block_start", "content_block_delta", "error"], got.Select(e => (string?)e["type"]));
    }

    [Theory]
    [InlineData("""{"bytes":"****"}""")]
    [InlineData("""{"bytes":7}""")]
    [InlineData("""{"p":"abc"}""")]
    [InlineData("""{"bytes":"e30=""")]
    public void ChunkThatCannotBeUnwrapped_IsUnreadable(string chunk)
    {
        var steps = new List<StreamStep>();
        Play(CloudHost.Bedrock, Wrap(":event-type", "chunk", chunk), (_, _) => { }, steps);
        Assert.Equal([StreamStep.Unreadable], steps);
    }

    private static JsonObject Message(JsonNode? unknown) => new()
    {
        ["id"] = "msg_theirs", ["type"] = "message", ["role"] = "assistant", ["model"] = "claude-sonnet-4-5-20250929", ["x_top"] = unknown?.DeepClone(),
        ["content"] = new JsonArray(
            new JsonObject { ["type"] = "text", ["text"] = "hello", ["x_block"] = unknown?.DeepClone() },
            new JsonObject { ["type"] = "something_new", ["x_block"] = unknown?.DeepClone() }),
        ["stop_reason"] = "end_turn", ["stop_sequence"] = null,
        ["usage"] = new JsonObject { ["input_tokens"] = 5, ["output_tokens"] = 7, ["x_usage"] = unknown?.DeepClone() },
    };

    private static List<JsonObject> Events(JsonNode? unknown) =>
    [
        new()
        {
            ["type"] = "message_start",
            ["message"] = new JsonObject { ["id"] = "msg_theirs", ["type"] = "message", ["role"] = "assistant", ["model"] = "claude", ["content"] = new JsonArray(), ["x_top"] = unknown?.DeepClone(), ["usage"] = new JsonObject { ["input_tokens"] = 5, ["output_tokens"] = 1 } },
        },
        new() { ["type"] = "ping" },
        new() { ["type"] = "content_block_start", ["index"] = 0, ["content_block"] = new JsonObject { ["type"] = "text", ["text"] = "", ["x_block"] = unknown?.DeepClone() } },
        new() { ["type"] = "content_block_delta", ["index"] = 0, ["delta"] = new JsonObject { ["type"] = "text_delta", ["text"] = "hello", ["x_delta"] = unknown?.DeepClone() } },
        new() { ["type"] = "something_new", ["x_event"] = unknown?.DeepClone() },
        new() { ["type"] = "content_block_stop", ["index"] = 0 },
        new()
        {
            ["type"] = "message_delta", ["x_event"] = unknown?.DeepClone(), ["delta"] = new JsonObject { ["stop_reason"] = "end_turn", ["stop_sequence"] = null, ["stop_details"] = null, ["container"] = null, ["x_delta"] = unknown?.DeepClone() },
            ["usage"] = new JsonObject { ["output_tokens"] = 7, ["x_usage"] = unknown?.DeepClone() },
        },
        new() { ["type"] = "message_stop" },
    ];

    private static byte[] Bytes(CloudHost host, IEnumerable<JsonObject> events) => host == CloudHost.Bedrock
        ? [.. events.SelectMany(e => Wrap(":event-type", "chunk", new JsonObject { ["bytes"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(e.ToJsonString())), ["p"] = "abc" }.ToJsonString()))]
        : Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"event: {(string?)e["type"]}\ndata: {e.ToJsonString()}\n\n")));

    private static byte[] Wrap(string header, string name, string payload)
    {
        var type = new EventStreamHeader(":message-type");
        type.SetString(header == ":event-type" ? "event" : "exception");
        var named = new EventStreamHeader(header);
        named.SetString(name);
        return new EventStreamMessage([type, named], Encoding.UTF8.GetBytes(payload)).ToByteArray();
    }

    private static List<JsonObject> Play(CloudHost host, byte[] bytes, Action<StreamTranslator, IBufferWriter<byte>> end, List<StreamStep>? steps = null)
    {
        var dialect = Dialect(host);
        var translator = Client.CreateStreamTranslator(dialect, Endpoint(host), Identity);
        var frames = dialect.CreateFrameReader(1 << 20);
        var output = new ArrayBufferWriter<byte>();
        for (var at = 0; at < bytes.Length;)
        {
            var room = frames.GetMemory();
            var take = Math.Min(room.Length, Math.Min(97, bytes.Length - at));
            bytes.AsMemory(at, take).CopyTo(room);
            frames.Advance(take);
            at += take;
            while (frames.TryRead(out var frame))
            {
                var step = translator.Translate(frame.Name, frame.Data, output);
                steps?.Add(step);
            }
        }

        frames.Complete();
        Assert.False(frames.TryRead(out _) || frames.Broken || frames.TooLarge);
        end(translator, output);
        frames.Release();
        translator.Release();
        return [.. Encoding.UTF8.GetString(output.WrittenSpan).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line["data: ".Length..])!.AsObject())];
    }
}
