using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dapper;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Which of several reasons a caller is told (P28): everything is wrong at first, and what was named is put right, one after the other.</summary>
public sealed class CheckOrderTests
{
    [Fact]
    public async Task EverythingIsWrong_TheReasonsAreNamedInOrder()
    {
        var clock = new SetClock(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(
                new() { Inference = new() { ["free_models"] = new JsonObject { ["per_day"] = 1 } } }, ("acme/m", ["sim?tokens=10"]), ("acme/m:free", ["sim?tokens=10"])),
            Clock = clock,
        });
        using var key = await host.NewKeyAsync("\"limit\":5");
        Assert.Equal(200, (await key.Client.ChatAsync(ChatClient.Body(model: "acme/m:free"))).Status);
        var answered = host.Simulator!.Requests.Count;

        await host.ChangeKeyAsync(key, "\"limit\":0.000001,\"rpm\":1,\"disabled\":true");
        await OweAsync(host, true);
        var body = """{"model":"acme/m:free","messages":"none","max_tokens":4000000}""";
        var authorization = key.Client.DefaultRequestHeaders.Authorization;

        key.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Some.Key(999));
        await ExpectAsync(401, "User not found.");
        key.Client.DefaultRequestHeaders.Authorization = authorization;
        await ExpectAsync(401, "User not found.");

        await host.ChangeKeyAsync(key, "\"disabled\":false");
        await ExpectAsync(402, "Insufficient credits. Add more using /credits");

        await OweAsync(host, false);
        await ExpectAsync(429, "Rate limit exceeded: free-models-per-day. Add 10 credits");

        // Of a model that is not free, or where the body is not even read, the key's limit is next.
        body = """{"model":"acme/m","messages":"none"}""";
        await ExpectAsync(403, "Key limit exceeded (total limit). Manage it using /settings/keys");
        await host.ChangeKeyAsync(key, "\"limit\":5");
        foreach (var broken in (string[])["""{"model":"acme/m:free","messages":"none"}""", """{"model":"acme/m:free","messages":[{"role":"user","content":"hi"}],"provider":{"only":["nobody"]}}"""])
        {
            body = broken;
            await ExpectAsync(429, "Rate limit exceeded: free-models-per-day. Add 10 credits");
        }

        clock.Pass(TimeSpan.FromHours(12));
        await host.ChangeKeyAsync(key, "\"limit\":0.000001");
        await ExpectAsync(403, "Key limit exceeded (total limit). Manage it using /settings/keys");

        await host.ChangeKeyAsync(key, "\"limit\":5");
        body = """{"model":"acme/m:free","messages":"none","max_tokens":4000000}""";
        await ExpectAsync(400, "messages");

        body = """{"model":"acme/m","messages":[{"role":"user","content":"hi"}],"max_tokens":4000,"provider":{"only":["nobody"]}}""";
        await ExpectAsync(404, "No allowed providers");

        // Rate limits begin to count with the first request under them.
        body = """{"model":"acme/m","messages":[{"role":"user","content":"hi"}],"max_tokens":5}""";
        await ExpectAsync(200, "");
        answered++;
        await host.ChangeKeyAsync(key, "\"limit\":0.001");
        body = """{"model":"acme/m","messages":[{"role":"user","content":"hi"}],"max_tokens":4000}""";
        await ExpectAsync(429, "Rate limit exceeded: key-requests-per-min.");

        await host.ChangeKeyAsync(key, "\"rpm\":null");
        await ExpectAsync(402, "You requested up to 4000 tokens");
        Assert.Equal(answered, host.Simulator.Requests.Count);

        await host.ChangeKeyAsync(key, "\"limit\":null");
        await ExpectAsync(200, "");

        async Task ExpectAsync(int status, string words)
        {
            using var response = await key.Client.PostAsync("api/v1/chat/completions", LimitedCalls.Json(body));
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == status, text);
            if (status != 200)
                Assert.Contains(words, (string)JsonNode.Parse(text)!["error"]!["message"]!, StringComparison.Ordinal);
        }
    }

    /// <summary>No posting and no charge takes an account below zero, so a hand in the database does.</summary>
    private static async Task OweAsync(GatewayHost host, bool owe)
    {
        var change = owe ? "credited - 1000000000000000" : "credited + 1000000000000000";
        await host.Services.GetRequiredService<Database>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync($"UPDATE ledger_accounts SET credited = {change} WHERE id = 1", transaction: transaction), "owing");
        await host.Services.GetRequiredService<CreditLedger>().OnForeignChangeAsync(CancellationToken.None);
    }
}
