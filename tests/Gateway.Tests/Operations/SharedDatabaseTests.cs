using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Limits;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Real gateways on one PostgreSQL, over real sockets: what is true at one is true at all of them.</summary>
public sealed class SharedDatabaseTests
{
    private const int Calls = 10_002;
    private const int MostAttempts = 30;

    private const string FixedPrice = """
        {
          "providers": [{ "slug": "one", "name": "One", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "key", "allow_private_network": true }],
          "models": [{ "id": "acme/rocket-1", "name": "Rocket", "context_length": 131072,
            "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
            "endpoints": [{ "provider": "one", "model": "sim", "context_length": 131072, "max_completion_tokens": 16384,
              "pricing": { "prompt": "0", "completion": "0", "request": "0.01" }, "supported_parameters": ["max_tokens"] }] }]
        }
        """;

    [Fact]
    public async Task TenThousandFixedPriceCallsAtOnceAgainstABalanceWorthAHundred_NinetyToAHundredAreServedAndNoneBeyond()
    {
        await using var gateways = await GatewayProcesses.StartAsync(count: 3, FixedPrice, credits: 1m);

        var statuses = await Task.WhenAll(gateways.Servers.Select(CallAsync));

        var served = statuses.Sum(static of => of.Count(static status => status is HttpStatusCode.OK));
        var refused = statuses.Sum(static of => of.Count(static status => status is HttpStatusCode.PaymentRequired));
        Assert.InRange(served, 90, 100);
        Assert.Equal(Calls, served + refused);
        await gateways.UntilSettledAsync();
        Assert.Equal([served * 10_000_000_000L], await gateways.QueryAsync<long>("SELECT used FROM ledger_accounts WHERE id = 1"));
        Assert.Equal([0L], await gateways.QueryAsync<long>("SELECT COALESCE(SUM(overrun), 0)::BIGINT FROM generations"));
        var verified = await gateways.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
    }

    [Fact]
    public async Task KeysAreRevokedAtOneGateway_TheOtherRefusesThemWithinASecond()
    {
        await using var gateways = await GatewayProcesses.StartAsync(count: 2, FixedPrice, credits: 1m);
        using var manager = gateways.Servers[0].Client(Some.Key(2));
        var took = new List<TimeSpan>();
        for (var revocation = 0; revocation < 3; revocation++)
        {
            using var made = await manager.PostAsync(new Uri("api/v1/keys", UriKind.Relative), LimitedCalls.Json("""{"name":"to be revoked"}"""));
            var key = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
            using var client = gateways.Servers[1].Client((string)key["key"]!);
            await Poll.UntilAsync(async () => await StatusAsync(client) is HttpStatusCode.OK, "the key at the other gateway");

            var since = Stopwatch.StartNew();
            using var revoked = await manager.DeleteAsync(new Uri("api/v1/keys/" + (string)key["data"]!["hash"]!, UriKind.Relative));
            Assert.True(revoked.IsSuccessStatusCode);

            await Poll.UntilAsync(async () => await StatusAsync(client) is HttpStatusCode.Unauthorized, "the refusal at the other gateway", withinMs: 5000);
            took.Add(since.Elapsed);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
        }

        // A machine busy with other tests may keep one of them waiting longer, not all.
        Assert.True(took.Min() < TimeSpan.FromSeconds(1), string.Join(", ", took));
    }

    /// <summary>A third of the calls, all at once over 1,000 sockets.</summary>
    private static async Task<HttpStatusCode[]> CallAsync(FairleadProcess gateway)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = new Uri(gateway.Url + "/"), Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Some.Key(1));
        return await Task.WhenAll(Enumerable.Range(0, Calls / 3).Select(_ => StatusAsync(client)));
    }

    /// <summary>The answer. A gateway of a machine too busy to renew its lease says 503 and when to come again, and the caller does.</summary>
    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        var body = ChatClient.Body(model: "acme/rocket-1");
        body["max_tokens"] = 5;
        for (var attempt = 1; ; attempt++)
        {
            using var response = await client.SendAsync(ChatClient.Request(body));
            if (response.StatusCode is not HttpStatusCode.ServiceUnavailable || attempt == MostAttempts)
                return response.StatusCode;
            await Task.Delay(response.Headers.RetryAfter!.Delta!.Value);
        }
    }
}
