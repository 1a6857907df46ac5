using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;

namespace Fairlead.Gateway.Tests.Console;

public sealed class ApiTests(ConsoleFixture fixture) : IClassFixture<ConsoleFixture>
{
    private readonly ConsoleHost host = fixture.Host;

    [Fact]
    public async Task Endpoints_ShowWhatCanServe_NotWhatIsStaged()
    {
        var data = (await host.GetAsync("/api/v1/models/acme/rocket-1/endpoints")).Data;
        var endpoints = data["endpoints"]!.AsArray();
        Assert.Equal(["other/fast", "acme"], endpoints.Select(one => (string)one!["tag"]!));
        JsonNode expected = JsonNode.Parse("""
            {
              "name": "Acme AI | acme/rocket-1-20251101", "model_id": "acme/rocket-1", "model_name": "Acme: Rocket 1", "context_length": 131072,
              "pricing": { "prompt": "0.00000005", "completion": "0.000002", "request": "0", "image": "0", "input_cache_read": "0.00000001", "discount": 0.25,
                           "overrides": [ { "min_prompt_tokens": 64000, "prompt": "0.0000001" } ] },
              "provider_name": "Acme AI", "tag": "acme", "quantization": "fp8", "max_completion_tokens": 16384, "max_prompt_tokens": null,
              "supported_parameters": ["tools", "tool_choice", "max_tokens", "temperature"], "supports_implicit_caching": false,
              "supports_tool_choice": { "none": true, "auto": true, "required": false, "function": false }, "supports_voice_cloning": false, "status": 0,
              "uptime_last_5m": null, "uptime_last_30m": null, "uptime_last_1d": null, "latency_last_30m": null, "throughput_last_30m": null
            }
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, endpoints[1]), endpoints[1]!.ToJsonString());
        Assert.Equal("", (string)data["description"]!);
    }

    [Theory]
    [InlineData("/api/v1/models/acme/rocket-1:free/endpoints", 1)]
    [InlineData("/api/v1/models/acme/rocket-1%3Afree/endpoints", 1)]
    [InlineData("/api/v1/models/acme/rocket-1/endpoints/", 2)]
    [InlineData("/api/v1/models/dark/matter/endpoints", 0)]
    public async Task Endpoints_VariantTrailingSlashAndModelWithoutLiveEndpoint(string path, int count) =>
        Assert.Equal(count, (await host.GetAsync(path)).Data["endpoints"]!.AsArray().Count);

    [Fact]
    public async Task Endpoints_UnknownModel_Is404() =>
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("/api/v1/models/acme/none/endpoints")).Status);

    [Fact]
    public async Task Zdr_ListsEndpointsOfZeroRetentionOnly()
    {
        var tags = (await host.GetAsync("/api/v1/endpoints/zdr")).Data.AsArray().Select(one => $"{one!["model_id"]} {one["tag"]}");
        Assert.Equal(["acme/rocket-1:free acme", "acme/rocket-1 acme"], tags);
    }

    [Fact]
    public async Task Providers_AreAllThere_WithoutTheirKeys()
    {
        var answer = await host.GetAsync("/api/v1/providers");
        var acme = answer.Data.AsArray().Single(one => (string)one!["slug"]! == "acme")!;
        JsonNode expected = JsonNode.Parse("""
            { "name": "Acme AI", "slug": "acme", "privacy_policy_url": "https://acme.example/privacy", "terms_of_service_url": "https://acme.example/terms",
              "status_page_url": null, "headquarters": "DE", "datacenters": ["DE", "US"] }
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, acme), acme.ToJsonString());
        Assert.Equal(3, answer.Data.AsArray().Count);
        Assert.DoesNotContain("sk-", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "max_tokens temperature tool_choice tools")]
    [InlineData("?provider=Other", "max_tokens tools")]
    [InlineData("?provider=Acme%20AI", "max_tokens temperature tool_choice tools")]
    public async Task Parameters_OfTheModelOrOfOneProvider(string query, string parameters)
    {
        var data = (await host.GetAsync($"/api/v1/parameters/acme/rocket-1{query}", ConsoleHost.Key)).Data;
        Assert.Equal("acme/rocket-1", (string)data["model"]!);
        Assert.Equal(parameters.Split(' '), data["supported_parameters"]!.AsArray().Select(one => (string)one!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/api/v1/parameters/acme/rocket-1?provider=Dark")]
    [InlineData("/api/v1/parameters/acme/none")]
    [InlineData("/api/v1/generation?id=gen-1-none")]
    [InlineData("/api/v1/presets/none")]
    public async Task UnknownThing_Is404WithTheCaller(string path)
    {
        var answer = await host.GetAsync(path, ConsoleHost.Key);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.StartsWith("user_", (string)answer.Json["user_id"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/parameters/acme/rocket-1")]
    [InlineData("/api/v1/generation?id=x")]
    [InlineData("/api/v1/credits")]
    [InlineData("/api/v1/key")]
    [InlineData("/api/v1/auth/key")]
    [InlineData("/api/v1/models/user")]
    [InlineData("/api/v1/keys")]
    [InlineData("/api/v1/keys/x")]
    [InlineData("/api/v1/activity")]
    [InlineData("/api/v1/account/settings")]
    [InlineData("/api/v1/presets")]
    [InlineData("/api/v1/presets/x/versions/1")]
    public async Task NoKeyOrAWrongOne_Is401(string path)
    {
        var none = await host.GetAsync(path);
        var wrong = await host.GetAsync(path, "sk-or-v1-" + new string('f', 64));
        var basic = await host.GetAsync(path, edit: request => request.Headers.Add("Authorization", "Basic eDp5"));
        Assert.Equal((HttpStatusCode.Unauthorized, "Missing Authentication header"), (none.Status, (string)none.Json["error"]!["message"]!));
        Assert.Equal((HttpStatusCode.Unauthorized, "User not found."), (wrong.Status, (string)wrong.Json["error"]!["message"]!));
        Assert.Equal(HttpStatusCode.Unauthorized, basic.Status);
        Assert.Null(none.Json["user_id"]);
        Assert.Equal("authentication", (string)none.Json["error"]!["metadata"]!["error_type"]!);
    }

    [Fact]
    public async Task DisabledOrExpiredKey_Is401()
    {
        await using var own = await ConsoleHost.StartAsync();
        own.Get<KeyIndex>().TryGetByHash(KeyHash(ConsoleHost.Key), out var key);
        await own.Get<KeyStore>().ChangeAsync(key!.Hash, new() { Disabled = true });
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.GetAsync("/api/v1/key", ConsoleHost.Key)).Status);
        var expired = await own.Get<KeyStore>().CreateAsync(new() { AccountId = key.AccountId, Name = "old", ExpiresAt = DateTimeOffset.UnixEpoch });
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.GetAsync("/api/v1/key", expired.Secret)).Status);
    }

    [Theory]
    [InlineData("GET", "/api/v1/credits")]
    [InlineData("GET", "/api/v1/keys")]
    [InlineData("POST", "/api/v1/keys")]
    [InlineData("GET", "/api/v1/keys/x")]
    [InlineData("PATCH", "/api/v1/keys/x")]
    [InlineData("DELETE", "/api/v1/keys/x")]
    [InlineData("GET", "/api/v1/activity")]
    [InlineData("GET", "/api/v1/account/settings")]
    [InlineData("PATCH", "/api/v1/account/settings")]
    public async Task Management_OrdinaryKey_Is403WithTheContractsText(string method, string path)
    {
        var answer = await host.SendAsync(method, path, ConsoleHost.Key);
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal("Only provisioning keys can perform this operation", (string)answer.Json["error"]!["message"]!);
        Assert.Equal("permission_denied", (string)answer.Json["error"]!["metadata"]!["error_type"]!);
    }

    [Fact]
    public async Task ChargedRequest_IsSeenInGenerationCreditsAndKey_ByItsAccountOnly()
    {
        await using var own = await ConsoleHost.StartAsync();
        own.Get<KeyIndex>().TryGetByHash(KeyHash(ConsoleHost.Key), out var key);
        var generation = await ChargeAsync(own, key!, "gen-1762000000-abcdefghijklmnopqrst", 0.0000000123m);

        var shown = (await own.GetAsync($"/api/v1/generation?id={generation.Id}", ConsoleHost.Key)).Data;
        JsonNode expected = JsonNode.Parse("""
            {
              "id": "gen-1762000000-abcdefghijklmnopqrst", "upstream_id": "chatcmpl-1", "total_cost": 0.0000000123, "usage": 0.0000000123, "cache_discount": 0.5,
              "upstream_inference_cost": 0, "created_at": "2025-11-01T12:26:40+00:00", "model": "acme/rocket-1", "app_id": null, "origin": "https://app.example/",
              "http_referer": "https://app.example/", "data_region": "global", "external_user": "u1", "api_type": "completions", "provider_name": "Acme AI",
              "provider_responses": [ { "status": 200, "provider_name": "Acme AI" } ], "is_byok": false, "streamed": true, "cancelled": false,
              "finish_reason": "stop", "native_finish_reason": "end_turn", "latency": 120, "moderation_latency": null, "generation_time": 340,
              "tokens_prompt": 11, "tokens_completion": 21, "native_tokens_prompt": 10, "native_tokens_completion": 20, "native_tokens_completion_images": 0,
              "native_tokens_reasoning": 5, "native_tokens_cached": 3, "num_media_prompt": 1, "num_input_audio_prompt": 0, "num_media_completion": 0,
              "num_search_results": 0, "num_fetches": null, "preset_id": null, "router": null, "service_tier": null, "session_id": "s1", "user_agent": null,
              "web_search_engine": null, "workspace_id": null
            }
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, shown), shown.ToJsonString());

        var credits = await own.GetAsync("/api/v1/credits/", ConsoleHost.ProvisioningKey);
        Assert.Equal("""{"data":{"total_credits":100,"total_usage":0.0000000123}}""", credits.Body);

        var keyData = (await own.GetAsync("/api/v1/key", ConsoleHost.Key)).Data;
        foreach (var member in new[] { "usage", "usage_daily", "usage_weekly", "usage_monthly" })
            Assert.Equal(0.0000000123m, keyData[member]!.GetValue<decimal>());

        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync($"/api/v1/generation?id={generation.Id}", ConsoleHost.ProvisioningKey)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync($"/api/v1/generation?id={generation.Id[..^1]}", ConsoleHost.Key)).Status);
    }

    [Theory]
    [InlineData("/api/v1/generation")]
    [InlineData("/api/v1/generation?id=")]
    public async Task GenerationWithoutId_Is400(string path) => Assert.Equal(HttpStatusCode.BadRequest, (await host.GetAsync(path, ConsoleHost.Key)).Status);

    [Fact]
    public async Task GenerationWithAHugeId_Is404AndDoesNotEchoIt()
    {
        var answer = await host.GetAsync($"/api/v1/generation?id={new string('x', 4000)}", ConsoleHost.Key);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.True(answer.Body.Length < 500);
    }

    [Theory]
    [InlineData("/api/v1/key")]
    [InlineData("/api/v1/auth/key")]
    public async Task Key_ShowsLimitAndKind(string path)
    {
        await using var own = await ConsoleHost.StartAsync();
        own.Get<KeyIndex>().TryGetByHash(KeyHash(ConsoleHost.Key), out var first);
        var made = await own.Get<KeyStore>().CreateAsync(new() { AccountId = first!.AccountId, Name = "capped", Limit = Credits.Exact(2.5m), Reset = LimitReset.Weekly });
        own.Get<KeyIndex>().TryGetByHash(made.Key.Hash, out var capped);
        await ChargeAsync(own, capped!, "gen-1762000000-bbbbbbbbbbbbbbbbbbbb", 1m);
        var data = (await own.GetAsync(path, made.Secret)).Data.AsObject();
        Assert.Equal(2.5m, (decimal)data["limit"]!);
        Assert.Equal(1.5m, (decimal)data["limit_remaining"]!);
        Assert.Equal("weekly", (string)data["limit_reset"]!);
        Assert.False((bool)data["is_provisioning_key"]!);
        Assert.Equal(-1, (int)data["rate_limit"]!["requests"]!);
        Assert.Equal(made.Key.Label, (string)data["label"]!);
        Assert.True((bool)(await own.GetAsync(path, ConsoleHost.ProvisioningKey)).Data["is_management_key"]!);
    }

    [Fact]
    public async Task Preflight_AllowsAnyOriginAndEchoesTheHeadersAsked()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/chat/completions");
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,x-title,x-anything");
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("authorization,x-title,x-anything", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.Contains("POST", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/key")]
    [InlineData("/api/v1/no-such-thing")]
    public async Task BrowserCall_IsMarkedWhateverTheAnswer(string path)
    {
        var answer = await host.GetAsync(path, edit: request => request.Headers.Add("Origin", "https://app.example"));
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        var exposed = Assert.Single(answer.Headers.GetValues("Access-Control-Expose-Headers"));
        Assert.All(["X-Generation-Id", "X-OpenRouter-Cache-Status", "X-OpenRouter-Cache-Source-Id"], name => Assert.Contains(name, exposed, StringComparison.Ordinal));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    private static async Task<Generation> ChargeAsync(ConsoleHost host, ApiKey key, string id, decimal dollars)
    {
        var ledger = host.Get<CreditLedger>();
        var hold = await ledger.TryHoldAsync(new HoldRequest { GenerationId = id, AccountId = key.AccountId, KeyId = key.Id, KeyLimit = key.SpendingLimit, Amount = Credits.Exact(dollars), Model = "acme/rocket-1" });
        Assert.True(hold.Granted);
        var generation = new Generation
        {
            Id = id, AccountId = key.AccountId, KeyId = key.Id, CreatedAtMs = 1762000000000, Model = "acme/rocket-1", ModelPermaslug = "acme/rocket-1-20251101",
            ProviderName = "Acme AI", UpstreamId = "chatcmpl-1", Origin = "https://app.example/", ExternalUser = "u1", SessionId = "s1", Cost = Credits.Exact(dollars),
            UpstreamCost = Credits.Exact(dollars), CacheDiscount = Credits.Exact(0.5m), Streamed = true, FinishReason = "stop", NativeFinishReason = "end_turn",
            LatencyMs = 120, GenerationMs = 340, TokensPrompt = 11, TokensCompletion = 21, NativeTokensPrompt = 10, NativeTokensCompletion = 20,
            NativeTokensReasoning = 5, NativeTokensCached = 3, MediaPrompt = 1, ProviderResponses = """[{"status":200,"provider_name":"Acme AI"}]""",
        };
        await ledger.SettleAsync(hold.Hold, generation);
        return generation;
    }

    private static string KeyHash(string secret) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(secret)));
}
