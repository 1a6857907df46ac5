using System.Text;

namespace Fairlead.Load.Servers;

/// <summary>
/// An upstream that costs as little as it can: one fixed chat answer, or a fixed stream. The model name says which stream: <c>slow</c> sends ten chunks a second apart, any
/// other 100 chunks 10 ms apart, the first at once. It always reports usage, so that every server in between carries the same bytes.
/// </summary>
internal static class MockUpstream
{
    public const int Chunks = 100;
    public const int SlowChunks = 10;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(1);

    private const string Head = """{"id":"chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0","object":"chat.completion.chunk","created":1770933892,"model":"chat","service_tier":"default","system_fingerprint":"fp_de604bd877","choices":""";

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-D8Z5f52zQqikDBEKQMQoYcWMcWPeU","object":"chat.completion","created":1770933883,"model":"chat","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! I'm doing well, thank you. How can I help you today?","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":16,"total_tokens":40,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_de604bd877"}""");

    private static readonly byte[] First = Event(Head + """[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}""");

    private static readonly byte[][] Words = [.. Enumerable.Range(0, Chunks).Select(i =>
        Event(Head + $$"""[{"index":0,"delta":{"content":" word{{i}}"},"logprobs":null,"finish_reason":null}],"usage":null}"""))];

    private static readonly byte[] Last = Encoding.UTF8.GetBytes(
        "data: " + Head + """[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}""" + "\n\n"
        + "data: " + Head + """[],"usage":{"prompt_tokens":24,"completion_tokens":100,"total_tokens":124,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}""" + "\n\n"
        + "data: [DONE]\n\n");

    public static Task ServeAsync(string url)
    {
        var app = BareServer.Build(url);
        app.Run(AnswerAsync);
        return app.RunAsync();
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        if (HttpMethods.IsGet(http.Request.Method))
        {
            return;
        }

        var (stream, slow) = await ReadAsync(http);
        if (!stream)
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = Answer.Length;
            await http.Response.BodyWriter.WriteAsync(Answer, http.RequestAborted);
            return;
        }

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        using var pace = new PeriodicTimer(slow ? SlowPace : Pace);
        await http.Response.BodyWriter.WriteAsync(First, http.RequestAborted);
        for (var i = 0; i < (slow ? SlowChunks : Chunks); i++)
        {
            if (i > 0)
            {
                await pace.WaitForNextTickAsync(http.RequestAborted);
            }

            await http.Response.BodyWriter.WriteAsync(Words[i], http.RequestAborted);
        }

        await http.Response.BodyWriter.WriteAsync(Last, http.RequestAborted);
    }

    private static async Task<(bool Stream, bool Slow)> ReadAsync(HttpContext http)
    {
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                var text = Encoding.UTF8.GetString(read.Buffer);
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                var stream = text.Contains("\"stream\":true", StringComparison.Ordinal) || text.Contains("\"stream\": true", StringComparison.Ordinal);
                return (stream, text.Contains("\"slow\"", StringComparison.Ordinal));
            }

            http.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static byte[] Event(string json) => Encoding.UTF8.GetBytes($"data: {json}\n\n");
}
