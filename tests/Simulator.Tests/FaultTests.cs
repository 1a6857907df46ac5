using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Simulator.Recording;

namespace Fairlead.Simulator.Tests;

public sealed class FaultTests(Upstream upstream) : IClassFixture<Upstream>
{
    /// <summary>Every dialect, with a model name that carries the faults.</summary>
    public static TheoryData<string> Dialects => [.. AllDialects];

    private static readonly string[] AllDialects = ["openai", "anthropic", "gemini", "cohere", "ollama", "responses"];

    public static TheoryData<string, int, string> Statuses()
    {
        var data = new TheoryData<string, int, string>();
        foreach (var status in (int[])[400, 401, 402, 403, 404, 413, 429, 500, 502, 503, 504, 529])
        {
            data.Add("openai", status, "error");
            data.Add("anthropic", status, "error");
            data.Add("gemini", status, "error");
            data.Add("cohere", status, "");
            data.Add("responses", status, "error");
            data.Add("ollama", status, "error");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Status_ComesWithTheProvidersErrorBody(string dialect, int status, string member)
    {
        using var response = await Send(dialect, $"sim?status={status}&retry_after=7", stream: true);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(status, (int)response.StatusCode);
        var said = member.Length > 0 ? body[member]! : body;
        Assert.False(string.IsNullOrEmpty((string?)(dialect == "ollama" ? said : said["message"])));
        Assert.Equal("7", response.Headers.GetValues("retry-after").Single());
    }

    [Fact]
    public async Task RateLimit_HasEachProvidersHints()
    {
        using var openAI = await Send("openai", "sim?status=429");
        using var anthropic = await Send("anthropic", "sim?status=429&retry_after=3");
        using var gemini = await Send("gemini", "sim?status=429&retry_after=5");

        Assert.Equal("0", openAI.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        Assert.EndsWith("Z", anthropic.Headers.GetValues("anthropic-ratelimit-requests-reset").Single(), StringComparison.Ordinal);
        Assert.Contains("\"retryDelay\":\"5s\"", await gemini.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Times_LimitsTheFaultToTheFirstRequestsOfThatName(string dialect)
    {
        var model = $"counted-{dialect}?status=503&times=2&tokens=3";
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await Send(dialect, model);
            statuses.Add((int)response.StatusCode);
            if (i == 3)
            {
                Assert.Contains("1 2 3", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        using var other = await Send(dialect, model + "&strict=0");
        Assert.Equal([503, 503, 200, 200], statuses);
        Assert.Equal(503, (int)other.StatusCode);
    }

    [Fact]
    public async Task HeaderXSim_DoesTheSameAsTheModelName()
    {
        using var response = await upstream.SendAsync(Upstream.Chat, Upstream.Ask("sim", "x").ToJsonString(), xSim: "sim?status=418");
        using var plain = await upstream.SendAsync(Upstream.Chat, Upstream.Ask("sim", "x").ToJsonString(), xSim: "status=503");

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal(503, (int)plain.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task CutAfterEvents_SendsThemAndThenResets(string dialect)
    {
        using var response = await Send(dialect, "sim?cut_after=3&tokens=20", stream: true);
        var (text, end) = await ReadToEnd(response);

        Assert.IsAssignableFrom<IOException>(end);
        Assert.Equal(3, Upstream.Parse(text).Count);
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("anthropic", true)]
    [InlineData("gemini", true)]
    [InlineData("cohere", true)]
    [InlineData("ollama", true)]
    [InlineData("responses", true)]
    [InlineData("responses", false)]
    [InlineData("openai", false)]
    [InlineData("anthropic", false)]
    [InlineData("gemini", false)]
    [InlineData("cohere", false)]
    [InlineData("ollama", false)]
    public async Task CutAfterNone_ResetsBeforeAnyByteOfTheBody(string dialect, bool stream)
    {
        using var response = await Send(dialect, "sim?cut_after=0", stream);
        var (text, end) = await ReadToEnd(response);

        Assert.IsAssignableFrom<IOException>(end);
        Assert.Equal("", text);
    }

    [Fact]
    public async Task CutOfAWholeBody_SendsHalf()
    {
        using var response = await Send("openai", "sim?cut_after=1");
        var (text, end) = await ReadToEnd(response);

        Assert.IsAssignableFrom<IOException>(end);
        Assert.StartsWith("{\"id\":", text, StringComparison.Ordinal);
        Assert.True(text.Length < response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task CutHeaders_ResetsBeforeTheStatusLine() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => Send("openai", "sim?cut_headers=1"));

    [Theory]
    [InlineData("openai", "sim?stall_after=2&tokens=9", true)]
    [InlineData("anthropic", "sim?stall_after=2&tokens=9", true)]
    [InlineData("gemini", "sim?stall_after=2&tokens=9", true)]
    [InlineData("cohere", "sim?stall_after=2&tokens=9", true)]
    [InlineData("ollama", "sim?stall_after=2&tokens=9", true)]
    [InlineData("openai", "sim?stall_after=1", false)]
    [InlineData("openai", "sim?never_close=1", true)]
    [InlineData("openai", "sim?never_close=1", false)]
    public async Task Stall_LastsUntilTheClientLeavesAndItsLeavingIsSeenAtOnce(string dialect, string model, bool stream)
    {
        model = model.Replace("sim?", $"stall-{dialect}-{stream}?", StringComparison.Ordinal);
        using (var response = await Send(dialect, model, stream))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            Assert.True(await body.ReadAsync(new byte[64]) > 0);
            Assert.False(Recorded(model).Aborted);
        }

        var left = Stopwatch.StartNew();
        await Recorded(model).WhenAborted.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(left.Elapsed < TimeSpan.FromSeconds(1), $"took {left.Elapsed}");
    }

    [Fact]
    public async Task Hang_SendsNothingUntilTheClientLeaves()
    {
        using var leave = new CancellationTokenSource();
        var call = upstream.SendAsync(Upstream.Chat, Upstream.Ask("hanging?hang=1", "x").ToJsonString(), cancellationToken: leave.Token);
        while (!upstream.Server.Requests.Any(r => r.BodyText.Contains("hanging?hang=1", StringComparison.Ordinal)))
        {
            Assert.False(call.IsCompleted);
            await Task.Yield();
        }

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Recorded("hanging?hang=1").WhenAborted.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task MalformedAfterEvents_BreaksTheJsonOfTheNext(string dialect)
    {
        using var response = await Send(dialect, "sim?malformed_after=3&tokens=9", stream: true);
        var events = Upstream.Parse(await response.Content.ReadAsStringAsync());

        Assert.All(events[..3], e => Assert.NotNull(e.Json));
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => events[3].Json);
        Assert.NotNull(events[4].Json);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task TruncatedUtf8_EndsTheBodyInsideACharacter(string dialect)
    {
        using var response = await Send(dialect, "sim?truncate_utf8_after=2&tokens=9", stream: true);
        var bytes = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal([0xE2, 0x82], bytes[^2..]);
        Assert.Equal(2, Encoding.UTF8.GetString(bytes).Split(dialect == "ollama" ? "\n" : "\n\n").Length - 1);
    }

    [Fact]
    public async Task BadUtf8_IsInsideOneEventAndTheStreamGoesOn()
    {
        using var response = await Send("openai", "sim?bad_utf8_after=1&tokens=5", stream: true);
        var bytes = await response.Content.ReadAsByteArrayAsync();

        Assert.Single(bytes, b => b == 0xFF);
        Assert.EndsWith("[DONE]\n\n", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", "server_error")]
    [InlineData("anthropic", "overloaded_error")]
    [InlineData("gemini", "UNAVAILABLE")]
    [InlineData("cohere", "internal server error")]
    [InlineData("ollama", "CUDA error")]
    [InlineData("responses", "server_error")]
    public async Task ErrorAfterEvents_EndsTheStreamWithAnErrorEvent(string dialect, string kind)
    {
        using var response = await Send(dialect, "sim?error_after=3&tokens=9", stream: true);
        var events = Upstream.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(4, events.Count);
        var last = events[3].Json;
        Assert.Contains(kind, (dialect == "cohere" ? last["delta"]! : last["response"] ?? last)["error"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    [InlineData("gemini", true)]
    [InlineData("cohere", true)]
    [InlineData("ollama", true)]
    [InlineData("responses", true)]
    [InlineData("responses", false)]
    [InlineData("gemini", false)]
    [InlineData("cohere", false)]
    [InlineData("ollama", false)]
    public async Task ErrorInside200_IsAnErrorBodyOrFirstEvent(string dialect, bool stream)
    {
        using var response = await Send(dialect, "sim?error_in_200=1", stream);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(200, (int)response.StatusCode);
        var said = stream ? Upstream.Parse(text)[0].Json : JsonNode.Parse(text)!;
        Assert.NotNull(dialect == "cohere" ? stream ? said["delta"]!["error"] : said["message"] : (said["response"] ?? said)["error"]);
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    [InlineData("gemini", true)]
    [InlineData("cohere", true)]
    [InlineData("ollama", true)]
    [InlineData("responses", true)]
    [InlineData("responses", false)]
    [InlineData("gemini", false)]
    [InlineData("cohere", false)]
    [InlineData("ollama", false)]
    public async Task NoUsage_LeavesUsageOut(string dialect, bool stream)
    {
        using var response = await Send(dialect, "sim?no_usage=1", stream);

        Assert.DoesNotContain("okenCount", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("_tokens", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", "[DONE]")]
    [InlineData("anthropic", "message_stop")]
    [InlineData("gemini", "finishReason")]
    [InlineData("cohere", "message-end")]
    [InlineData("ollama", "done_reason")]
    [InlineData("responses", "response.completed")]
    public async Task NoDone_LeavesTheEndOut(string dialect, string end)
    {
        using var whole = await Send(dialect, "sim?tokens=3", stream: true);
        using var without = await Send(dialect, "sim?no_done=1&tokens=3", stream: true);

        Assert.Contains(end, await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(end, await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("negative_usage=1", "-12")]
    [InlineData("huge_usage=1", "4000000000000000000")]
    public async Task StrangeUsage_IsReportedAsAsked(string fault, string number)
    {
        foreach (var dialect in AllDialects)
        {
            using var response = await Send(dialect, "sim?" + fault);
            Assert.Contains(number, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ContentType_IsReplacedAndHtmlIsAPage()
    {
        using var plain = await Send("openai", "sim?content_type=text/plain", stream: true);
        using var html = await Send("openai", "sim?content_type=text/html", stream: true);
        using var proxy = await Send("openai", "sim?status=502&body=html");
        using var empty = await Send("openai", "sim?status=500&body=empty");

        Assert.Equal("text/plain", plain.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("data: {", await plain.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.StartsWith("<html>", await html.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("text/html", proxy.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.BadGateway, proxy.StatusCode);
        Assert.Equal("", await empty.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task LieLength_DeclaresMoreOrLessThanIsSent()
    {
        using var more = await Send("openai", "sim?lie_length=10");
        var (text, end) = await ReadToEnd(more);
        using var less = await Send("openai", "sim?lie_length=-10");
        var cut = await less.Content.ReadAsStringAsync();

        Assert.IsAssignableFrom<IOException>(end);
        Assert.NotNull(JsonNode.Parse(text));
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => JsonNode.Parse(cut));
    }

    [Fact]
    public async Task Delays_AreAskedOfTheClock()
    {
        var slow = new Upstream();
        await slow.InitializeAsync();
        try
        {
            using var stream = await SendTo(slow, "anthropic", "sim?first_token_ms=3000&token_ms=200&tokens=4", stream: true);
            await stream.Content.ReadAsStringAsync();
            using var whole = await SendTo(slow, "openai", "sim?first_token_ms=1000&token_ms=10&tokens=5", stream: false);
            await whole.Content.ReadAsStringAsync();

            Assert.Equal([3000, 200, 200, 200, 1050], slow.Time.Waits.Select(w => (int)w.TotalMilliseconds));
        }
        finally
        {
            await slow.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("crlf=1")]
    [InlineData("no_space=1")]
    [InlineData("comments=1")]
    [InlineData("one_byte=1")]
    [InlineData("late_headers=1")]
    [InlineData("crlf=1&one_byte=1&comments=1&no_space=1")]
    public async Task Framing_ChangesNothingOfWhatIsSaid(string fault)
    {
        foreach (var dialect in AllDialects)
        {
            using var plain = await Send(dialect, "sim?tokens=4", stream: true);
            using var framed = await Send(dialect, $"sim?tokens=4&{fault}", stream: true);
            var text = await framed.Content.ReadAsStringAsync();

            Assert.Equal(Upstream.Parse(await plain.Content.ReadAsStringAsync()).Count, Upstream.Parse(text).Count);
            Assert.Equal(fault.Contains("crlf", StringComparison.Ordinal), text.Contains(dialect == "ollama" ? "\r\n" : "\r\n\r\n", StringComparison.Ordinal));
            Assert.Equal(fault.Contains("comments", StringComparison.Ordinal), dialect == "ollama" ? text[0] is '\r' or '\n' : text.StartsWith(": keep-alive", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gzip_PacksTheAnswer(bool stream)
    {
        using var response = await Send("openai", "sim?gzip=1&tokens=4", stream);
        using var unpacked = new StreamReader(new System.IO.Compression.GZipStream(
            await response.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress));
        var text = await unpacked.ReadToEndAsync();

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        Assert.Contains(stream ? "[DONE]" : "1 2 3 4", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerLength_IsExact()
    {
        foreach (var fault in (string[])["tokens=250", "echo_length=250"])
        {
            var (_, body) = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("sim?" + fault, "some words, here"));
            Assert.Equal(250, (int)body["usage"]!["completion_tokens"]!);
        }

        var (_, big) = await upstream.PostAsync(Upstream.Chat, Upstream.Ask("sim?big_event=100000", "x"));
        Assert.Equal(100_000, ((string)big["choices"]![0]!["message"]!["content"]!).Length);
    }

    [Fact]
    public async Task FilterRefusalAndEmpty_EndAsEachProviderEndsThem()
    {
        async Task<string> Text(string dialect, string fault)
        {
            using var response = await Send(dialect, "sim?" + fault);
            return await response.Content.ReadAsStringAsync();
        }

        Assert.Contains("\"finish_reason\":\"content_filter\"", await Text("openai", "filter=1"), StringComparison.Ordinal);
        Assert.Contains("\"stop_reason\":\"refusal\"", await Text("anthropic", "filter=1"), StringComparison.Ordinal);
        Assert.Contains("\"finishReason\":\"SAFETY\"", await Text("gemini", "filter=1"), StringComparison.Ordinal);
        Assert.Contains("\"refusal\":\"I'm sorry", await Text("openai", "refusal=1"), StringComparison.Ordinal);
        Assert.Contains("\"stop_details\":{\"type\":\"refusal\"", await Text("anthropic", "refusal=1"), StringComparison.Ordinal);
        Assert.Contains("\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"}", await Text("gemini", "refusal=1"), StringComparison.Ordinal);
        Assert.Contains("\"parts\":[]", await Text("gemini", "empty=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_PointsElsewhere()
    {
        using var response = await Send("openai", "sim?redirect=http%3A%2F%2F127.0.0.1%3A1%2F");

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal("http://127.0.0.1:1/", response.Headers.Location?.ToString());
    }

    private RecordedRequest Recorded(string model) =>
        upstream.Server.Requests.Last(r => r.BodyText.Contains(model, StringComparison.Ordinal) || Uri.UnescapeDataString(r.Path).Contains(model, StringComparison.Ordinal));

    private Task<HttpResponseMessage> Send(string dialect, string model, bool stream = false) => SendTo(upstream, dialect, model, stream);

    private static Task<HttpResponseMessage> SendTo(Upstream target, string dialect, string model, bool stream)
    {
        var openAI = Upstream.Ask(model, "say it", stream);
        if (stream)
        {
            openAI["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        var claude = Upstream.Ask(model, "say it", stream);
        claude["max_tokens"] = 1_000_000;
        return dialect switch
        {
            "openai" => target.SendAsync(Upstream.Chat, openAI.ToJsonString(Relaxed)),
            "ollama" => target.SendAsync(Upstream.Ollama, Upstream.Ask(model, "say it", stream).ToJsonString(Relaxed)),
            "responses" => target.SendAsync(Upstream.Responses, Upstream.AskResponses(model, "say it", stream).ToJsonString(Relaxed)),
            "cohere" => target.SendAsync(Upstream.Cohere, Upstream.Ask(model, "say it", stream).ToJsonString(Relaxed)),
            "anthropic" => target.SendAsync(Upstream.Messages, claude.ToJsonString(Relaxed)),
            _ => target.SendAsync(Upstream.Generate(model, stream), Upstream.AskGemini("say it").ToJsonString()),
        };
    }

    // So that the recording holds '&' and not its escape.
    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<(string Text, Exception? End)> ReadToEnd(HttpResponseMessage response)
    {
        using var read = new MemoryStream();
        try
        {
            await response.Content.CopyToAsync(read);
        }
        catch (HttpRequestException e)
        {
            return (Encoding.UTF8.GetString(read.ToArray()), e.InnerException);
        }

        return (Encoding.UTF8.GetString(read.ToArray()), null);
    }
}
