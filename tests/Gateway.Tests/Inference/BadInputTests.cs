using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Hostile and mistaken input over a socket: a clear error in the contract's shape, no crash, no upstream call, no charge.</summary>
public sealed class BadInputTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    private const string Good = """{"model":"acme/openai","messages":[{"role":"user","content":"hi"}]}""";

    public static TheoryData<string, string, int, string> Bodies() => new()
    {
        { "empty", "", 400, "" },
        { "truncated", """{"model":"acme/openai","messages":[{"role":"us""", 400, "" },
        { "not an object", "[1,2]", 400, "" },
        { "trailing garbage", Good + "x", 400, "" },
        { "wrong type", """{"model":"acme/openai","messages":[{"role":"user","content":5}]}""", 400, "messages[0].content" },
        { "wrong deep type", """{"model":"acme/openai","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":1}}]}]}""", 400, "messages[0].content[0].image_url.url" },
        { "no messages", """{"model":"acme/openai"}""", 400, "messages" },
        { "empty messages", """{"model":"acme/openai","messages":[]}""", 400, "messages" },
        { "temperature", """{"model":"acme/openai","messages":[{"role":"user","content":"hi"}],"temperature":3}""", 400, "temperature" },
        { "max_tokens", """{"model":"acme/openai","messages":[{"role":"user","content":"hi"}],"max_tokens":0}""", 400, "max_tokens" },
        { "duplicate key", """{"model":"acme/openai","model":"acme/gemini","messages":[{"role":"user","content":"hi"}]}""", 400, "model" },
        { "lone surrogate", "{\"model\":\"acme/openai\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", 400, "" },
        { "unknown model", """{"model":"acme/opena","messages":[{"role":"user","content":"hi"}]}""", 400, "acme/opena is not a valid model ID" },
        { "unknown role", """{"model":"acme/openai","messages":[{"role":"wizard","content":"hi"}]}""", 400, "messages[0].role" },
        { "orphan tool result", """{"model":"acme/openai","messages":[{"role":"tool","tool_call_id":"x","content":"hi"}]}""", 400, "messages[0]" },
        { "plugins", """{"model":"acme/openai","messages":[{"role":"user","content":"hi"}],"plugins":[{"id":"web"}]}""", 400, "Web search" },
        { "online", """{"model":"acme/openai:online","messages":[{"role":"user","content":"hi"}]}""", 400, "EXA_API_KEY" },
        { "preset", """{"model":"@preset/x","messages":[{"role":"user","content":"hi"}]}""", 404, "Preset not found" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task MistakenBody_IsRefusedInWords(string what, string body, int status, string mention)
    {
        Assert.NotEmpty(what);
        using var response = await host.Client.PostAsync("api/v1/chat/completions", Json(body));
        var error = await ErrorAsync(response, status);

        Assert.Contains(mention, error.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
        Assert.StartsWith("user_", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["user_id"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownModel_NamesTheNearest()
    {
        using var response = await host.Client.PostAsync("api/v1/chat/completions", Json(Good.Replace("acme/openai", "acme/opena", StringComparison.Ordinal)));
        var error = await ErrorAsync(response, 400);

        Assert.Contains("acme/openai", error["metadata"]!["nearest"]!.AsArray().Select(id => (string?)id));
    }

    [Fact]
    public async Task HundredThousandDeep_IsRefused()
    {
        var body = """{"model":"acme/openai","messages":[{"role":"user","content":"hi"}],"metadata":""" + new string('[', 100_000);
        using var response = await host.Client.PostAsync("api/v1/chat/completions", Json(body));
        await ErrorAsync(response, 400);
    }

    [Fact]
    public async Task BodyOverTheLimit_413_AlsoWhenItIsPacked()
    {
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Inference = new() { ["max_body_bytes"] = 2048 } }, "sim"))!.ToJsonString();
        await using var small = await GatewayHost.StartAsync(new() { Config = config });
        var big = ChatClient.Body(new string('x', 10_000)).ToJsonString();
        using var plain = await small.Client.PostAsync("api/v1/chat/completions", Json(big));
        await ErrorAsync(plain, 413);

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(big));
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var unpacked = await small.Client.PostAsync("api/v1/chat/completions", content);
        await ErrorAsync(unpacked, 413);
    }

    [Fact]
    public async Task PackedBody_IsUnderstood_AndBrokenPackingIsNot()
    {
        using var packed = new MemoryStream();
        await using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await brotli.WriteAsync(Encoding.UTF8.GetBytes(Good));
        foreach (var (bytes, encoding, status) in ((byte[], string, int)[])[(packed.ToArray(), "br", 200), (packed.ToArray(), "gzip", 400), (packed.ToArray(), "zip", 415), ("not brotli at all"u8.ToArray(), "br", 400)])
        {
            var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new("application/json");
            content.Headers.ContentEncoding.Add(encoding);
            using var response = await host.Client.PostAsync("api/v1/chat/completions", content);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task NoKey_WrongKey_WrongKind()
    {
        using var none = await host.Anonymous.PostAsync("api/v1/chat/completions", Json(Good));
        Assert.Equal("Missing Authentication header", (string?)(await ErrorAsync(none, 401))["message"]);
        using var stranger = host.NewClient(Testing.Some.Key(99));
        using var wrong = await stranger.PostAsync("api/v1/chat/completions", Json(Good));
        await ErrorAsync(wrong, 401);
        using var manager = host.NewClient(host.ProvisioningKey);
        using var kind = await manager.PostAsync("api/v1/chat/completions", Json(Good));
        await ErrorAsync(kind, 403);
    }

    [Fact]
    public async Task StalledSender_IsCutOff()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(host.BaseUrl).Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {host.Key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"model\""));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = await new StreamReader(stream).ReadToEndAsync(limit.Token);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public async Task BodyInPieces_IsReadWhole(int first)
    {
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(host.BaseUrl).Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {host.Key}\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + $"Content-Length: {Good.Length}\r\n\r\n{Good[..first]}"));
        // So that the pieces arrive apart; the answer is the same where they do not.
        await Task.Delay(20);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Good[first..]));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = await new StreamReader(stream).ReadToEndAsync(limit.Token);

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lie_length=10")]
    [InlineData("lie_length=-10")]
    public async Task UpstreamLiesAboutItsLength_TheNextAnswers(string fault)
    {
        await using var lied = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?" + fault, "sim") });
        var reply = await lied.ChatAsync();

        Assert.Equal(200, reply.Status);
        Assert.Equal("P2", (string?)reply.Json["provider"]);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<JsonNode> ErrorAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.Contains("X-Generation-Id"));
        var error = JsonNode.Parse(text)!["error"]!;
        Assert.Equal(status, (int)error["code"]!);
        Assert.NotEmpty((string)error["message"]!);
        return error;
    }
}
