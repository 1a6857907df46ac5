using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Operations;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Free models per minute and per day, by what was ever bought (platform §11.4), over sockets.</summary>
public sealed class FreeModelLimitTests
{
    private const string Free = "acme/m:free";
    private const string Paid = UpstreamConfig.Model;
    private const string BrokenFree = "acme/broken:free";
    private const string PerMinute = "free-models-per-min";
    private const string PerDay = "free-models-per-day";

    private readonly SetClock clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Defaults_TwentyPerMinute_FiftyPerDay_ThousandOnceTenWereBought_CountingEveryKeyOfTheAccount()
    {
        await using var host = await StartAsync();
        using var other = await host.NewKeyAsync("\"rpm\":null");
        var replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(caller => (caller % 2 == 0 ? host.Client : other.Client).ChatAsync(Body(Free, stream: caller % 3 == 0))));
        Assert.Equal(20, replies.Count(reply => reply.Status == 200));
        foreach (var refused in replies.Where(reply => reply.Status != 200))
        {
            Assert.Equal(new RefusedCall(20, 0, clock.Now.AddSeconds(60), TimeSpan.FromSeconds(60)), refused.Refused(PerMinute));
            Assert.Equal("Rate limit exceeded: free-models-per-min.", (string)refused.Json["error"]!["message"]!);
        }

        Assert.Equal(200, (await host.ChatAsync(Body(Paid))).Status);
        clock.Pass(TimeSpan.FromSeconds(60));
        await ServeAsync(host, 20);
        clock.Pass(TimeSpan.FromSeconds(60));
        await ServeAsync(host, 10);
        var exhausted = await other.Client.ChatAsync(Body(Free));
        Assert.Equal(new RefusedCall(50, 0, new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds((12 * 3600) - 120)), exhausted.Refused(PerDay));
        Assert.Equal(
            "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day", (string)exhausted.Json["error"]!["message"]!);
        Assert.Equal("""{"limit":50,"remaining":0,"used":50}""", await ShownAsync(host));

        // What an operator posts counts as bought; the 100 USD of the first start do not.
        await PostAsync(host, "9.99");
        (await host.ChatAsync(Body(Free))).Refused(PerDay);
        await PostAsync(host, "0.01");
        await ServeAsync(host, 10);
        Assert.Equal("""{"limit":1000,"remaining":940,"used":60}""", await ShownAsync(host));
        clock.Pass(TimeSpan.FromHours(12));
        Assert.Equal("""{"limit":1000,"remaining":1000,"used":0}""", await ShownAsync(host));
        await ServeAsync(host, 1);
    }

    [Fact]
    public async Task Restart_TheDaysCountGoesOn()
    {
        var folder = Directory.CreateTempSubdirectory("fairlead-test-").FullName;
        try
        {
            var limits = Limits(perMinute: 0, perDay: 4);
            await using (var host = await StartAsync(limits, folder))
            {
                await ServeAsync(host, 2);
                Assert.Equal(503, (await host.ChatAsync(Body(BrokenFree))).Status);
            }

            await using (var host = await StartAsync(limits, folder))
            {
                Assert.Equal("""{"limit":4,"remaining":1,"used":3}""", await ShownAsync(host));
                await ServeAsync(host, 1);
                Assert.Equal(4, (await host.ChatAsync(Body(Free))).Refused(PerDay).Limit);
                clock.Pass(TimeSpan.FromHours(12));
                await ServeAsync(host, 4);
                (await host.ChatAsync(Body(Free))).Refused(PerDay);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task FailedAttempts_CountOncePerRequest_AndRefusalsNotAtAll()
    {
        await using var host = await StartAsync(Limits(perMinute: 0, perDay: 3));
        Assert.Equal(503, (await host.ChatAsync(Body(BrokenFree))).Status);
        Assert.True(host.Simulator!.Requests.Count >= 2);
        Assert.Equal(400, (await host.ChatAsync(Body("no/such:free"))).Status);
        using var limited = await host.NewKeyAsync("\"rpm\":1");
        Assert.Equal(200, (await limited.Client.ChatAsync(Body(Free))).Status);
        (await limited.Client.ChatAsync(Body(Free))).Refused("key-requests-per-min");
        Assert.Equal("""{"limit":3,"remaining":1,"used":2}""", await ShownAsync(host));
        await ServeAsync(host, 1);
        (await host.ChatAsync(Body(Free))).Refused(PerDay);
    }

    [Fact]
    public async Task OtherModelsInTheList_AnswerWhereFreeOnesAreUsedUp_AndWhatTheyAnswerDoesNotCount()
    {
        await using var host = await StartAsync(Limits(perMinute: 0, perDay: 1));
        // Paid first, the free one never asked; then the free one fails and the paid one answers.
        Assert.Equal(Paid, Answered(await host.ChatAsync(Body(Paid, Free))));
        Assert.Equal(Paid, Answered(await host.ChatAsync(Body(BrokenFree, Paid))));
        Assert.Equal("""{"limit":1,"remaining":1,"used":0}""", await ShownAsync(host));

        Assert.Equal(Free, Answered(await host.ChatAsync(Body(Free, Paid))));
        Assert.Equal(Paid, Answered(await host.ChatAsync(Body(Free, Paid))));
        Assert.Equal(Paid, Answered(await host.ChatAsync(Body(Free, Paid, stream: true))));
        (await host.ChatAsync(Body(Free, BrokenFree))).Refused(PerDay);
        Assert.Equal("""{"limit":1,"remaining":0,"used":1}""", await ShownAsync(host));
    }

    [Fact]
    public async Task ClockSetByAnHourOverMidnight_OpensNoDayTwice()
    {
        clock.Now = new(2026, 3, 1, 23, 30, 0, TimeSpan.Zero);
        await using var host = await StartAsync(Limits(perMinute: 0, perDay: 2));
        await ServeAsync(host, 1);
        clock.Now = clock.Now.AddHours(1);
        await ServeAsync(host, 2);
        clock.Now = clock.Now.AddHours(-1);
        (await host.ChatAsync(Body(Free))).Refused(PerDay);
        clock.Pass(TimeSpan.FromHours(1));
        (await host.ChatAsync(Body(Free))).Refused(PerDay);
        clock.Pass(TimeSpan.FromHours(24));
        await ServeAsync(host, 2);
    }

    [Fact]
    public async Task Configuration_SetsTheNumbersAndTakesLimitsAway_WhileRunning()
    {
        await using var host = await StartAsync(Limits(perMinute: 1, perDay: 5, purchased: 7, usd: 2.5m));
        await ServeAsync(host, 1);
        Assert.Equal(1, (await host.ChatAsync(Body(Free))).Refused(PerMinute).Limit);
        await host.WriteConfigAsync(Config(Limits(perMinute: 0, perDay: 1, purchased: 7, usd: 2.5m)));
        await Poll.UntilAsync(() => ShownAsync(host).GetAwaiter().GetResult().Contains("\"limit\":1,", StringComparison.Ordinal), "the new configuration");
        Assert.Equal(
            "Rate limit exceeded: free-models-per-day. Add 2.5 credits to unlock 7 free model requests per day",
            (string)(await host.ChatAsync(Body(Free))).Json["error"]!["message"]!);

        await PostAsync(host, "2.5");
        await ServeAsync(host, 6);
        Assert.Equal("Rate limit exceeded: free-models-per-day.", (string)(await host.ChatAsync(Body(Free))).Json["error"]!["message"]!);

        await host.WriteConfigAsync(Config(Limits(perMinute: 0, perDay: 0, purchased: 0)));
        await Poll.UntilAsync(() => ShownAsync(host).GetAwaiter().GetResult().Contains("\"limit\":-1", StringComparison.Ordinal), "the new configuration");
        await ServeAsync(host, 3);
    }

    private static async Task ServeAsync(GatewayHost host, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var reply = await host.ChatAsync(Body(Free, stream: i % 2 == 1));
            Assert.True(reply.Status == 200, reply.Text);
        }
    }

    private static async Task PostAsync(GatewayHost host, string dollars)
    {
        var posted = await FairleadProcess.RunAsync("credits", "add", "--amount", dollars, "--note", "paid", "--data", host.DataFolder);
        Assert.True(posted.ExitCode == 0, posted.Error);
    }

    private static async Task<string> ShownAsync(GatewayHost host) =>
        JsonNode.Parse(await host.Client.GetStringAsync("api/v1/key"))!["data"]!["free_model_daily_requests"]!.ToJsonString();

    private static string Answered(ChatReply reply)
    {
        Assert.True(reply.Status == 200, reply.Text);
        return (string)(reply.ContentType == "text/event-stream" ? reply.Events[0] : reply.Json)["model"]!;
    }

    private static JsonObject Body(string model, string? fallback = null, bool stream = false)
    {
        var body = ChatClient.Body(stream: stream, model: model);
        if (fallback is not null)
            body["models"] = new JsonArray(fallback);
        return body;
    }

    private static JsonObject Limits(int perMinute, int perDay, int purchased = 1000, decimal usd = 10) => new()
    {
        ["free_models"] = new JsonObject { ["per_minute"] = perMinute, ["per_day"] = perDay, ["per_day_purchased"] = purchased, ["purchase_usd"] = usd },
    };

    private static string Config(JsonObject? inference) => UpstreamConfig.Models(
        new() { Inference = inference }, (Paid, ["sim?tokens=5"]), (Free, ["sim?tokens=5"]), (BrokenFree, ["sim?status=503", "sim?status=503"]));

    private Task<GatewayHost> StartAsync(JsonObject? inference = null, string? folder = null) =>
        GatewayHost.StartAsync(new() { Config = Config(inference), Clock = clock, DataFolder = folder });
}
