using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Accounts.Keys;
using Fairlead.Gateway.Tests.Contract;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Console;

/// <summary><c>/api/v1/activity</c>.</summary>
public sealed class ActivityTests
{
    private const string Path = "/api/v1/activity";

    [Fact]
    public async Task Rows_PerDayAndEndpoint_OfTheLastThirtyCompletedDays()
    {
        var clock = new SetClock(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ConsoleHost.StartAsync(clock: clock);
        var key = host.KeyOf(ConsoleHost.Key);
        var second = (await host.Get<KeyStore>().CreateAsync(new() { AccountId = key.AccountId, Name = "second" })).Key;
        await host.ChargeAsync(key, 1m);
        clock.Now = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
        await host.ChargeAsync(key, 2m);
        clock.Now = new(2026, 3, 2, 23, 59, 59, TimeSpan.Zero);
        await host.ChargeAsync(second, 0.5m, byok: 3m);
        await host.ChargeAsync(key, 4m, endpoint: "endpoint-2");
        await host.ChargeAsync((await host.NewAccountAsync()).Key.Key, 0m);
        // No endpoint answered: a request, and no endpoint's.
        await host.ChargeAsync(key, 0m, endpoint: "");
        clock.Now = new(2026, 3, 31, 8, 0, 0, TimeSpan.Zero);
        await host.ChargeAsync(key, 8m);

        var all = await host.GetAsync(Path, ConsoleHost.ProvisioningKey);
        Assert.True(SchemaCheck.Faults(all.Json, PublishedContract.Answer("get", "/activity")).Count == 0, all.Body);
        JsonNode expected = JsonNode.Parse("""
            [
              { "date": "2026-03-02", "model": "acme/rocket-1", "model_permaslug": "acme/rocket-1-20251101", "endpoint_id": "endpoint-1", "provider_name": "Acme AI",
                "usage": 2.5, "byok_usage_inference": 3, "requests": 2, "prompt_tokens": 20, "completion_tokens": 40, "reasoning_tokens": 10 },
              { "date": "2026-03-02", "model": "acme/rocket-1", "model_permaslug": "acme/rocket-1-20251101", "endpoint_id": "endpoint-2", "provider_name": "Acme AI",
                "usage": 4, "byok_usage_inference": 0, "requests": 1, "prompt_tokens": 10, "completion_tokens": 20, "reasoning_tokens": 5 },
              { "date": "2026-03-01", "model": "acme/rocket-1", "model_permaslug": "acme/rocket-1-20251101", "endpoint_id": "endpoint-1", "provider_name": "Acme AI",
                "usage": 1, "byok_usage_inference": 0, "requests": 1, "prompt_tokens": 10, "completion_tokens": 20, "reasoning_tokens": 5 }
            ]
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, all.Data), all.Body);
        Assert.Equal(["2026-03-01"], await DatesAsync(host, "?date=2026-03-01"));
        Assert.Equal(["2026-03-02"], await DatesAsync(host, $"?api_key_hash={second.Hash}"));
        await host.Get<KeyStore>().DeleteAsync(second.Hash);
        Assert.Equal(["2026-03-02"], await DatesAsync(host, $"/?date=2026-03-02&api_key_hash={second.Hash}"));
        Assert.Equal([], await DatesAsync(host, "?date=2026-03-30"));
        Assert.Equal(["2026-03-01"], await DatesAsync(host, "?date=2026-03-01&group_by=workspace"));
        Assert.Equal([], await DatesAsync(host, "?workspace_id=another"));
        Assert.Equal([], await DatesAsync(host, "?user_id=user_another"));

        clock.Now = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(["2026-03-31", "2026-03-02", "2026-03-02"], await DatesAsync(host, ""));
    }

    [Theory]
    [InlineData("date=2026-03-31", 400, "date")]
    [InlineData("date=2026-04-01", 400, "date")]
    [InlineData("date=2026-02-28", 400, "date")]
    [InlineData("date=2026-3-2", 400, "date")]
    [InlineData("date=2026-02-30", 400, "date")]
    [InlineData("date=yesterday", 400, "date")]
    [InlineData("api_key_hash=abc", 400, "api_key_hash")]
    [InlineData("group_by=key", 400, "group_by")]
    [InlineData("api_key_hash=0000000000000000000000000000000000000000000000000000000000000000", 404, null)]
    public async Task DateNotInTheLastThirtyCompletedDays_OrAWrongHash_IsRefused(string query, int status, string? member)
    {
        await using var host = await ConsoleHost.StartAsync(clock: new SetClock(new(2026, 3, 31, 8, 0, 0, TimeSpan.Zero)));
        var answer = await host.GetAsync($"{Path}?{query}", ConsoleHost.ProvisioningKey);
        Assert.Equal((HttpStatusCode)status, answer.Status);
        Assert.Equal(member, (string?)answer.Json["error"]!["param"]);
    }

    [Fact]
    public async Task KeyOfAnotherAccount_Is404()
    {
        await using var host = await ConsoleHost.StartAsync();
        var theirs = (await host.NewAccountAsync()).Key.Key.Hash;
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"{Path}?api_key_hash={theirs}", ConsoleHost.ProvisioningKey)).Status);
    }

    private static async Task<IEnumerable<string>> DatesAsync(ConsoleHost host, string query)
    {
        var answer = await host.GetAsync(Path + query, ConsoleHost.ProvisioningKey);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body);
        return answer.Data.AsArray().Select(static row => (string)row!["date"]!);
    }
}
