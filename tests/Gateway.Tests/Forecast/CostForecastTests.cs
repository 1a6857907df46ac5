using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Forecast;

/// <summary><c>POST /api/v1/cost/simulate</c>: the numbers of the engine that holds and charges, and nothing else happens.</summary>
public sealed class CostForecastTests(CostForecastTests.Host shared) : IClassFixture<CostForecastTests.Host>
{
    public sealed class Host : IAsyncLifetime
    {
        internal GatewayHost Gateway { get; private set; } = null!;

        // Endpoints at 1, 2 and 3 µUSD per prompt token and twice that per completion token; a model with one; and one that answers late.
        public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(new UpstreamSetup(), ("acme/m", ["sim", "sim", "sim"]), ("acme/one", ["sim?tokens=40"]), ("acme/slow", ["sim?hang=1"])),
        });

        public async Task DisposeAsync() => await Gateway.DisposeAsync();
    }

    [Fact]
    public async Task ThreeEndpoints_WorstIsTheDearest_CheapestNamesItsEndpoint_ExpectedIsTheFirst()
    {
        var body = ChatClient.Body("Why is the sea salty?");
        body["max_tokens"] = 100;
        var (status, answer) = await SimulateAsync(body);

        Assert.Equal(200, status);
        var prompt = (int)answer["assumed"]!["prompt_tokens"]!;
        Assert.InRange(prompt, 5, 30);
        Assert.Equal(100, (int)answer["assumed"]!["completion_tokens"]!);
        // I-63: a quarter more prompt than estimated, the whole output, at the dearest of the three.
        Assert.Equal(((prompt + (prompt / 4) + 1) * 0.000003m) + (100 * 0.000006m), (decimal)answer["worst"]!);
        var cheapest = (prompt * 0.000001m) + (100 * 0.000002m);
        Assert.Equal(cheapest, (decimal)answer["cheapest"]!["cost"]!);
        Assert.Equal(("P1", "p1", "acme/m"), ((string?)answer["cheapest"]!["endpoint"]!["provider_name"], (string?)answer["cheapest"]!["endpoint"]!["tag"], (string?)answer["cheapest"]!["endpoint"]!["model"]));
        // Sorted by price, the cheapest is asked first for certain.
        Assert.Equal(cheapest, (decimal)answer["expected"]!);
    }

    [Fact]
    public async Task WeightedDraw_ExpectedIsTheMeanByOdds_TheSameEveryTime()
    {
        var body = ChatClient.Body();
        body.Remove("provider");
        body["max_tokens"] = 100;
        var (_, answer) = await SimulateAsync(body);
        var least = (decimal)answer["cheapest"]!["cost"]!;

        // Odds are 1 : 1/4 : 1/9 for costs 1 : 2 : 3.
        Assert.InRange((decimal)answer["expected"]! / least, (1 + 0.5m + (1 / 3m)) / (1 + 0.25m + (1 / 9m)) - 0.0001m, (1 + 0.5m + (1 / 3m)) / (1 + 0.25m + (1 / 9m)) + 0.0001m);
        for (var again = 0; again < 20; again++)
            Assert.Equal(answer.ToJsonString(), (await SimulateAsync(body)).Answer.ToJsonString());
    }

    [Theory]
    [InlineData(null, 500)]
    [InlineData(20, 20)]
    [InlineData(4000, 500)]
    public async Task AnswerOfUsualLength_IsExpected_UnlessLessIsAllowed(int? maxTokens, int expected)
    {
        var body = ChatClient.Body();
        if (maxTokens is not null)
            body["max_tokens"] = maxTokens;

        Assert.Equal(expected, (int)(await SimulateAsync(body)).Answer["assumed"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Endpoints_ThatTheRequestExcludes_AreNotCounted()
    {
        var body = ChatClient.Body();
        body["provider"] = new JsonObject { ["only"] = new JsonArray("p2") };
        var (_, answer) = await SimulateAsync(body);

        Assert.Equal("P2", (string?)answer["cheapest"]!["endpoint"]!["provider_name"]);
        Assert.Equal((decimal)answer["expected"]!, (decimal)answer["cheapest"]!["cost"]!);
    }

    [Fact]
    public async Task NothingIsSentHeldChargedOrRecorded()
    {
        var ledger = shared.Gateway.Services.GetRequiredService<CreditLedger>();
        var sent = shared.Gateway.Simulator!.Requests.Count;
        var before = ledger.Balance(1);
        using var response = await PostAsync(ChatClient.Body(stream: true));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.False(response.Headers.Contains("X-Generation-Id"));
        Assert.Equal(before, ledger.Balance(1));
        Assert.Equal(sent, shared.Gateway.Simulator.Requests.Count);
    }

    [Fact]
    public async Task Worst_IsWhatTheSameRequestHolds()
    {
        var ledger = shared.Gateway.Services.GetRequiredService<CreditLedger>();
        var body = ChatClient.Body("Repeat after me: hello", stream: true, model: "acme/slow");
        body["max_tokens"] = 321;
        var (_, answer) = await SimulateAsync(body);
        using var leave = new CancellationTokenSource();
        var call = shared.Gateway.OpenStreamAsync(body, leave.Token);
        await Poll.UntilAsync(() => ledger.Balance(1).Held != Credits.Zero, "the hold");

        Assert.Equal((decimal)answer["worst"]!, ledger.Balance(1).Held.Dollars);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Poll.UntilAsync(() => ledger.Balance(1).Held == Credits.Zero, "the release");
    }

    [Fact]
    public async Task ChargeOfTheSameRequest_IsWithinTheWorst()
    {
        var body = ChatClient.Body(model: "acme/one");
        var (_, answer) = await SimulateAsync(body);

        Assert.InRange((await shared.Gateway.ChatAsync(body)).Cost, 0.000001m, (decimal)answer["worst"]!);
    }

    [Fact]
    public async Task CallerWithoutCredits_MayAsk()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim"), Credits = 0m });
        using var response = await host.Client.PostAsync("api/v1/cost/simulate", Json(ChatClient.Body().ToJsonString()));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(402, (await host.ChatAsync()).Status);
    }

    [Theory]
    [InlineData("""{"model":"acme/m"}""")]
    [InlineData("""{"model":"acme/m","messages":[{"role":"user","content":"x"}],"max_tokens":-1}""")]
    [InlineData("""{"model":"acme/none","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"acme/m","messages":[{"role":"user","content":"x"}],"provider":{"only":["nobody"]}}""")]
    [InlineData("""{"model":"acme/m","messages":[{"role":"user","content":"x"}],"plugins":[{"id":"web"}]}""")]
    [InlineData("{")]
    public async Task WrongRequest_IsRefusedAsAChatCompletionIs(string body)
    {
        using var simulated = await shared.Gateway.Client.PostAsync("api/v1/cost/simulate", Json(body));
        using var chat = await shared.Gateway.Client.PostAsync("api/v1/chat/completions", Json(body));

        Assert.InRange((int)simulated.StatusCode, 400, 404);
        Assert.Equal(chat.StatusCode, simulated.StatusCode);
        Assert.Equal(await chat.Content.ReadAsStringAsync(), await simulated.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task WrongKey_IsRefused()
    {
        using var none = await shared.Gateway.Anonymous.PostAsync("api/v1/cost/simulate", Json(ChatClient.Body().ToJsonString()));
        using var provisioning = shared.Gateway.NewClient(shared.Gateway.ProvisioningKey);
        using var wrong = await provisioning.PostAsync("api/v1/cost/simulate", Json(ChatClient.Body().ToJsonString()));

        Assert.Equal((401, 403), ((int)none.StatusCode, (int)wrong.StatusCode));
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private Task<HttpResponseMessage> PostAsync(JsonObject body) => shared.Gateway.Client.PostAsync("api/v1/cost/simulate", Json(body.ToJsonString()));

    private async Task<(int Status, JsonNode Answer)> SimulateAsync(JsonObject body)
    {
        using var response = await PostAsync(body);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
