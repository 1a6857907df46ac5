using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.Tests.ChatClient;

namespace Fairlead.Protocols.Tests.Recordings;

/// <summary>Recorded replies of live providers give a chat client the text, calls, reasoning, signatures, finish and usage that are checked in.</summary>
public sealed class RecordingTests
{
    private const int SeededPlaces = 64;
    private const int Seeds = 4;

    public static TheoryData<string> Wholes => new(Recording.All(RecordingKind.Whole));

    public static TheoryData<string> Streams => new(Recording.All(RecordingKind.Stream));

    /// <summary>Those that are framed as text.</summary>
    public static TheoryData<string> TextStreams =>
        new(Recording.All(RecordingKind.Stream).Where(path => RecordedUpstream.Of(Recording.Open(path).Provider).Dialect.StreamMediaType == "text/event-stream"));

    public static TheoryData<string> Failures => new(Recording.All(RecordingKind.Failure));

    [Theory]
    [MemberData(nameof(Wholes))]
    public void WholeReply_GivesTheExpectedAnswer(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        var reading = upstream.Dialect.ReadAnswer(recording.Bytes, upstream.Target);
        Assert.Null(reading.Failure);
        Assert.NotNull(reading.Usage);

        var output = new ArrayBufferWriter<byte>();
        ChatCompletionsDialect.Default.WriteAnswer(
            reading, recording.Bytes, Chat.Identity, new AnswerCharge { Usage = reading.Usage.Value, Cost = 0 }, output);
        recording.AssertExpected(ClientView.OfWhole(output.WrittenSpan).ToJson(Encoding.UTF8.GetString(recording.Bytes)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Stream_GivesTheExpectedAnswer(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        var text = Encoding.UTF8.GetString(recording.Bytes);
        var views = recording.Replies.ConvertAll(r => ClientView.OfStream(StreamReplay.Play(upstream, Concat(upstream.Frame(r, "\n")), [])).ToJson(text));
        recording.AssertExpected(views.Count == 1 ? views[0] : new JsonArray([.. views]));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void StreamCutAnywhere_GivesTheSameBytes(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        foreach (var (reply, lineEnd) in recording.Replies.SelectMany(r => new[] { (r, "\n"), (r, "\r\n") }))
        {
            var events = upstream.Frame(reply, lineEnd);
            var bytes = Concat(events);
            var uncut = Masked(StreamReplay.Play(upstream, bytes, []));
            Assert.Equal(uncut, Masked(StreamReplay.Play(upstream, bytes, null)));
            for (var shift = -2; shift <= 2; shift++)
                Assert.Equal(uncut, Masked(StreamReplay.Play(upstream, bytes, Boundaries(events).Select(b => b + shift))));
            for (var seed = 0; seed < Seeds; seed++)
            {
                var random = new Random(seed);
                var places = Enumerable.Range(0, SeededPlaces).Select(_ => random.Next(1, bytes.Length)).Order();
                Assert.Equal(uncut, Masked(StreamReplay.Play(upstream, bytes, places)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TextStreams))]
    public void StreamWithCommentsAndWithoutItsLastTerminator_GivesTheSameBytes(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        foreach (var reply in recording.Replies)
        {
            var events = upstream.Frame(reply, "\n");
            var uncut = Masked(StreamReplay.Play(upstream, Concat(events), []));

            var noisy = events.SelectMany(e => new[] { upstream.Comment, e }).ToList();
            Assert.Equal(uncut, Masked(StreamReplay.Play(upstream, Concat(noisy), [])));
            if (upstream.Dialect.Protocol == UpstreamProtocol.OpenAIChat)
                events.RemoveAt(events.Count - 1);
            Assert.Equal(uncut, Masked(StreamReplay.Play(upstream, Concat(events).AsSpan().TrimEnd((byte)'\n').ToArray(), [])));
        }
    }

    /// <summary>Editing a stream in place and rewriting it from canonical events are two ways to the same answer.</summary>
    [Theory]
    [MemberData(nameof(Streams))]
    public void StreamThroughCanonicalEvents_GivesTheSameAnswer(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        var text = Encoding.UTF8.GetString(recording.Bytes);
        foreach (var bytes in recording.Replies.Select(r => Concat(upstream.Frame(r, "\n"))))
        {
            var edited = ClientView.OfStream(StreamReplay.Play(upstream, bytes, [])).ToJson(text);
            var rewritten = ClientView.OfStream(StreamReplay.PlayThroughEvents(upstream, bytes)).ToJson(text);
            Assert.True(JsonNode.DeepEquals(edited, rewritten), $"{edited.ToJsonString()}\n{rewritten.ToJsonString()}");
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_IsClassified(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        var status = recording.Name.Contains("429", StringComparison.Ordinal) ? 429 : 400;
        var failure = upstream.Dialect.ReadFailure(status, static _ => null, recording.Bytes);
        recording.AssertExpected(new JsonObject
        {
            ["error_type"] = ErrorKinds.WireName(failure.Kind),
            ["retry"] = failure.Retry.ToString(),
            ["provider_code"] = failure.ProviderCode,
            ["message"] = failure.Message,
            ["retry_after_seconds"] = failure.RetryAfter?.TotalSeconds,
        });
    }

    /// <summary>Made ids may differ from run to run where the reply has no id to draw them from.</summary>
    private static string Masked(string stream) => System.Text.RegularExpressions.Regex.Replace(stream, "call_[0-9A-Za-z]{24}(?=\")", "call_");

    private static byte[] Concat(List<byte[]> events) => [.. events.SelectMany(e => e)];

    private static IEnumerable<int> Boundaries(List<byte[]> events)
    {
        var at = 0;
        foreach (var e in events)
            yield return at += e.Length;
    }
}
