using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fairlead.Gateway.Tests.Golden;

/// <summary>
/// Replays the <c>.exchange</c> files beside this one (see README.md there). With <c>FAIRLEAD_UPDATE_EXPECTED=1</c> the second and fourth part of each
/// are written anew instead of compared, and the test fails, so that nobody takes it for a comparison.
/// </summary>
public sealed partial class GoldenExchangeTests(GoldenHost host) : IClassFixture<GoldenHost>
{
    // The rest (host, length, user agent) is the HTTP client's.
    private static readonly string[] ComparedHeaders = ["authorization", "x-api-key", "anthropic-version", "x-goog-api-key", "content-type", "accept"];

    // Only for what is read by people: the escapes JSON does not need make a request hard to read.
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static bool Update => Environment.GetEnvironmentVariable("FAIRLEAD_UPDATE_EXPECTED") == "1";

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.exchange").Order(StringComparer.Ordinal))
            data.Add(Path.GetFileNameWithoutExtension(file));
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task ProviderAnswers_ClientGetsTheRecordedBytes_HoweverTheyAreCut(string name)
    {
        var exchange = Exchange.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".exchange")));
        var whole = await AskAsync(exchange, cuts: []);
        var request = Plain(host.Upstream.LastRequest);
        if (Update)
        {
            var written = exchange with { UpstreamRequest = request, ClientAnswer = whole };
            await File.WriteAllTextAsync(Path.Combine(SourceFolder(), name + ".exchange"), written.ToString());
        }
        else
        {
            AssertRecorded(exchange, request, whole);
        }

        foreach (var (cut, places) in Cuts.Of(exchange.UpstreamAnswer))
        {
            var answer = await AskAsync(exchange, places);
            Assert.True(whole.Body == answer.Body, $"{name}, cut at {cut}:\n{answer.Body}\nwhole:\n{whole.Body}");
            Assert.Equal(whole, answer);
        }

        Assert.False(Update, "written; read it, commit it, and run without FAIRLEAD_UPDATE_EXPECTED");
    }

    /// <summary>The body ends cleanly inside an event behind the finish reason (providers §2.4): the answer is whole, its usage as far as it was told.</summary>
    [Theory]
    [InlineData("openai-chat-stream-text", "data: [DO", 41)]
    [InlineData("openai-chat-stream-text", "\"choices\":[],\"usage\":{\"prompt_tok", null)]
    [InlineData("anthropic-stream-text", "data: {\"type\":\"message_st", 41)]
    public async Task BodyEndsInsideItsLastEvent_TheAnswerIsWholeAndPaid(string name, string ending, int? tokens)
    {
        var exchange = Exchange.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".exchange")));
        var sent = exchange.UpstreamAnswer.Body;
        sent = sent[..(sent.LastIndexOf(ending, StringComparison.Ordinal) + ending.Length)];
        var answer = await AskAsync(exchange with { UpstreamAnswer = exchange.UpstreamAnswer with { Body = sent } }, cuts: []);

        Assert.DoesNotContain("\"error\"", answer.Body, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", answer.Body, StringComparison.Ordinal);
        var usage = JsonNode.Parse(answer.Body.Split("\n\n")[^3]["data: ".Length..].Replace("<created>", "0", StringComparison.Ordinal))!["usage"]!;
        Assert.True((decimal)usage["cost"]! > 0);
        Assert.True((int)usage["completion_tokens"]! > 3);
        Assert.Equal(tokens ?? (int)usage["total_tokens"]!, (int)usage["total_tokens"]!);
    }

    [Fact]
    public async Task BodyEndsInsideMessageStop_ACallerOfMessagesGetsTheEnd()
    {
        var answer = Exchange.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", "anthropic-stream-text.exchange"))).UpstreamAnswer;
        host.Upstream.Play(answer with { Body = answer.Body.TrimEnd()[..^5] }, cuts: []);
        using var content = new StringContent(
            """{"model":"anthropic/claude-sonnet-4.5","max_tokens":200,"stream":true,"messages":[{"role":"user","content":"Why is the sea salty?"}]}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await host.Gateway.Client.PostAsync("api/v1/messages", content);
        var got = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("event: error", got, StringComparison.Ordinal);
        Assert.Contains("\"output_tokens\":14", got, StringComparison.Ordinal);
        Assert.Contains("event: message_stop", got, StringComparison.Ordinal);
    }

    private static void AssertRecorded(Exchange exchange, string request, WireAnswer answer)
    {
        var (head, body) = Split(request);
        var (expectedHead, expectedBody) = Split(exchange.UpstreamRequest);
        Assert.Equal(expectedHead, head);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expectedBody), JsonNode.Parse(body)), "upstream request is\n" + body);
        Assert.Equal(exchange.ClientAnswer.Body, answer.Body);
        Assert.Equal(exchange.ClientAnswer, answer);
    }

    private static (string Head, string Body) Split(string request)
    {
        var end = request.IndexOf("\n\n", StringComparison.Ordinal);
        return (request[..end], request[(end + 2)..]);
    }

    private async Task<WireAnswer> AskAsync(Exchange exchange, int[] cuts)
    {
        host.Upstream.Play(exchange.UpstreamAnswer, cuts);
        using var content = new StringContent(exchange.ClientRequest, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await host.Gateway.Client.PostAsync("api/v1/chat/completions", content);
        var body = await response.Content.ReadAsStringAsync();
        body = GenerationId().Replace(body, "<generation>");
        body = Created().Replace(body, "\"created\":<created>");
        return new WireAnswer((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType!, CrLf: false, body);
    }

    // The request line, the headers that are part of a provider's contract, the body laid out for reading.
    private static string Plain(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = request[..end].Split("\r\n");
        var headers = lines.Skip(1)
            .Select(line => line.Split(": ", 2))
            .Where(header => ComparedHeaders.Contains(header[0], StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header[0].ToLowerInvariant()}: {header[1]}")
            .Order(StringComparer.Ordinal);
        return string.Join('\n', (string[])[lines[0], .. headers]) + "\n\n" + JsonNode.Parse(request[(end + 4)..])!.ToJsonString(Readable);
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [GeneratedRegex("gen-[0-9]{10}-[A-Za-z0-9]{20}")]
    private static partial Regex GenerationId();

    [GeneratedRegex("\"created\":[0-9]{10}(?=[,}])")]
    private static partial Regex Created();
}
