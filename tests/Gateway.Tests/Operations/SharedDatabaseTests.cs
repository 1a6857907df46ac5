using System.Net;
using Dapper;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Three gateways on one PostgreSQL, over real sockets.</summary>
public sealed class SharedDatabaseTests
{
    private const int CallsPerGateway = 150;

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
    public async Task FixedPriceCallsOnThreeGatewaysAgainstABalanceWorthAHundred_NinetyToAHundredAreServedAndNoneBeyond()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);
        await using var third = await StartAsync(database);

        var statuses = await Task.WhenAll(new[] { first, second, third }.SelectMany(static gateway => Enumerable.Range(0, CallsPerGateway).Select(async _ =>
        {
            var body = ChatClient.Body(model: "acme/rocket-1");
            body["max_tokens"] = 5;
            return (HttpStatusCode)(await gateway.ChatAsync(body)).Status;
        })));

        var served = statuses.Count(static status => status is HttpStatusCode.OK);
        Assert.InRange(served, 90, 100);
        Assert.Equal(statuses.Length - served, statuses.Count(static status => status is HttpStatusCode.PaymentRequired));
        using var connection = database.Connect();
        Assert.Equal(served * 10_000_000_000L, connection.ExecuteScalar<long>("SELECT used FROM ledger_accounts WHERE id = 1"));
    }

    private static Task<GatewayHost> StartAsync(TestDatabase database) =>
        GatewayHost.StartAsync(new() { Config = FixedPrice, Credits = 1m, Database = database.Address });
}
