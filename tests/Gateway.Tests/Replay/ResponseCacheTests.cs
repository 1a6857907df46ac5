using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Embeddings;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Limits;

namespace Fairlead.Gateway.Tests.Replay;

/// <summary>The response cache as callers meet it (routing §14), over sockets.</summary>
public sealed class ResponseCacheTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    public static TheoryData<string, string, bool> Surfaces()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var stream in (bool[])[false, true])
        {
            data.Add("chat/completions", """{"model":"acme/openai","messages":[{"role":"user","content":"Repeat after me: one two three"}],"stream":STREAM}""", stream);
            data.Add("chat/completions", """{"model":"acme/gemini","messages":[{"role":"user","content":"Repeat after me: one two three"}],"stream":STREAM}""", stream);
            data.Add("messages", """{"model":"acme/anthropic","max_tokens":99,"messages":[{"role":"user","content":"Repeat after me: one two three"}],"stream":STREAM}""", stream);
            data.Add("messages", """{"model":"acme/openai","max_tokens":99,"messages":[{"role":"user","content":"Repeat after me: one two three"}],"stream":STREAM}""", stream);
            data.Add("responses", """{"model":"acme/openai","input":"Repeat after me: one two three","stream":STREAM}""", stream);
            data.Add("completions", """{"model":"acme/openai","prompt":"Repeat after me: one two three","stream":STREAM}""", stream);
        }

        return data;
    }

    [Fact]
    public async Task Embeddings_AreAnsweredFromTheFirst_ButInTheFormAskedFor()
    {
        await using var own = await GatewayHost.StartAsync(new() { Config = EmbeddingsHost.Config() });
        const string Body = """{"model":"acme/plain","input":["one","two"]}""";
        var first = await SendAsync("embeddings", Body, client: own.Client);
        Assert.Equal((200, "MISS"), (first.Code, first.Status));
        var spent = await own.SpentAsync();

        var second = await SendAsync("embeddings", Body, client: own.Client);

        Assert.Equal(("HIT", first.Id), (second.Status, second.Source));
        Assert.Equal(JsonNode.Parse(first.Text)!["data"]!.ToJsonString(), JsonNode.Parse(second.Text)!["data"]!.ToJsonString());
        Assert.Equal((second.Id, 0), ((string?)JsonNode.Parse(second.Text)!["id"], second.Events.Sum(Tokens)));
        Assert.Equal(spent, await own.SpentAsync());
        Assert.Equal(("embeddings", first.Id), ((string?)(await own.GenerationAsync(second.Id))["api_type"], (string?)(await own.GenerationAsync(second.Id))["response_cache_source_id"]));
        Assert.Equal("MISS", (await SendAsync("embeddings", Body[..^1] + ""","encoding_format":"base64"}""", client: own.Client)).Status);
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task SecondRequest_IsAnsweredFromTheFirst_ForNothing(string route, string body, bool stream)
    {
        body = body.Replace("STREAM", stream ? "true" : "false", StringComparison.Ordinal);
        var first = await SendAsync(route, body);
        Assert.Equal(("MISS", "300", null, null), (first.Status, first.Ttl, first.Age, first.Source));
        var (asked, spent) = (host.Simulator!.Requests.Count, await host.SpentAsync());

        var second = await SendAsync(route, " " + body.Replace("\":", "\" :\n", StringComparison.Ordinal));
        Assert.Equal(("HIT", first.Id), (second.Status, second.Source));
        Assert.InRange(int.Parse(second.Ttl!, System.Globalization.CultureInfo.InvariantCulture), 1, 300);
        Assert.InRange(int.Parse(second.Age!, System.Globalization.CultureInfo.InvariantCulture), 0, 299);
        Assert.Equal((asked, spent), (host.Simulator.Requests.Count, await host.SpentAsync()));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(first.ContentType, second.ContentType);
        Assert.DoesNotContain(first.Id, second.Text, StringComparison.Ordinal);
        if (route != "responses")
            Assert.Contains(second.Id, second.Text, StringComparison.Ordinal);
        Assert.Equal(first.Events.Count(), second.Events.Count());
        Assert.Equal(first.Events.Select(Shape), second.Events.Select(Shape));
        Assert.Equal(0, second.Events.Sum(Tokens));
        Assert.True(first.Events.Sum(Tokens) > 0);

        var record = await host.GenerationAsync(second.Id);
        Assert.Equal((0m, first.Id, stream), ((decimal)record["total_cost"]!, (string?)record["response_cache_source_id"], (bool)record["streamed"]!));
        Assert.Equal("stop", (string?)record["finish_reason"]);
        Assert.Null((await host.GenerationAsync(first.Id))["response_cache_source_id"]);
    }

    [Fact]
    public async Task WhatChangesAnAnswer_IsAskedAnew()
    {
        const string Body = """{"model":"acme/anthropic","messages":[{"role":"user","content":"Repeat after me: keys"}]}""";
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body)).Status);
        Assert.Equal("HIT", (await SendAsync("chat/completions", Body)).Status);
        Assert.Null((await SendAsync("chat/completions", Body, cache: null)).Status);
        Assert.Null((await SendAsync("chat/completions", Body, cache: "false")).Status);
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body[..^1] + ""","temperature":1}""")).Status);
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body, ("x-anthropic-beta", "interleaved-thinking-2025-05-14"))).Status);
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body, ("X-OpenRouter-Cache-Clear", "true"))).Status);
        Assert.Equal("HIT", (await SendAsync("chat/completions", Body, ("X-OpenRouter-Cache-TTL", "9"))).Status);
        using (var other = await host.NewKeyAsync("\"limit\":null"))
            Assert.Equal("MISS", (await SendAsync("chat/completions", Body, client: other.Client)).Status);
        await host.ChangeAccountAsync("\"rpm\":100000");
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body)).Status);
        Assert.Equal("HIT", (await SendAsync("chat/completions", Body)).Status);
    }

    [Fact]
    public async Task ErrorsAndBrokenStreams_AreNotKept()
    {
        await using var broken = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Models(new(), ("acme/cut", ["sim?cut_after=3&tokens=20"]), ("acme/down", ["sim?status=500"])) });
        foreach (var model in (string[])["acme/cut", "acme/down"])
        {
            var body = $$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],"stream":true}""";
            Assert.Equal("MISS", (await SendAsync("chat/completions", body, client: broken.Client)).Status);
            Assert.Equal("MISS", (await SendAsync("chat/completions", body, client: broken.Client)).Status);
        }
    }

    [Fact]
    public async Task Preset_SwitchesItOn_AndItsNextVersionStartsAnew()
    {
        const string Body = """{"model":"@preset/cached","messages":[{"role":"user","content":"Repeat after me: preset"}]}""";
        await SendAsync("presets/cached/chat/completions", """{"model":"acme/openai","cache_enabled":true,"cache_ttl_seconds":60}""", cache: null);
        var first = await SendAsync("chat/completions", Body, cache: null);
        Assert.Equal(("MISS", "60"), (first.Status, first.Ttl));
        Assert.Equal("HIT", (await SendAsync("chat/completions", Body, cache: null)).Status);
        Assert.Null((await SendAsync("chat/completions", Body, cache: "false")).Status);
        await SendAsync("presets/cached/chat/completions", """{"model":"acme/openai","cache_enabled":true,"cache_ttl_seconds":60}""", cache: null);
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body, cache: null)).Status);
        await SendAsync("presets/cached/chat/completions", """{"model":"acme/openai","cache_enabled":false}""", cache: null);
        Assert.Null((await SendAsync("chat/completions", Body, cache: "true")).Status);
    }

    [Fact]
    public async Task SpentKey_StillGetsWhatIsKept_AnAccountWithoutRetentionDoesNot_NorDoesAKeyThatIsGone()
    {
        const string Body = """{"model":"acme/openai","messages":[{"role":"user","content":"Repeat after me: spent"}]}""";
        await using var own = await GatewayHost.StartAsync();
        using var key = await own.NewKeyAsync("\"limit\":1");
        Assert.Equal("MISS", (await SendAsync("chat/completions", Body, client: key.Client)).Status);
        await own.ChangeKeyAsync(key, "\"limit\":0.0000001");
        Assert.Equal(403, (await SendAsync("chat/completions", Body, cache: null, client: key.Client)).Code);
        Assert.Equal(403, (await SendAsync("chat/completions", Body[..^1] + ""","seed":1}""", client: key.Client)).Code);
        var hit = await SendAsync("chat/completions", Body, client: key.Client);
        Assert.Equal((200, "HIT"), (hit.Code, hit.Status));

        await own.ChangeAccountAsync("\"zdr\":true");
        Assert.Equal(403, (await SendAsync("chat/completions", Body, client: key.Client)).Code);
        await own.ChangeKeyAsync(key, "\"disabled\":true");
        Assert.Equal(401, (await SendAsync("chat/completions", Body, client: key.Client)).Code);
    }

    private static string Shape(JsonNode node) => string.Join(',', node.AsObject().Select(static member => member.Key));

    /// <summary>All that an answer says was counted and charged.</summary>
    private static decimal Tokens(JsonNode node) =>
        Sum(node["usage"]) + Sum(node["message"]?["usage"]) + Sum(node["response"]?["usage"]);

    private static decimal Sum(JsonNode? usage) => usage switch
    {
        JsonObject members => members.Sum(static member => Sum(member.Value)),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => value.GetValue<decimal>(),
        _ => 0,
    };

    private Task<Reply> SendAsync(string route, string body, (string Name, string Value) header) => SendAsync(route, body, "true", null, header);

    private async Task<Reply> SendAsync(string route, string body, string? cache = "true", HttpClient? client = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/" + route) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (cache is not null)
            request.Headers.Add("X-OpenRouter-Cache", cache);
        if (header is { } one)
            request.Headers.Add(one.Name, one.Value);
        using var response = await (client ?? host.Client).SendAsync(request);
        return new Reply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private sealed record Reply(int Code, HttpResponseHeaders Headers, string? ContentType, string Text)
    {
        public string Id => Header("X-Generation-Id")!;

        public string? Status => Header("X-OpenRouter-Cache-Status");

        public string? Ttl => Header("X-OpenRouter-Cache-TTL");

        public string? Age => Header("X-OpenRouter-Cache-Age");

        public string? Source => Header("X-OpenRouter-Cache-Source-Id");

        public IEnumerable<JsonNode> Events => ContentType == "text/event-stream"
            ? Text.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(static line => JsonNode.Parse(line[6..])!)
            : [JsonNode.Parse(Text)!];

        private string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }
}
