using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Accounts.Keys;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>The spending limit of a key: its windows end at midnight UTC, what is left is shown, and an exhausted one is told so (P26, P27).</summary>
public sealed class KeyLimitTests
{
    [Theory]
    // 1 March 2026 is a Sunday.
    [InlineData("daily", "2026-03-04T23:59:00Z", true)]
    [InlineData("weekly", "2026-03-01T23:59:00Z", true)]
    [InlineData("weekly", "2026-03-04T23:59:00Z", false)]
    [InlineData("weekly", "2026-02-28T23:59:00Z", false)]
    [InlineData("monthly", "2026-02-28T23:59:00Z", true)]
    [InlineData("monthly", "2026-03-01T23:59:00Z", false)]
    [InlineData(null, "2026-02-28T23:59:00Z", false)]
    public async Task Exhausted_Is403WithItsWindowInWords_UntilTheWindowEndsAtMidnight(string? window, string from, bool ends)
    {
        var clock = new SetClock(DateTimeOffset.Parse(from, CultureInfo.InvariantCulture));
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=10"), Clock = clock });
        using var key = await host.NewKeyAsync($"\"limit\":1,\"limit_reset\":{(window is null ? "null" : $"\"{window}\"")}");
        var cost = (await key.Client.ChatAsync()).Cost;
        Assert.Equal(1 - cost, (decimal)(await ShownAsync(host, key))["limit_remaining"]!);

        await host.ChangeKeyAsync(key, string.Create(CultureInfo.InvariantCulture, $"\"limit\":{cost}"));
        var message = $"Key limit exceeded ({window ?? "total"} limit). Manage it using /settings/keys";
        foreach (var stream in (bool[])[false, true])
        {
            var refused = await key.Client.ChatAsync(ChatClient.Body(stream: stream));
            Assert.Equal((403, message, "permission_denied"), (refused.Status, (string)refused.Json["error"]!["message"]!, refused.ErrorType));
        }

        var shown = await ShownAsync(host, key);
        Assert.Equal((0m, window, cost), ((decimal)shown["limit_remaining"]!, (string?)shown["limit_reset"], (decimal)shown["usage"]!));
        Assert.Single(host.Simulator!.Requests);

        clock.Pass(TimeSpan.FromSeconds(59.999));
        Assert.Equal(403, (await key.Client.ChatAsync()).Status);
        clock.Pass(TimeSpan.FromMilliseconds(1));
        shown = await ShownAsync(host, key);
        Assert.Equal(ends ? cost : 0, (decimal)shown["limit_remaining"]!);
        Assert.Equal((cost, 0m), ((decimal)shown["usage"]!, (decimal)shown["usage_daily"]!));

        // The whole window is there again, and no more than that.
        await host.ChangeKeyAsync(key, string.Create(CultureInfo.InvariantCulture, $"\"limit\":{cost + 0.01m}"));
        var body = ChatClient.Body();
        body["max_tokens"] = 1000;
        Assert.Equal(200, (await key.Client.ChatAsync(body)).Status);
        body["max_tokens"] = 7000;
        Assert.Equal(402, (await key.Client.ChatAsync(body)).Status);
    }

    [Fact]
    public async Task OwnProviderKeys_CountTowardsTheLimitWhereItSaysSo()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=10") });
        using var key = await host.NewKeyAsync("\"limit\":5,\"limit_reset\":\"monthly\"");
        await ChargeOwnProviderAsync(host, key, dollars: 5m);

        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        var shown = await ShownAsync(host, key);
        Assert.Equal((5m, 5m, false), ((decimal)shown["byok_usage"]!, (decimal)shown["byok_usage_monthly"]!, (bool)shown["include_byok_in_limit"]!));
        Assert.Equal(5m - (decimal)shown["usage"]!, (decimal)shown["limit_remaining"]!);

        await host.ChangeKeyAsync(key, "\"include_byok_in_limit\":true");
        Assert.Equal(0m, (decimal)(await ShownAsync(host, key))["limit_remaining"]!);
        Assert.Equal("Key limit exceeded (monthly limit). Manage it using /settings/keys", (string)(await key.Client.ChatAsync()).Json["error"]!["message"]!);

        await host.ChangeKeyAsync(key, "\"limit\":10");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
    }

    [Fact]
    public async Task WhatRequestsInFlightHaveSetAside_IsNotExhausted()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=100000&token_ms=5") });
        using var key = await host.NewKeyAsync("\"limit\":0.01");
        var body = ChatClient.Body(stream: true);
        body["max_tokens"] = 4900;
        using var open = await key.Client.SendAsync(ChatClient.Request(body), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)open.StatusCode);

        var refused = await key.Client.ChatAsync(body);
        Assert.Equal(402, refused.Status);
        Assert.Contains("You requested up to 4900 tokens", (string)refused.Json["error"]!["message"]!, StringComparison.Ordinal);
    }

    /// <summary>The key as itself and as its manager see it: the same numbers.</summary>
    private static async Task<JsonNode> ShownAsync(GatewayHost host, LimitedKey key)
    {
        using var manager = host.NewClient(host.ProvisioningKey);
        var managed = JsonNode.Parse(await manager.GetStringAsync("api/v1/keys/" + key.Hash))!["data"]!;
        var own = JsonNode.Parse(await key.Client.GetStringAsync("api/v1/key"))!["data"]!;
        foreach (var name in (string[])["limit", "limit_remaining", "limit_reset", "include_byok_in_limit", "usage", "usage_daily", "usage_weekly", "usage_monthly", "byok_usage_monthly"])
            Assert.True(JsonNode.DeepEquals(managed[name], own[name]), $"{name}: {managed[name]} and {own[name]}");
        Assert.Equal("""{"requests":-1,"interval":"10s","note":"This field is deprecated and safe to ignore."}""", own["rate_limit"]!.ToJsonString());
        return managed;
    }

    /// <summary>An answer on the caller's own provider key, which costs the caller nothing here.</summary>
    private static async Task ChargeOwnProviderAsync(GatewayHost host, LimitedKey key, decimal dollars)
    {
        var ledger = host.Services.GetRequiredService<CreditLedger>();
        Assert.True(host.Services.GetRequiredService<KeyIndex>().TryGetByHash(key.Hash, out var used));
        var hold = await ledger.TryHoldAsync(new() { GenerationId = "gen-own", AccountId = used.AccountId, KeyId = used.Id, KeyLimit = used.SpendingLimit, Amount = Credits.Zero });
        await ledger.SettleAsync(hold.Hold!, new Generation
        {
            Id = "gen-own", AccountId = used.AccountId, KeyId = used.Id, CreatedAtMs = 0, Model = "acme/m", ModelPermaslug = "acme/m", Cost = Credits.Zero,
            UpstreamCost = Credits.Exact(dollars), IsByok = true,
        });
    }
}
