using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

public sealed class GeminiContentTests(Upstream upstream) : IClassFixture<Upstream>
{
    private const string Tools = """[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}},"required":["city"]}},{"name":"get_time"}]}]""";

    [Fact]
    public async Task PlainQuestion_GetsEveryMemberARealAnswerHas()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Generate("sim"), Upstream.AskGemini("Repeat after me: the fish"));

        Assert.Equal(200, status);
        var candidate = body["candidates"]![0]!;
        Assert.Equal("""{"parts":[{"text":"the fish"}],"role":"model"}""", candidate["content"]!.ToJsonString());
        Assert.Equal("STOP", (string?)candidate["finishReason"]);
        Assert.Equal(2, (int)body["usageMetadata"]!["candidatesTokenCount"]!);
        Assert.Equal((int)body["usageMetadata"]!["promptTokenCount"]! + 2, (int)body["usageMetadata"]!["totalTokenCount"]!);
        Assert.Equal("sim", (string?)body["modelVersion"]);
        Assert.NotNull((string?)body["responseId"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_IsEventsOrOneArray(bool sse)
    {
        using var response = await upstream.SendAsync(Upstream.Generate("sim", stream: true, sse), Upstream.AskGemini("Repeat after me: one two three").ToJsonString());
        var text = await response.Content.ReadAsStringAsync();
        List<JsonNode> parts = sse ? [.. Upstream.Parse(text).Select(e => e.Json)] : [.. JsonNode.Parse(text)!.AsArray().OfType<JsonNode>()];

        Assert.Equal(sse ? "text/event-stream" : "application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("one two three", string.Concat(parts.Select(p => (string?)p["candidates"]![0]!["content"]!["parts"]![0]!["text"])));
        Assert.Equal("STOP", (string?)parts[^1]["candidates"]![0]!["finishReason"]);
        Assert.All(parts[..^1], p => Assert.Null(p["candidates"]![0]!["finishReason"]));
        Assert.Equal(3, (int)parts[^1]["usageMetadata"]!["candidatesTokenCount"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FunctionsMentioned_AreCalledAndSignedOnceByAReasoner(bool stream)
    {
        var body = Upstream.AskGemini("call get_weather for \"Bern\" and get_time");
        body["tools"] = JsonNode.Parse(Tools);
        List<JsonNode> parts;
        if (stream)
        {
            var events = await upstream.StreamAsync(Upstream.Generate("sim-reasoner", stream: true), body);
            parts = [.. events.SelectMany(e => e.Json["candidates"]![0]!["content"]!["parts"]!.AsArray()).OfType<JsonNode>().Where(p => p["functionCall"] is not null)];
        }
        else
        {
            parts = [.. (await upstream.PostAsync(Upstream.Generate("sim-reasoner"), body)).Body["candidates"]![0]!["content"]!["parts"]!.AsArray().OfType<JsonNode>()];
        }

        Assert.Equal(["get_weather", "get_time"], parts.Select(p => (string)p["functionCall"]!["name"]!));
        Assert.Equal("Bern", (string?)parts[0]["functionCall"]!["args"]!["city"]);
        Assert.NotNull((string?)parts[0]["thoughtSignature"]);
        Assert.Null(parts[1]["thoughtSignature"]);
    }

    [Fact]
    public async Task Signature_IsTakenBackUnchangedOnly()
    {
        var body = Upstream.AskGemini("call get_weather");
        body["tools"] = JsonNode.Parse(Tools);
        var content = (await upstream.PostAsync(Upstream.Generate("sim-reasoner"), body)).Body["candidates"]![0]!["content"]!;

        JsonNode Next(Action<JsonNode> change)
        {
            var next = body.DeepClone();
            var model = content.DeepClone();
            change(model["parts"]![0]!);
            next["contents"]!.AsArray().Add(model);
            next["contents"]!.AsArray().Add(JsonNode.Parse("""{"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"result":"fog"}}}]}"""));
            return next;
        }

        var good = await upstream.PostAsync(Upstream.Generate("sim-reasoner"), Next(_ => { }));
        Assert.Equal(200, good.Status);
        Assert.Equal("get_weather returned: fog", (string?)good.Body["candidates"]![0]!["content"]!["parts"]![0]!["text"]);

        var changed = await upstream.PostAsync(Upstream.Generate("sim-reasoner"), Next(p => p["functionCall"]!["args"]!["city"] = "elsewhere"));
        Assert.Equal(400, changed.Status);
        Assert.Equal("Corrupted thought signature.", (string?)changed.Body["error"]!["message"]);

        var removed = await upstream.PostAsync(Upstream.Generate("sim-reasoner"), Next(p => p.AsObject().Remove("thoughtSignature")));
        Assert.Equal(400, removed.Status);
        Assert.StartsWith("Function call is missing a thought_signature in functionCall parts.", (string?)removed.Body["error"]!["message"], StringComparison.Ordinal);

        var sentinel = await upstream.PostAsync(Upstream.Generate("sim-reasoner"), Next(p => p["thoughtSignature"] = "skip_thought_signature_validator"));
        Assert.Equal(200, sentinel.Status);

        var plain = await upstream.PostAsync(Upstream.Generate("sim"), Next(p => p.AsObject().Remove("thoughtSignature")));
        Assert.Equal(200, plain.Status);
    }

    [Fact]
    public async Task Thoughts_AreShownWhenAskedAndAlwaysCounted()
    {
        var body = Upstream.AskGemini("why");
        var hidden = (await upstream.PostAsync(Upstream.Generate("sim-reasoner"), body)).Body;
        body["generationConfig"] = JsonNode.Parse("""{"thinkingConfig":{"includeThoughts":true}}""");
        var shown = (await upstream.PostAsync(Upstream.Generate("sim-reasoner"), body)).Body;

        Assert.True((int)hidden["usageMetadata"]!["thoughtsTokenCount"]! > 0);
        Assert.Null(hidden["candidates"]![0]!["content"]!["parts"]![0]!["thought"]);
        Assert.True((bool)shown["candidates"]![0]!["content"]!["parts"]![0]!["thought"]!);
        Assert.Equal((int)shown["usageMetadata"]!["promptTokenCount"]! + (int)shown["usageMetadata"]!["candidatesTokenCount"]! + (int)shown["usageMetadata"]!["thoughtsTokenCount"]!,
            (int)shown["usageMetadata"]!["totalTokenCount"]!);
    }

    [Fact]
    public async Task StreamOfAReasoner_EndsWithASignatureOnAnEmptyPart()
    {
        var events = await upstream.StreamAsync(Upstream.Generate("sim-reasoner", stream: true), Upstream.AskGemini("hello"));
        var last = events[^1].Json["candidates"]![0]!["content"]!["parts"]![0]!;

        Assert.Equal("", (string?)last["text"]);
        Assert.NotNull((string?)last["thoughtSignature"]);
    }

    [Theory]
    [InlineData("""{"mode":"ANY"}""", "get_weather")]
    [InlineData("""{"mode":"ANY","allowedFunctionNames":["get_time"]}""", "get_time")]
    [InlineData("""{"mode":"AUTO"}""", null)]
    [InlineData("""{"mode":"NONE"}""", null)]
    public async Task FunctionCallingMode_IsObeyed(string config, string? called)
    {
        var body = Upstream.AskGemini("good morning");
        body["tools"] = JsonNode.Parse(Tools);
        body["toolConfig"] = new JsonObject { ["functionCallingConfig"] = JsonNode.Parse(config) };

        var (_, answer) = await upstream.PostAsync(Upstream.Generate("sim"), body);

        Assert.Equal(called, (string?)answer["candidates"]![0]!["content"]!["parts"]![0]!["functionCall"]?["name"]);
    }

    [Theory]
    [InlineData("""{"maxOutputTokens":2}""", "a b", "MAX_TOKENS")]
    [InlineData("""{"stopSequences":[" c"]}""", "a b", "STOP")]
    [InlineData("""{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}}}""", """{"n":1}""", "STOP")]
    [InlineData("""{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false}}""", """{"n":1}""", "STOP")]
    public async Task GenerationConfig_IsObeyed(string config, string text, string finish)
    {
        var body = Upstream.AskGemini("Repeat after me: a b c d");
        body["generationConfig"] = JsonNode.Parse(config);

        var (_, answer) = await upstream.PostAsync(Upstream.Generate("sim"), body);

        Assert.Equal(text, (string?)answer["candidates"]![0]!["content"]!["parts"]![0]!["text"]);
        Assert.Equal(finish, (string?)answer["candidates"]![0]!["finishReason"]);
    }

    [Fact]
    public async Task InlineImages_AreSeenByCountAndType()
    {
        var body = JsonNode.Parse("""{"contents":[{"role":"user","parts":[{"inline_data":{"mime_type":"image/gif","data":"AAAA"}},{"text":"see"}]}],"system_instruction":{"parts":[{"text":"be kind"}]}}""")!;

        var (_, answer) = await upstream.PostAsync(Upstream.Generate("sim"), body);

        Assert.StartsWith("I see 1 image: image/gif. ", (string?)answer["candidates"]![0]!["content"]!["parts"]![0]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongPrefixTwice_IsReportedAsCached()
    {
        var text = string.Join(' ', Enumerable.Range(0, 2000).Select(n => $"g{n}"));
        var first = await upstream.PostAsync(Upstream.Generate("sim"), Upstream.AskGemini(text));
        var second = await upstream.PostAsync(Upstream.Generate("sim"), Upstream.AskGemini(text + " more"));

        Assert.Null(first.Body["usageMetadata"]!["cachedContentTokenCount"]);
        Assert.True((int)second.Body["usageMetadata"]!["cachedContentTokenCount"]! >= 1024);
    }

    [Theory]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"top_k":1}""", "Unknown name \"top_k\": Cannot find field.")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxTokens":1}}""", "Unknown name \"maxTokens\" at 'generation_config'")]
    [InlineData("""{"contents":[]}""", "contents is not specified")]
    [InlineData("""{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}""", "Please use a valid role: user, model.")]
    [InlineData("""{"contents":[{"role":"user","parts":[]}]}""", "must not be empty")]
    [InlineData("""{"contents":[{"role":"user","parts":[{}]}]}""", "must have one initialized field")]
    [InlineData("""{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}]}""", "function call turn comes immediately after a user turn")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}""", "number of function response parts is equal to the number of function call parts")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]}]}""", "end with a user role or a function response turn")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}}]}]}""", "Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters'")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{}}}]}]}""", "should be non-empty for OBJECT type")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":["string","null"]}}}}]}]}""", "Proto field is not repeating")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"1f"}]}]}""", "Invalid function name")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"temperature":3}}""", "supported range is from 0 (inclusive) to 2 (inclusive)")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"thinkingConfig":{"thinkingBudget":10,"thinkingLevel":"low"}}}""", "only one of thinking budget and thinking level")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"responseSchema":{"type":"OBJECT"}}}""", "only allowed when response mime type is application/json")]
    [InlineData("""{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"***"}}]}]}""", "Base64 decoding failed")]
    [InlineData("{", "Invalid JSON payload received")]
    public async Task BadRequest_GetsTheProvidersWords(string body, string message)
    {
        using var response = await upstream.SendAsync(Upstream.Generate("sim"), body);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("INVALID_ARGUMENT", (string?)error["status"]);
        Assert.Contains(message, (string?)error["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 403, "PERMISSION_DENIED")]
    [InlineData("sim-bad-key", 400, "INVALID_ARGUMENT")]
    public async Task BadKey_IsRefusedAsGoogleDoes(string key, int status, string code)
    {
        var answer = await upstream.PostAsync(Upstream.Generate("sim"), Upstream.AskGemini("x"), key: key);

        Assert.Equal(status, answer.Status);
        Assert.Equal(code, (string?)answer.Body["error"]!["status"]);
        Assert.Equal(status == 400 ? "API_KEY_INVALID" : null, (string?)answer.Body["error"]!["details"]?[0]!["reason"]);
    }

    [Fact]
    public async Task UnknownModel_Gets404()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Generate("missing-model"), Upstream.AskGemini("x"));

        Assert.Equal(404, status);
        Assert.Equal("NOT_FOUND", (string?)body["error"]!["status"]);
    }

    [Fact]
    public async Task ErrorOfAnArrayStream_IsAnArray()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Generate("sim?status=503", stream: true, sse: false), Upstream.AskGemini("x"));

        Assert.Equal(503, status);
        Assert.Equal("UNAVAILABLE", (string?)body[0]!["error"]!["status"]);
    }
}
