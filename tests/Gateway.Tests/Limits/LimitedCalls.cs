using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Keys with limits, calls with them, and what a refusal must look like wherever it comes from.</summary>
internal static class LimitedCalls
{
    /// <summary>Makes a key through the management API; <paramref name="limits"/> is JSON members such as <c>"rpm":10</c>.</summary>
    public static async Task<LimitedKey> NewKeyAsync(this GatewayHost host, string limits)
    {
        using var manager = host.NewClient(host.ProvisioningKey);
        using var made = await manager.PostAsync("api/v1/keys", Json($$"""{"name":"limited",{{limits}}}"""));
        Assert.Equal(201, (int)made.StatusCode);
        var answer = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        return new((string)answer["data"]!["hash"]!, host.NewClient((string)answer["key"]!));
    }

    /// <summary>The same key at another gateway of the database, once that knows it.</summary>
    public static async Task<HttpClient> KnownAtAsync(this LimitedKey key, GatewayHost host)
    {
        var client = host.NewClient(key.Client.DefaultRequestHeaders.Authorization!.Parameter);
        await Poll.UntilAsync(async () => (await client.GetAsync(new Uri("api/v1/key", UriKind.Relative))).IsSuccessStatusCode, "the key at the other gateway");
        return client;
    }

    public static Task<JsonNode> ChangeKeyAsync(this GatewayHost host, LimitedKey key, string limits) => PatchAsync(host, "api/v1/keys/" + key.Hash, limits);

    public static Task<JsonNode> ChangeAccountAsync(this GatewayHost host, string limits) => PatchAsync(host, "api/v1/account/settings", limits);

    public static async Task<ChatReply> ChatAsync(this HttpClient client, JsonObject? body = null)
    {
        using var response = await client.SendAsync(ChatClient.Request(body ?? ChatClient.Body()));
        var text = await response.Content.ReadAsStringAsync();
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    /// <summary>The refusal's parts agree: status, message, metadata, headers of both kinds.</summary>
    public static RefusedCall Refused(this ChatReply reply, string source)
    {
        Assert.True(reply.Status == 429, reply.Text);
        Assert.Equal("application/json", reply.ContentType);
        var error = reply.Json["error"]!;
        Assert.Equal(429, (int)error["code"]!);
        Assert.StartsWith($"Rate limit exceeded: {source}.", (string)error["message"]!, StringComparison.Ordinal);
        Assert.StartsWith("user_", (string)reply.Json["user_id"]!, StringComparison.Ordinal);
        var metadata = error["metadata"]!;
        Assert.Equal(("rate_limit_exceeded", source), ((string)metadata["error_type"]!, (string)metadata["limit_source"]!));
        Assert.True(metadata.AsObject().ContainsKey("provider_name"));
        Assert.Null(metadata["provider_name"]);
        Assert.NotEqual("", (string)metadata["remedy_hint"]!);
        Assert.Equal(["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"], metadata["headers"]!.AsObject().Select(member => member.Key));
        foreach (var (name, value) in metadata["headers"]!.AsObject())
            Assert.Equal((string)value!, Assert.Single(reply.Headers.GetValues(name)));
        return new(
            Number(reply, "X-RateLimit-Limit"), Number(reply, "X-RateLimit-Remaining"), DateTimeOffset.FromUnixTimeMilliseconds(Number(reply, "X-RateLimit-Reset")),
            reply.Headers.RetryAfter?.Delta);
    }

    public static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private static long Number(ChatReply reply, string header) => long.Parse(reply.Headers.GetValues(header).Single(), CultureInfo.InvariantCulture);

    private static async Task<JsonNode> PatchAsync(GatewayHost host, string path, string limits)
    {
        using var manager = host.NewClient(host.ProvisioningKey);
        using var changed = await manager.PatchAsync(path, Json($$"""{{{limits}}}"""));
        Assert.Equal(200, (int)changed.StatusCode);
        return (await changed.Content.ReadFromJsonAsync<JsonNode>())!["data"]!;
    }
}

/// <summary>A key of its own, and a client that uses it.</summary>
internal sealed record LimitedKey(string Hash, HttpClient Client) : IDisposable
{
    public void Dispose() => Client.Dispose();
}

/// <summary>What a refusal says.</summary>
internal sealed record RefusedCall(long Limit, long Remaining, DateTimeOffset ResetAt, TimeSpan? RetryAfter);
