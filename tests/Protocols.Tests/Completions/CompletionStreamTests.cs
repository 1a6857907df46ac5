using System.Buffers;
using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.Tests.ChatClient;

namespace Fairlead.Protocols.Tests.Completions;

public sealed class CompletionStreamTests
{
    private static readonly AnswerIdentity Identity = new("gen-1770770839-abcdefghijklmnopqrst", "author/model", "Some", 1_770_770_839);

    private static readonly string[] Texts = ["a", " Francisco", "\"q\"", "\\", "\n\n", "é☂", "😀", "\ud83d", "\"}}]}\n\ndata: {\"choices\":[", "</script>", "\u0001", ""];

    private static readonly UpstreamTarget Target = new()
    {
        Protocol = UpstreamProtocol.AnthropicMessages, Provider = "some", Model = "m", Slug = "a/m", Supported = ParameterSet.None,
    };

    [Fact]
    public void EveryEvent_IsItsChatChunksInThisForm_WhateverCameBefore()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            IReadOnlyList<AnswerEvent>[] script = [.. Enumerable.Range(0, 30).Select(_ => Events(random))];
            var upstream = new ScriptedUpstream(script);
            var chat = ChatCompletionsDialect.Default.CreateStreamTranslator(upstream, Target, Identity);
            var completions = new CompletionsDialect(3).CreateStreamTranslator(upstream, Target, Identity);
            for (var i = 0; i < script.Length; i++)
            {
                var (chunks, expected, written) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
                var step = chat.Translate(default, default, chunks);
                CompletionForm.WriteEvents(chunks.WrittenSpan, expected);
                Assert.Equal(step, completions.Translate(default, default, written));
                Assert.Equal(Encoding.UTF8.GetString(expected.WrittenSpan), Encoding.UTF8.GetString(written.WrittenSpan));
            }

            Assert.Equal(chat.Meter.Count(), completions.Meter.Count());
            completions.Release();
        }
    }

    [Fact]
    public void TextThatIsKept_IsTheAnswers()
    {
        var completions = new CompletionsDialect(3).CreateStreamTranslator(new ScriptedUpstream([new TextDelta("{\"a\":")], [new TextDelta("1}")]), Target, Identity);
        completions.KeepsText = true;
        completions.Translate(default, default, new ArrayBufferWriter<byte>());
        completions.Translate(default, default, new ArrayBufferWriter<byte>());

        Assert.Equal("{\"a\":1}", completions.ReadText());
    }

    private static AnswerEvent[] Events(Random random) => random.Next(12) switch
    {
        0 => [],
        1 => [new RefusalDelta(Text(random))],
        2 => [new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Index = 0, Text = Text(random) })],
        3 => [new TextDelta(Text(random)), new TextDelta(Text(random))],
        4 => [new UrlCitation("u", Text(random), null, 0, 1), new TextDelta(Text(random))],
        _ => [new TextDelta(Text(random))],
    };

    private static string Text(Random random) => Texts[random.Next(Texts.Length)];
}
