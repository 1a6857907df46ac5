using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary><c>POST /api/v1/completions</c> (inference §9).</summary>
public sealed class CompletionsTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    [Theory]
    [InlineData("acme/openai")]
    [InlineData("acme/anthropic")]
    [InlineData("acme/gemini")]
    public async Task Whole_TextAndCost(string model)
    {
        var (status, text) = await SendAsync($$"""{"model":"{{model}}","prompt":"Repeat after me: hello","max_tokens":50}""");
        Assert.True(status == 200, text);
        var json = JsonNode.Parse(text)!;
        Assert.Equal("text_completion", (string?)json["object"]);
        Assert.Equal("hello", (string?)json["choices"]![0]!["text"]);
        Assert.Equal("stop", (string?)json["choices"]![0]!["finish_reason"]);
        Assert.Null(json["choices"]![0]!["message"]);
        Assert.True((decimal)json["usage"]!["cost"]! > 0);
    }

    [Theory]
    [InlineData("acme/openai")]
    [InlineData("acme/anthropic")]
    [InlineData("acme/gemini")]
    public async Task Streamed_FragmentsUsageDone(string model)
    {
        var (status, text) = await SendAsync($$"""{"model":"{{model}}","prompt":["Repeat after me: one two three four five six seven"],"stream":true}""");
        Assert.True(status == 200, text);
        var data = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..]).ToList();
        Assert.Equal("[DONE]", data[^1]);
        var chunks = data.SkipLast(1).Select(one => JsonNode.Parse(one)!).ToList();
        Assert.All(chunks, chunk => Assert.Equal("text_completion", (string?)chunk["object"]));
        Assert.Equal("one two three four five six seven", string.Concat(chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => (string?)choice!["text"])));
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.True((int)chunks[^1]["usage"]!["completion_tokens"]! > 3);
    }

    [Theory]
    [InlineData("""{"model":"acme/openai"}""", "prompt is required")]
    [InlineData("""{"model":"acme/openai","prompt":[1,2]}""", "lists of tokens")]
    [InlineData("""{"model":"acme/openai","prompt":["a","b"]}""", "prompt may hold one text")]
    [InlineData("""{"model":"acme/openai","prompt":"a","suffix":"b"}""", "suffix is not possible")]
    [InlineData("""{"model":"acme/openai","prompt":"a","echo":true}""", "echo is not possible")]
    [InlineData("""{"model":"acme/openai","prompt":"a","best_of":3}""", "best_of is not possible")]
    [InlineData("""{"model":"acme/openai","prompt":"a","logprobs":9}""", "logprobs must be an integer between 0 and 5")]
    [InlineData("""{"model":"acme/openai","prompt":"a","temperature":9}""", "temperature must be a number between 0 and 2")]
    public async Task BadInput_SaysWhat(string body, string message)
    {
        var (status, text) = await SendAsync(body);
        Assert.Equal(400, status);
        Assert.Contains(message, (string?)JsonNode.Parse(text)!["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamThatBreaks_EndsWithAnError()
    {
        await using var broken = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?cut_after=3&tokens=20") });
        using var response = await broken.Client.PostAsync("api/v1/completions", new StringContent("""{"model":"acme/m","prompt":"x","stream":true}""", Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        var last = JsonNode.Parse(text.Split("data: ")[^2])!;
        Assert.Equal("error", (string?)last["choices"]![0]!["finish_reason"]);
        Assert.Equal("", (string?)last["choices"]![0]!["text"]);
        Assert.NotNull(last["error"]!["message"]);
    }

    private async Task<(int Status, string Text)> SendAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("api/v1/completions", content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
