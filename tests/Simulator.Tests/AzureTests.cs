namespace Fairlead.Simulator.Tests;

public sealed class AzureTests(Upstream upstream) : IClassFixture<Upstream>
{
    private const string V1 = "/openai/v1/chat/completions";

    private static string Deployment(string name, string version = "2024-10-21") => $"/openai/deployments/{Uri.EscapeDataString(name)}/chat/completions?api-version={version}";

    [Fact]
    public async Task DeploymentInThePath_IsTheModel_WhateverTheBodySays()
    {
        var body = Upstream.Ask("ignored?status=500", "Repeat after me: yes");
        var (status, answer) = await upstream.PostAsync(Deployment("my gpt"), body);
        Assert.Equal((200, "my gpt", "yes"), (status, (string?)answer["model"], (string?)answer["choices"]![0]!["message"]!["content"]));
        Assert.Equal(503, (await upstream.PostAsync(Deployment("sim?status=503"), body)).Status);
    }

    [Theory]
    [InlineData("/openai/deployments/sim/chat/completions", 404)]
    [InlineData("/openai/v1/chat/completions?api-version=2024-10-21", 400)]
    [InlineData("/openai/v1/chat/completions?api-version=preview", 200)]
    [InlineData("/openai/responses", 404)]
    public async Task Version_IsCheckedByTheForm(string path, int status) => Assert.Equal(
        status, (await upstream.PostAsync(path, path.Contains("responses", StringComparison.Ordinal) ? Upstream.AskResponses("sim", "hi") : Upstream.Ask("sim", "hi"))).Status);

    [Fact]
    public async Task Refusals_AreAzures()
    {
        Assert.Equal("401", (string?)(await upstream.PostAsync(V1, Upstream.Ask("sim", "hi"), key: "sim-bad-key")).Body["error"]!["code"]);
        Assert.Equal("DeploymentNotFound", (string?)(await upstream.PostAsync(Deployment("missing"), Upstream.Ask("x", "hi"))).Body["error"]!["code"]);
        var (status, refused) = await upstream.PostAsync(V1, Upstream.Ask("sim?refusal=1", "hi"));
        Assert.Equal((400, "content_filter", "ResponsibleAIPolicyViolation"), (status, (string?)refused["error"]!["code"], (string?)refused["error"]!["innererror"]!["code"]));
    }

    [Fact]
    public async Task Stream_BeginsWithWhatTheFilterSaysOfThePrompt()
    {
        var events = await upstream.StreamAsync(V1, Upstream.Ask("sim", "hi", stream: true));
        Assert.Empty(events[0].Json["choices"]!.AsArray());
        Assert.NotNull(events[0].Json["prompt_filter_results"]);
        Assert.NotNull(events[1].Json["choices"]![0]!["delta"]);
    }
}
