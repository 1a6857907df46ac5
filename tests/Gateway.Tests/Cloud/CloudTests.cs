using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Messages;

namespace Fairlead.Gateway.Tests.Cloud;

/// <summary>Bedrock, Vertex and Azure, end to end: signatures, tokens, paths, framing, and the formats of the models' authors in them.</summary>
public sealed class CloudTests
{
    public static TheoryData<string, bool> ModelsStreamedAndNot()
    {
        var data = new TheoryData<string, bool>();
        foreach (var model in CloudSetup.All)
        {
            data.Add(model, false);
            data.Add(model, true);
        }

        return data;
    }

    public static TheoryData<string> Models() => [.. CloudSetup.All];

    [Theory]
    [MemberData(nameof(ModelsStreamedAndNot))]
    public async Task Answer_IsWholeAndCharged(string model, bool stream)
    {
        await using var host = await CloudSetup.StartAsync();
        var before = await host.SpentAsync();
        var reply = await host.ChatAsync(CloudSetup.Body(model, "Repeat after me: hello ☃", stream));

        Assert.Equal(200, reply.Status);
        Assert.Equal("hello ☃", reply.Content);
        Assert.Equal("stop", reply.Finish);
        Assert.True((int)reply.Usage!["prompt_tokens"]! > 0);
        Assert.Equal((((int)reply.Usage["prompt_tokens"]!) + (2 * (int)reply.Usage["completion_tokens"]!)) * 0.000001m, reply.Cost);
        Assert.Equal(reply.Cost, await host.SpentAsync() - before);
    }

    [Theory]
    [MemberData(nameof(ModelsStreamedAndNot))]
    public async Task ParallelCallsAndTheirResults_GoThereAndBack(string model, bool stream)
    {
        await using var host = await CloudSetup.StartAsync();
        var body = CloudSetup.Body(model, "Use get_weather and get_time for \"Oslo\".", stream);
        body["tools"] = new JsonArray(Tool("get_weather"), Tool("get_time"));
        var reply = await host.ChatAsync(body);

        Assert.Equal("tool_calls", reply.Finish);
        var calls = stream ? StreamedCalls(reply) : [.. reply.Json["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Select(c => c!.DeepClone())];
        Assert.Equal(["get_weather", "get_time"], calls.Select(c => (string?)c["function"]!["name"]));
        Assert.All(calls, c => Assert.Equal("Oslo", (string?)JsonNode.Parse((string)c["function"]!["arguments"]!)!["city"]));

        var messages = body["messages"]!.AsArray();
        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray([.. calls]) });
        messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)calls[0]["id"], ["content"] = "rain" });
        messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)calls[1]["id"], ["content"] = "noon" });
        var answer = await host.ChatAsync(body);

        Assert.Equal(200, answer.Status);
        Assert.Contains("rain", answer.Content, StringComparison.Ordinal);
        Assert.Contains("noon", answer.Content, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task SystemTextImageAndStop_ReachTheModel(string model)
    {
        await using var host = await CloudSetup.StartAsync();
        var body = CloudSetup.Body(model);
        body["messages"] = new JsonArray(
            new JsonObject { ["role"] = "system", ["content"] = "Speak like a sailor." },
            new JsonObject { ["role"] = "user", ["content"] = "What are your instructions?" });
        Assert.Contains("Speak like a sailor.", (await host.ChatAsync(body)).Content, StringComparison.Ordinal);

        body["messages"] = new JsonArray(new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(
                new JsonObject { ["type"] = "text", ["text"] = "What is this?" },
                new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==" } }),
        });
        Assert.Contains("image/png", (await host.ChatAsync(body)).Content, StringComparison.Ordinal);

        body = CloudSetup.Body(model, "Repeat after me: one two three");
        body["stop"] = new JsonArray(" two");
        var stopped = await host.ChatAsync(body);
        Assert.Equal(("one", "stop"), (stopped.Content, stopped.Finish));

        body = CloudSetup.Body(model, "Repeat after me: one two three four five");
        body["max_tokens"] = 2;
        Assert.Equal("length", (await host.ChatAsync(body)).Finish);
    }

    [Theory]
    [InlineData(CloudSetup.BedrockClaude)]
    [InlineData(CloudSetup.VertexClaude)]
    [InlineData(CloudSetup.AzureClaude)]
    public async Task SignedThoughts_ComeBackByteForByte(string model)
    {
        await using var host = await CloudSetup.StartAsync();
        var body = CloudSetup.Body(model, "Use get_weather for \"Oslo\".");
        body["tools"] = new JsonArray(Tool("get_weather"));
        body["reasoning"] = new JsonObject { ["max_tokens"] = 2000 };
        for (var turn = 0; turn < 3; turn++)
        {
            var reply = await host.ChatAsync(body);
            Assert.Equal(200, reply.Status); // a changed signature is the simulator's 400
            var message = reply.Json["choices"]![0]!["message"]!.DeepClone();
            Assert.Equal("anthropic-claude-v1", (string?)message["reasoning_details"]![0]!["format"]);
            body["messages"]!.AsArray().Add(message);
            if (message["tool_calls"] is { } calls)
                body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)calls[0]!["id"], ["content"] = "rain" });
            else
                body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "Use get_weather again." });
        }
    }

    [Fact]
    public async Task ClientsOfMessages_GetClaudeOfEveryCloudAsItIs()
    {
        await using var host = await CloudSetup.StartAsync();
        foreach (var model in (string[])[CloudSetup.BedrockClaude, CloudSetup.VertexClaude, CloudSetup.AzureClaude])
        {
            foreach (var stream in (bool[])[false, true])
            {
                var body = MessagesClient.Body(stream: stream, model: model);
                body["messages"]![0]!["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "Repeat after me: hello", ["x_unknown"] = stream });
                var before = await host.SpentAsync();
                var reply = await host.MessageAsync(body);
                Assert.True(reply.Status == 200, $"{model}: {reply.Text}");
                Assert.Equal(("hello", "end_turn", model, reply.GenerationId), (reply.Content, (string?)reply.Message["stop_reason"], (string?)reply.Message["model"], (string?)reply.Message["id"]));
                Assert.Equal(await host.SpentAsync() - before, (decimal)reply.Message["usage"]!["cost"]!);
                Assert.Equal(body["messages"]!.ToJsonString(), JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["messages"]!.ToJsonString());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task JsonSchema_GivesValidJson(string model)
    {
        await using var host = await CloudSetup.StartAsync();
        var body = CloudSetup.Body(model, "Answer about \"Oslo\".");
        body["response_format"] = JsonNode.Parse("""
            {"type":"json_schema","json_schema":{"name":"city","strict":true,"schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}}
            """);
        var reply = await host.ChatAsync(body);

        Assert.Equal("Oslo", (string?)JsonNode.Parse(reply.Content)!["city"]);
    }

    [Theory]
    [InlineData(CloudSetup.Converse, "us.amazon.nova-2-lite-v1%3A0/converse-stream")]
    [InlineData(CloudSetup.BedrockClaude, "us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream")]
    public async Task Bedrock_SignsWhatItSends(string model, string path)
    {
        await using var host = await CloudSetup.StartAsync(sessionToken: "token/with+signs==");
        Assert.Equal(200, (await host.ChatAsync(CloudSetup.Body(model, stream: true))).Status);

        var sent = host.Simulator!.Requests[^1];
        Assert.Equal("/bedrock/model/" + path, sent.Path);
        Assert.Contains("/eu-west-1/bedrock/aws4_request", sent.Headers["Authorization"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bedrock_WrongSecret_IsOursNotTheCallers()
    {
        await using var host = await CloudSetup.StartAsync(secret: "wrong");
        var reply = await host.ChatAsync(CloudSetup.Body(CloudSetup.Converse));

        Assert.Equal(502, reply.Status);
        Assert.DoesNotContain("wrong", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vertex_AsksForOneTokenAndCallsEachAuthorsPath()
    {
        await using var host = await CloudSetup.StartAsync();
        await Task.WhenAll(
            host.ChatAsync(CloudSetup.Body(CloudSetup.VertexGemini)), host.ChatAsync(CloudSetup.Body(CloudSetup.VertexClaude, stream: true)),
            host.ChatAsync(CloudSetup.Body(CloudSetup.VertexOpen)));

        var sent = host.Simulator!.Requests;
        const string Place = "/v1/projects/my-project/locations/europe-west4/";
        Assert.Single(sent, r => r.Path == "/token");
        Assert.Single(sent, r => r.Path == Place + "publishers/google/models/gemini-2.5-flash:generateContent");
        Assert.Single(sent, r => r.Path == Place + "publishers/anthropic/models/claude-sonnet-4-5%4020250929:streamRawPredict");
        Assert.Single(sent, r => r.Path == Place + "endpoints/openapi/chat/completions");
        Assert.All(sent.Where(r => r.Path != "/token"), r => Assert.StartsWith("Bearer ya29.simulated-", r.Headers["Authorization"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vertex_AccountRefused_IsOursNotTheCallers()
    {
        await using var host = await CloudSetup.StartAsync(issuer: "bad@project.iam.gserviceaccount.com");
        var reply = await host.ChatAsync(CloudSetup.Body(CloudSetup.VertexGemini));

        Assert.Equal(502, reply.Status);
        Assert.Contains("Google refused the service account: invalid_grant.", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status=429", 429)]
    [InlineData("status=503", 503)]
    [InlineData("status=403", 502)]
    [InlineData("status=404", 502)]
    [InlineData("context=3", 400)]
    [InlineData("error_in_200=1", 503)]
    public async Task FailureBeforeTheAnswer_HasItsStatus(string fault, int status)
    {
        await using var host = await CloudSetup.StartAsync(fault);
        foreach (var model in (string[])[CloudSetup.Converse, CloudSetup.BedrockClaude])
        {
            foreach (var stream in (bool[])[false, true])
            {
                var reply = await host.ChatAsync(CloudSetup.Body(model, stream: stream));
                Assert.True(status == reply.Status, $"{model}, streamed {stream}: {reply.Status} {reply.Text}");
            }
        }
    }

    [Theory]
    [InlineData("bad_crc_after=6")]
    [InlineData("cut_after=6")]
    [InlineData("stall_after=6")]
    [InlineData("malformed_after=6")]
    [InlineData("error_after=6")]
    [InlineData("truncate_utf8_after=6")]
    public async Task BinaryStreamBreaksAfterContent_ErrorChunk_NoCharge(string fault)
    {
        await using var host = await CloudSetup.StartAsync("tokens=50&" + fault);
        var before = await host.SpentAsync();
        foreach (var model in (string[])[CloudSetup.Converse, CloudSetup.BedrockClaude])
        {
            var reply = await host.ChatAsync(CloudSetup.Body(model, stream: true));
            Assert.NotEmpty(reply.Content);
            Assert.Equal("error", reply.Finish);
            Assert.NotNull(reply.Events[^1]["error"]);
            Assert.Null(reply.Usage);
            Assert.True(reply.Done);
        }

        Assert.Equal(before, await host.SpentAsync());
    }

    [Theory]
    [InlineData("one_byte=1")]
    [InlineData("no_usage=1")]
    public async Task BinaryStream_IsWholeAllTheSame(string fault)
    {
        await using var host = await CloudSetup.StartAsync(fault);
        foreach (var model in (string[])[CloudSetup.Converse, CloudSetup.BedrockClaude])
        {
            var reply = await host.ChatAsync(CloudSetup.Body(model, stream: true));
            Assert.Equal(("hello", "stop"), (reply.Content, reply.Finish));
            Assert.True(reply.Cost > 0);
        }
    }

    private static List<JsonNode> StreamedCalls(ChatReply reply)
    {
        var calls = new List<JsonNode>();
        foreach (var delta in reply.Events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(c => c!["delta"]?["tool_calls"]?.AsArray() ?? []))
        {
            if ((int)delta!["index"]! == calls.Count)
            {
                calls.Add(delta.DeepClone());
                calls[^1].AsObject().Remove("index");
                calls[^1]["function"]!["arguments"] ??= "";
                continue;
            }

            var function = calls[(int)delta["index"]!]["function"]!;
            function["arguments"] = (string?)function["arguments"] + (string?)delta["function"]!["arguments"];
        }

        return calls;
    }

    private static JsonObject Tool(string name) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = name, ["description"] = "Tells it for a city.",
            ["parameters"] = JsonNode.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""),
        },
    };
}
