using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Contract;

public sealed class ContractTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    private const string Weather = """[{"type":"function","function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]""";

    public static TheoryData<string, string> Chats
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var model in new[] { "acme/openai", "acme/anthropic", "acme/gemini", "acme/fallback" })
            {
                data.Add(model, "");
                data.Add(model, $", \"tools\": {Weather}, \"tool_choice\": \"required\"");
                if (model != "acme/fallback")
                    data.Add(model, ", \"reasoning\": {\"effort\": \"low\"}");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Chats))]
    public async Task ChatAnswer_CarriesWhatTheContractRequires(string model, string more)
    {
        using var response = await ChatAsync(model, $"{more}");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        Fits(JsonNode.Parse(text), PublishedContract.Answer("post", "/chat/completions"));
    }

    [Theory]
    [MemberData(nameof(Chats))]
    public async Task EveryChunk_CarriesWhatTheContractRequires(string model, string more)
    {
        using var response = await ChatAsync(model, $"{more}, \"stream\": true, \"stream_options\": {{\"include_usage\": true}}");
        var payloads = (await response.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..].Trim()).ToList();
        Assert.Equal("[DONE]", payloads[^1]);
        Assert.True(payloads.Count > 2);
        foreach (var payload in payloads[..^1])
            Fits(JsonNode.Parse(payload), PublishedContract.Chunk());
        Assert.NotNull(JsonNode.Parse(payloads[^2])!["usage"]);
    }

    [Theory]
    [InlineData("/models", "models")]
    [InlineData("/models/count", "models/count")]
    [InlineData("/models/user", "models/user")]
    [InlineData("/embeddings/models", "embeddings/models")]
    [InlineData("/models/{author}/{slug}/endpoints", "models/acme/openai/endpoints")]
    [InlineData("/models/{author}/{slug}/endpoints", "models/acme/fallback/endpoints")]
    [InlineData("/endpoints/zdr", "endpoints/zdr")]
    [InlineData("/parameters/{author}/{slug}", "parameters/acme/openai")]
    [InlineData("/providers", "providers")]
    [InlineData("/key", "key")]
    [InlineData("/key", "auth/key")]
    public async Task Reading_CarriesWhatTheContractRequires(string path, string address) => Fits(await GetAsync(address, gateway.Key), PublishedContract.Answer("get", path));

    [Fact]
    public async Task Credits_CarryWhatTheContractRequires()
    {
        var answer = await GetAsync("credits", gateway.ProvisioningKey);
        Fits(answer, PublishedContract.Answer("get", "/credits"));
        // The description requires no member here; the vendor's text and later clients do.
        Assert.Equal(100m, answer["data"]!["total_credits"]!.GetValue<decimal>());
        Assert.True(answer["data"]!["total_usage"]!.GetValue<decimal>() >= 0);
    }

    [Theory]
    [InlineData("acme/openai", false)]
    [InlineData("acme/anthropic", true)]
    [InlineData("acme/gemini", true)]
    public async Task Generation_CarriesWhatTheContractRequiresAndTheCostThatWasShown(string model, bool stream)
    {
        using var response = await ChatAsync(model, $", \"stream\": {(stream ? "true" : "false")}");
        var text = await response.Content.ReadAsStringAsync();
        var id = response.Headers.GetValues("X-Generation-Id").Single();
        var answer = await GetAsync($"generation?id={id}", gateway.Key);
        Fits(answer, PublishedContract.Answer("get", "/generation"));
        Assert.Contains($"\"cost\":{answer["data"]!["total_cost"]!.GetValue<decimal>().ToString(CultureInfo.InvariantCulture)}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheCheckOpens_IsWhatIsWrittenDown()
    {
        string[] opened =
        [
            .. PublishedContract.Served
                .SelectMany(one => SchemaCheck.Opened(PublishedContract.Answer(one.Method, one.Path), one.Path))
                .Concat(SchemaCheck.Opened(PublishedContract.Chunk(), "chunk"))
                .Distinct().Order(StringComparer.Ordinal),
        ];
        var written = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Contract", "opened.txt"));
        Assert.True(opened.SequenceEqual(written), $"opened.txt should read:\n{string.Join('\n', opened)}");
    }

    [Theory]
    [InlineData("""{"data":{"count":"3"}}""", "$.data.count is String, not number")]
    [InlineData("""{"data":{}}""", "$.data.count is missing")]
    [InlineData("""{"data":null}""", "$.data is null")]
    [InlineData("""[]""", "$ is Array, not object")]
    public void WrongAnswer_IsFound(string answer, string fault) => Assert.Contains(fault, SchemaCheck.Faults(JsonNode.Parse(answer), PublishedContract.Answer("get", "/models/count")));

    [Fact]
    public async Task AnyMemberTakenFromAnAnswer_IsMissedIfItIsRequired()
    {
        var whole = await GetAsync("models/acme/openai/endpoints", gateway.Key);
        var schema = PublishedContract.Answer("get", "/models/{author}/{slug}/endpoints");
        foreach (var name in new[] { "name", "model_name", "context_length", "pricing", "provider_name", "tag", "quantization", "max_completion_tokens", "max_prompt_tokens", "supported_parameters", "uptime_last_30m", "supports_implicit_caching" })
        {
            var less = whole.DeepClone();
            less["data"]!["endpoints"]![0]!.AsObject().Remove(name);
            Assert.Contains($"$.data.endpoints[0].{name} is missing", SchemaCheck.Faults(less, schema));
        }
    }

    private static void Fits(JsonNode? value, JsonObject schema)
    {
        var faults = SchemaCheck.Faults(value, schema);
        Assert.True(faults.Count == 0, $"{string.Join('\n', faults)}\nin {value?.ToJsonString()}");
    }

    private async Task<HttpResponseMessage> ChatAsync(string model, string more)
    {
        var body = $"{{\"model\": \"{model}\", \"max_tokens\": 3000, \"messages\": [{{\"role\": \"user\", \"content\": \"Say hello.\"}}]{more}}}";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await gateway.Client.PostAsync("api/v1/chat/completions", content);
    }

    private async Task<JsonNode> GetAsync(string address, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/{address}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await gateway.Anonymous.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
