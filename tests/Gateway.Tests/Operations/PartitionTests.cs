using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Two real gateways on one PostgreSQL, and a network that parts one of them from it: its connections stay open and nothing arrives.</summary>
public sealed class PartitionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task OneOfTwoIsCutOff_ItAnswersFromItsLeaseThen503_TheOtherServesOn_AndEverythingShownIsChargedOnce()
    {
        await using var gateways = await GatewayProcesses.StartAsync(count: 2, GatewayHostConfig.ThreeProviders, credits: 100m, lastCanBeCutOff: true);
        using var reached = gateways.Servers[0].Client(Some.Key(1));
        using var parted = gateways.Servers[1].Client(Some.Key(1));
        var shown = new Dictionary<string, decimal>();
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(reached, shown));
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(parted, shown));

        gateways.LastWay.Freeze();
        var gone = Stopwatch.StartNew();
        var answered = 0;
        while (await ChatAsync(parted, shown) is var status && status is not HttpStatusCode.ServiceUnavailable)
        {
            Assert.Equal(HttpStatusCode.OK, status);
            answered++;
            Assert.True(gone.Elapsed < Patience, $"{answered} answered and none refused though the database is out of reach\n{gateways.Servers[1].Error}");
            Assert.Equal(HttpStatusCode.OK, await ChatAsync(reached, shown));
        }

        Assert.True(answered > 0, gateways.Servers[1].Error);
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(reached, shown));
        Assert.Equal(answered, gateways.JournaledAt(1));

        // What was sent into the void arrives now, after the gateway took it for lost.
        gateways.LastWay.Mend();
        var back = Stopwatch.StartNew();
        while (await ChatAsync(parted, shown) is not HttpStatusCode.OK)
        {
            Assert.True(back.Elapsed < Patience, $"no answer though the database is in reach\n{gateways.Servers[1].Error}");
            await Task.Delay(50);
        }

        await gateways.UntilSettledAsync();
        var charged = (await gateways.QueryAsync<string>("SELECT id || ' ' || cost FROM generations WHERE cost > 0")).Select(static row => row.Split(' '))
            .ToDictionary(static row => row[0], static row => decimal.Parse(row[1], CultureInfo.InvariantCulture) / 1_000_000_000_000m);
        Assert.Equal(shown, charged);
        var verified = await gateways.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
    }

    private static async Task<HttpStatusCode> ChatAsync(HttpClient client, Dictionary<string, decimal> shown)
    {
        using var answer = await client.SendAsync(ChatClient.Request(ChatClient.Body(model: "acme/openai")));
        if (answer.IsSuccessStatusCode)
        {
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            shown.Add((string)body["id"]!, (decimal)body["usage"]!["cost"]!);
        }

        return answer.StatusCode;
    }
}
