using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Limits;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Real gateways on one PostgreSQL, called all the time; again and again one of them is killed with <c>kill -9</c> and started again.</summary>
public sealed class GatewayDeathTests
{
    private const int Gateways = 3;
    private const int Callers = 12;
    private const int Kills = 3;

    [Fact]
    public async Task OneOfThreeIsKilledUnderLoad_NothingAnsweredIsLostOrChargedTwice_AndItsHoldsAreResolvedAtItsRestart()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_SEED") ?? Random.Shared.Next().ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var random = new Random(seed);
        await using var gateways = await GatewayProcesses.StartAsync(Gateways, GatewayHostConfig.ThreeProviders, credits: 100m);
        using var stop = new CancellationTokenSource();
        var shown = new ConcurrentDictionary<string, decimal>();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(gateways, caller, shown, stop.Token))).ToList();

        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(200, 1200));
            var victim = random.Next(Gateways);
            await gateways.KillAsync(victim);
            var before = shown.Count;
            await Poll.UntilAsync(() => shown.Count > before + 20, $"the others serve on (seed {seed})");
            await gateways.StartAsync(victim);
            var (node, run) = (gateways.NodeOf(victim), await CurrentBootAsync(gateways, victim));
            await Poll.UntilAsync(
                async () => await CountAsync(gateways, $"SELECT COUNT(*) FROM intents WHERE node_id = '{node}' AND boot_id <> {run}") == 0, $"open requests of the killed run are resolved (seed {seed})", withinMs: 5000);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        await gateways.UntilSettledAsync();

        var charged = (await gateways.QueryAsync<string>("SELECT id || ' ' || cost FROM generations WHERE cost > 0")).Select(static row => row.Split(' '))
            .ToDictionary(static row => row[0], static row => decimal.Parse(row[1], CultureInfo.InvariantCulture) / 1_000_000_000_000m);
        Assert.All(shown, answer => Assert.True(charged.TryGetValue(answer.Key, out var cost) && cost == answer.Value, $"{answer.Key} showed {answer.Value} (seed {seed})"));
        Assert.Equal(charged.Values.Sum(), (await gateways.QueryAsync<long>("SELECT used FROM ledger_accounts WHERE id = 1")).Single() / 1_000_000_000_000m);
        // What was charged and not shown was under way to callers of a gateway that died.
        Assert.InRange(charged.Count - shown.Count, 0, Kills * Callers);
        var verified = await gateways.VerifyAsync();
        Assert.True(verified.ExitCode == 0, $"seed {seed}\n{verified.Output}{verified.Error}");
    }

    [Fact]
    public async Task GatewayWithAnOpenStreamIsKilled_TheOtherHasRoomWhenItsLeaseHasEnded()
    {
        var config = UpstreamConfig.Models(new(), (UpstreamConfig.Model, ["sim?tokens=10"]), ("acme/open", ["sim?tokens=100000&token_ms=5"]));
        await using var gateways = await GatewayProcesses.StartAsync(count: 2, config, credits: 100m);
        using var manager = gateways.Servers[0].Client(Some.Key(2));
        using var made = await manager.PostAsync(new Uri("api/v1/keys", UriKind.Relative), LimitedCalls.Json("""{"name":"one at once","concurrency":1}"""));
        var key = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["key"]!;
        using var atFirst = gateways.Servers[0].Client(key);
        using var atSecond = gateways.Servers[1].Client(key);
        await Poll.UntilAsync(async () => (await atSecond.ChatAsync()).Status == 200, "the key at the other gateway");
        using var open = await atSecond.SendAsync(ChatClient.Request(ChatClient.Body(stream: true, model: "acme/open")), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        (await atFirst.ChatAsync()).Refused("key-concurrent-requests");

        await gateways.KillAsync(1);

        (await atFirst.ChatAsync()).Refused("key-concurrent-requests");
        await Poll.UntilAsync(async () => (await atFirst.ChatAsync()).Status == 200, "room after the other's death", withinMs: 40_000);
    }

    private static async Task CallAsync(GatewayProcesses gateways, int caller, ConcurrentDictionary<string, decimal> shown, CancellationToken stop)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Some.Key(1));
        for (var call = caller; !stop.IsCancellationRequested; call++)
        {
            var stream = call % 2 == 0;
            try
            {
                using var request = ChatClient.Request(ChatClient.Body(stream: stream, model: "acme/openai"));
                request.RequestUri = new Uri(new Uri(gateways.Servers[call % Gateways].Url), "/" + request.RequestUri);
                using var response = await client.SendAsync(request, CancellationToken.None);
                var reply = new ChatReply(
                    (int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(CancellationToken.None));
                // A stream whose end did not come was not answered.
                if (reply.Status == (int)HttpStatusCode.OK && (!stream || reply.Done))
                    Assert.True(shown.TryAdd(reply.GenerationId, reply.Cost));
                else
                    await Poll.BrieflyAsync();
            }
            catch (HttpRequestException)
            {
                // It is dead; the next call goes to another.
                await Poll.BrieflyAsync();
            }
        }
    }

    private static async Task<long> CurrentBootAsync(GatewayProcesses gateways, int number) =>
        (await gateways.QueryAsync<long>($"SELECT COALESCE(MAX(id), 0) FROM ledger_boots WHERE node_id = '{gateways.NodeOf(number)}'")).Single();

    private static async Task<long> CountAsync(GatewayProcesses gateways, string sql) => (await gateways.QueryAsync<long>(sql)).Single();
}
