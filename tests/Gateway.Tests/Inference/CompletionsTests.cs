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
    [InlineData("""{"model":"acme/openai","prompt":["a",[1]]}""", "prompt[1] must be a string")]
    [InlineData("""{"model":"acme/openai","prompt":["","","","","","","","","","","","","","","","","","","","","","","","","","","","","","","","",""]}""", "prompt[32] is one too many")]
    [InlineData("""{"model":"acme/openai","prompt":["a","b"],"temperature":9}""", "temperature must be a number between 0 and 2")]
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SeveralPrompts_AreSeveralRequests_AndOneAnswer(bool stream)
    {
        var before = await host.SpentAsync();
        var (response, text) = await PostAsync($$"""{"model":"acme/openai","pro\u006dpt":["Repeat after me: one","Repeat after me: two","Repeat after me: three"],"stream":{{(stream ? "true" : "false")}}}""");
        Assert.True(response.IsSuccessStatusCode, text);
        var answers = Answers(text);
        var choices = answers.SelectMany(answer => answer["choices"]!.AsArray()).GroupBy(choice => (int)choice!["index"]!).OrderBy(choice => choice.Key).ToList();
        Assert.Equal([(0, "one"), (1, "two"), (2, "three")], choices.Select(choice => (choice.Key, string.Concat(choice.Select(piece => (string?)piece!["text"])))));
        Assert.All(choices, choice => Assert.Equal("stop", Assert.Single(choice, piece => piece!["finish_reason"] is not null)!["finish_reason"]!.GetValue<string>()));
        Assert.Single(answers, answer => answer["usage"] is not null);
        Assert.All(answers, answer => Assert.Equal((string?)answers[0]["id"], (string?)answer["id"]));
        Assert.Equal(stream, text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));

        var usage = answers[^1]["usage"]!;
        var ids = response.Headers.GetValues("X-Generation-Ids").Single().Split(", ");
        var records = await Task.WhenAll(ids.Select(id => host.GenerationAsync(id)));
        Assert.Equal((3, ids[0], ids[0]), (ids.Distinct().Count(), (string?)answers[0]["id"], response.Headers.GetValues("X-Generation-Id").Single()));
        Assert.Equal(records.Sum(record => (decimal)record["total_cost"]!), (decimal)usage["cost"]!);
        Assert.Equal(records.Sum(record => (int)record["native_tokens_completion"]!), (int)usage["completion_tokens"]!);
        Assert.Equal((int)usage["prompt_tokens"]! + (int)usage["completion_tokens"]!, (int)usage["total_tokens"]!);
        Assert.Equal((decimal)usage["cost"]!, await host.SpentAsync() - before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PromptThatFails_SaysSo_AndTheOthersAreAnswered(bool stream)
    {
        // Only the second is longer than the model's window.
        var (response, text) = await PostAsync(
            $$"""{"model":"acme/openai","prompt":["Repeat after me: one","{{string.Concat(Enumerable.Repeat("word ", 210_000))}}"],"stream":{{(stream ? "true" : "false")}}}""");
        Assert.True(response.IsSuccessStatusCode, text);
        var answers = Answers(text);
        var choices = answers.SelectMany(answer => answer["choices"]!.AsArray()).GroupBy(choice => (int)choice!["index"]!).OrderBy(choice => choice.Key).ToList();
        Assert.Equal(
            [(0, "one", "stop"), (1, "", "error")],
            choices.Select(choice => (choice.Key, string.Concat(choice.Select(piece => (string?)piece!["text"])), choice.Select(piece => (string?)piece!["finish_reason"]).Single(finish => finish is not null))));
        Assert.NotNull(choices[1].Single()!["error"]!["message"]);
        var record = await host.GenerationAsync(response.Headers.GetValues("X-Generation-Id").Single());
        Assert.Equal((decimal)record["total_cost"]!, (decimal)answers[^1]["usage"]!["cost"]!);
    }

    [Fact]
    public async Task SeveralPromptsStreamed_ComeInterleaved_AndLeavingStopsThemAll()
    {
        // Neither ever ends: what is read came as it was written.
        await using var endless = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=20&stall_after=6") });
        using var client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = endless.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = endless.Client.DefaultRequestHeaders.Authorization;
        string[] ids;
        using (var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/completions") { Content = new StringContent("""{"model":"acme/m","prompt":["x","y","z"],"n":1,"stream":true}""", Encoding.UTF8, "application/json") })
        using (var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            ids = response.Headers.GetValues("X-Generation-Ids").Single().Split(", ");
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
            var said = new HashSet<int>();
            while (said.Count < 3 && await lines.ReadLineAsync() is { } line)
            {
                foreach (var choice in line.StartsWith("data: {", StringComparison.Ordinal) ? JsonNode.Parse(line["data: ".Length..])!["choices"]!.AsArray() : [])
                {
                    if ((string?)choice!["text"] is { Length: > 0 })
                        said.Add((int)choice["index"]!);
                }
            }

            Assert.Equal(3, said.Count);
        }

        await Task.WhenAll(endless.Simulator!.Requests.Select(upstream => upstream.WhenAborted)).WaitAsync(TimeSpan.FromSeconds(5));
        var records = await Task.WhenAll(ids.Select(endless.GenerationAsync));
        Assert.All(records, record => Assert.True((bool)record["cancelled"]! && (decimal)record["total_cost"]! > 0));
        Assert.Equal(records.Sum(record => (decimal)record["total_cost"]!), await endless.SpentAsync());
    }

    [Fact]
    public async Task SeveralPromptsStreamed_OneThatBreaksEndsTheStream_AndWhatCameIsPaid()
    {
        await using var broken = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?cut_after=6&tokens=20") });
        using var response = await broken.Client.PostAsync("api/v1/completions", new StringContent("""{"model":"acme/m","prompt":["x","y","z","w","v","u"],"stream":true}""", Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        var answers = Answers(text);

        Assert.NotNull(answers[^1]["error"]!["message"]);
        Assert.Equal(("error", ""), ((string?)answers[^1]["choices"]![0]!["finish_reason"], (string?)answers[^1]["choices"]![0]!["text"]));
        Assert.Single(answers, answer => answer["error"] is not null);
        Assert.EndsWith("}\n\ndata: [DONE]\n\n", text, StringComparison.Ordinal);
        // What broke is free, what stopped for it is paid: the records say which, and the ledger says the same.
        var sent = broken.Simulator!.Requests.Count;
        Assert.InRange(sent, 1, 6);
        decimal charged = 0;
        foreach (var id in response.Headers.GetValues("X-Generation-Ids").Single().Split(", "))
        {
            using var found = await broken.Client.GetAsync($"api/v1/generation?id={id}");
            charged += found.IsSuccessStatusCode ? (decimal)JsonNode.Parse(await found.Content.ReadAsStringAsync())!["data"]!["total_cost"]! : 0;
        }

        Assert.Equal(charged, await broken.SpentAsync());
    }

    [Fact]
    public async Task SeveralPromptsStreamed_KeptAnswersAreGivenAgain_AsOneStream()
    {
        const string Body = """{"model":"acme/openai","prompt":["Repeat after me: kept one","Repeat after me: kept two"],"stream":true}""";
        var first = await AskAsync();
        var spent = await host.SpentAsync();
        var again = await AskAsync();

        Assert.Equal(["kept one", "kept two"], Said(again));
        Assert.Equal(Said(first), Said(again));
        Assert.Equal(spent, await host.SpentAsync());
        Assert.Equal(0m, (decimal?)again[^1]["usage"]?["cost"] ?? 0m);

        async Task<List<JsonNode>> AskAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/completions") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
            request.Headers.Add("X-OpenRouter-Cache", "true");
            using var response = await host.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
            Assert.Single(text.Split("[DONE]"), static rest => rest == "\n\n");
            return Answers(text);
        }

        static IEnumerable<string> Said(List<JsonNode> answers) => answers.SelectMany(answer => answer["choices"]!.AsArray())
            .GroupBy(choice => (int)choice!["index"]!).OrderBy(choice => choice.Key).Select(choice => string.Concat(choice.Select(piece => (string?)piece!["text"])));
    }

    private static List<JsonNode> Answers(string text) => text[0] == '{'
        ? [JsonNode.Parse(text)!]
        : [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => one.StartsWith("data: {", StringComparison.Ordinal)).Select(one => JsonNode.Parse(one["data: ".Length..])!)];

    [Fact]
    public async Task PromptsThatAllFail_AreTheErrorOfTheFirst()
    {
        var (response, text) = await PostAsync("""{"model":"acme/nothing","prompt":["a","b"],"stream":true}""");
        using var alone = await host.Client.PostAsync("api/v1/completions", new StringContent("""{"model":"acme/nothing","prompt":"a"}""", Encoding.UTF8, "application/json"));
        Assert.Equal(alone.StatusCode, response.StatusCode);
        Assert.Equal(await alone.Content.ReadAsStringAsync(), text);
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
        var (response, text) = await PostAsync(body);
        return ((int)response.StatusCode, text);
    }

    private async Task<(HttpResponseMessage Response, string Text)> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var response = await host.Client.PostAsync("api/v1/completions", content);
        return (response, await response.Content.ReadAsStringAsync());
    }
}
