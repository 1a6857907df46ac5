using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

public sealed class SimulatorHostTests(Upstream upstream) : IClassFixture<Upstream>
{
    [Fact]
    public async Task Recording_HoldsWhatWasSent()
    {
        await upstream.PostAsync(Upstream.Chat + "?a=b", Upstream.Ask("recorded", "x"));

        var request = upstream.Server.Requests.Single(r => r.BodyText.Contains("\"recorded\"", StringComparison.Ordinal));
        await request.WhenFinished.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("POST", request.Method);
        Assert.Equal("/v1/chat/completions?a=b", request.Path);
        Assert.Equal("Bearer k", request.Headers["AUTHORIZATION"]);
        Assert.False(request.Aborted);
    }

    [Fact]
    public async Task Recording_IsBoundedAndCleared()
    {
        await using var server = await SimulatorHost.StartAsync(new SimulatorOptions { RecordRequests = 2, RecordBodyBytes = 5 }, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = server.Address };
        for (var i = 0; i < 4; i++)
        {
            using var response = await http.PostAsync(new Uri($"/{i}/chat/completions", UriKind.Relative), new StringContent("0123456789"));
        }

        Assert.Equal(["/2/chat/completions", "/3/chat/completions"], server.Requests.Select(r => r.Path));
        Assert.All(server.Requests, r => Assert.Equal("01234", r.BodyText));
        server.Clear();
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Recording_IsOffUnlessAskedFor()
    {
        await using var server = await SimulatorHost.StartAsync(new SimulatorOptions { RequireKey = false }, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var response = await http.PostAsync(new Uri("/chat/completions", UriKind.Relative), new StringContent(Upstream.Ask("sim", "x").ToJsonString()));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task AnotherSeed_GivesOtherIdsAndRefusesTheSignatures()
    {
        await using var other = await SimulatorHost.StartAsync(new SimulatorOptions { Seed = 8, RequireKey = false }, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = other.Address };
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var body = Upstream.AskClaude("sim-reasoner", "hello");
        var (_, mine) = await upstream.PostAsync(Upstream.Messages, body);
        using var theirs = await http.PostAsync(new Uri(Upstream.Messages, UriKind.Relative), new StringContent(body.ToJsonString()));
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = mine["content"]!.DeepClone() });
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "again" });
        using var refused = await http.PostAsync(new Uri(Upstream.Messages, UriKind.Relative), new StringContent(body.ToJsonString()));

        Assert.NotEqual((string?)mine["id"], (string?)JsonNode.Parse(await theirs.Content.ReadAsStringAsync())!["id"]);
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Equal(200, (await upstream.PostAsync(Upstream.Messages, body)).Status);
    }

    [Theory]
    [InlineData("Authorization", "Bearer k", "/v1/models", "data", "id")]
    [InlineData("x-api-key", "k", "/v1/models", "data", "display_name")]
    [InlineData("x-goog-api-key", "k", "/v1beta/models", "models", "name")]
    public async Task ModelList_HasTheDialectsShape(string header, string value, string path, string list, string member)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(header, value);
        using var response = await upstream.Http.SendAsync(request);

        Assert.Contains("sim-chat", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())![list]![0]![member], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortInUse_IsSaid()
    {
        var url = upstream.Server.Address.ToString();

        await Assert.ThrowsAsync<IOException>(() => SimulatorHost.StartAsync(new SimulatorOptions { Url = url }, CancellationToken.None));
    }

    [Fact]
    public async Task HttpsAddress_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => SimulatorHost.StartAsync(new SimulatorOptions { Url = "https://127.0.0.1:0" }, CancellationToken.None));

    [Fact]
    public async Task Disposing_CutsWhatIsOpen()
    {
        var server = await SimulatorHost.StartAsync(new SimulatorOptions { RequireKey = false }, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat/completions") { Content = new StringContent(Upstream.Ask("sim?stall_after=1", "x", stream: true).ToJsonString()) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
    }
}
