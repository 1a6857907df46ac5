using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Framing;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;
using Fairlead.Protocols.Tests.ChatClient;

namespace Fairlead.Protocols.Tests.Recordings;

/// <summary>Plays the bytes of a recorded stream, cut at given places, through frame reader, upstream dialect and chat client dialect.</summary>
internal static class StreamReplay
{
    /// <summary>What the client receives. <paramref name="cuts"/> are offsets into <paramref name="bytes"/>, ascending; null cuts after every byte.</summary>
    public static string Play(RecordedUpstream upstream, byte[] bytes, IEnumerable<int>? cuts) =>
        Play(ChatCompletionsDialect.Default.CreateStreamTranslator(upstream.Dialect, upstream.Target, Chat.Identity), Frames(upstream), bytes, cuts);

    /// <summary>The same through canonical events, whether or not the dialects of the two sides are the same.</summary>
    public static string PlayThroughEvents(RecordedUpstream upstream, byte[] bytes) =>
        Play(new CanonicalStreamTranslator(upstream.Dialect.CreateEventReader(upstream.Target), new ChunkWriter(Chat.Identity), Chat.Identity), Frames(upstream), bytes, []);

    /// <summary>What a client of another dialect receives; <paramref name="forwarded"/>: the upstream was sent that client's own bytes.</summary>
    public static string PlayTo(IClientDialect client, RecordedUpstream upstream, byte[] bytes, bool forwarded = false) =>
        Play(client.CreateStreamTranslator(upstream.Dialect, upstream.Target, Chat.Identity with { Forwarded = forwarded }), Frames(upstream), bytes, []);

    private static FrameReader Frames(RecordedUpstream upstream) => upstream.Dialect.CreateFrameReader(FrameReader.DefaultMaxEventBytes);

    private static string Play(StreamTranslator translator, FrameReader frames, byte[] bytes, IEnumerable<int>? cuts)
    {
        var output = new ArrayBufferWriter<byte>();
        var start = 0;
        var step = StreamStep.Continue;
        foreach (var cut in (cuts ?? Enumerable.Range(1, bytes.Length)).Append(bytes.Length))
        {
            if (cut <= start || cut > bytes.Length || step != StreamStep.Continue)
                continue;
            bytes.AsSpan(start, cut - start).CopyTo(frames.GetMemory(cut - start).Span);
            frames.Advance(cut - start);
            start = cut;
            step = Translate(frames, translator, output);
        }

        frames.Complete();
        if (step == StreamStep.Continue)
            step = Translate(frames, translator, output);
        Assert.NotEqual(StreamStep.Unreadable, step);
        End(translator, output);
        frames.Release();
        translator.Release();
        return Chat.Text(output);
    }

    private static StreamStep Translate(FrameReader frames, StreamTranslator translator, ArrayBufferWriter<byte> output)
    {
        while (frames.TryRead(out var frame))
        {
            var step = translator.Translate(frame.Name, frame.Data, output);
            if (step != StreamStep.Continue || translator.Failure is not null)
                return step;
        }

        Assert.False(frames.Broken);
        return StreamStep.Continue;
    }

    /// <summary>As the relay ends a stream: an error chunk after a failure, else the closing pieces and the usage the provider reported.</summary>
    private static void End(StreamTranslator translator, ArrayBufferWriter<byte> output)
    {
        if (translator.Failure is { } failure)
        {
            translator.WriteFailure(new GatewayError { Kind = failure.Kind, Message = failure.Message }, output);
            return;
        }

        Assert.True(translator.Complete(output), "The recorded stream has a finish, but was not seen as whole.");
        Assert.NotNull(translator.Usage);
        translator.WriteEnd(new AnswerCharge { Usage = translator.Usage.Value, Cost = 0 }, output);
    }
}
