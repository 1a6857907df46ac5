using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tests.ChatClient;
using ChatCase = Fairlead.Protocols.Tests.ChatClient.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

/// <summary>A streamed message whose events were of another format: its blocks come one after the other, whatever order the events had (inference §12.3).</summary>
public sealed class MessagesStreamTests
{
    private static readonly AnswerEvent CallA = new ToolCallStarted(0, "a", "f");
    private static readonly AnswerEvent CallB = new ToolCallStarted(1, "b", "g");

    [Fact]
    public void CallsInTurns_AreWholeOneAfterTheOther() => Assert.Equal(
        ["tool a:{\"x\":|1}", "tool b:{\"y\":|2}"],
        Blocks(CallA, Piece(0, "{\"x\":"), CallB, Piece(1, "{\"y\":"), Piece(0, "1}"), Piece(1, "2}")));

    [Fact]
    public void CallThatIsWhole_DoesNotHoldWhatFollows()
    {
        var translator = Translator([CallA, Piece(0, "{\"x\":\"}\\\"\"}"), new TextDelta("t")], []);
        Assert.Equal(["tool a:{\"x\":\"}\\\"\"}", "text:t"], Blocks(Feed(translator)));
    }

    [Fact]
    public void CallThatBecomesWhole_LetsGoWhatWaited_UpToTheNextOpenCall()
    {
        var translator = Translator([CallA, new TextDelta("t"), CallB, Piece(1, "{\"y\":"), new TextDelta("u"), Piece(0, "{}")], []);
        Assert.Equal(["tool a:{}", "text:t", "tool b:{\"y\":"], Blocks(Feed(translator)));
    }

    [Fact]
    public void TextAndReasoningWithinACall_ComeAfterIt() => Assert.Equal(
        ["tool a:{\"x\":|1}", "text:t|u", "thinking:r"],
        Blocks(
            CallA, Piece(0, "{\"x\":"), new TextDelta("t"), new TextDelta("u"), new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Text = "r", Index = 0 }), Piece(0, "1}")));

    [Fact]
    public void CallsWithoutArguments_AreBlocksAtTheEnd() => Assert.Equal(["tool a:", "tool b:{}", "text:t"], Blocks(CallA, CallB, Piece(1, "{}"), new TextDelta("t")));

    [Fact]
    public void RefusalWithinACall_ComesAfterIt() => Assert.Equal(["tool a:{|}", "text:no"], Blocks(CallA, Piece(0, "{"), new RefusalDelta("no"), Piece(0, "}")));

    [Fact]
    public void MoreThanIsHeld_IsAFailure()
    {
        var translator = Translator([CallA, CallB, .. Enumerable.Repeat(Piece(1, new string('x', 64 * 1024)), 17)], [Piece(0, "{}")]);
        Feed(translator);
        Assert.NotNull(translator.Failure);
    }

    private static ToolCallArguments Piece(int index, string text) => new(index, text);

    private static StreamTranslator Translator(params IReadOnlyList<AnswerEvent>[] script) =>
        new MessagesDialect(3).CreateStreamTranslator(new ScriptedUpstream(script), ChatCase.Target, ChatCase.Identity);

    /// <summary>What the first events become.</summary>
    private static string Feed(StreamTranslator translator)
    {
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Whole(params AnswerEvent[] events)
    {
        var translator = Translator([.. events, new AnswerFinished(FinishReason.Stop, null)]);
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        Assert.True(translator.Complete(output));
        translator.WriteEnd(ChatCase.Charge, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static List<string> Blocks(params AnswerEvent[] events)
    {
        var text = Whole(events);
        Assert.Equal(text.Split("content_block_start\n").Length, text.Split("content_block_stop\n").Length);
        return Blocks(text);
    }

    /// <summary>Each block, its pieces apart. Fails where a block is not the only one that is open.</summary>
    private static List<string> Blocks(string text)
    {
        var blocks = new List<string>();
        int? open = null;
        var pieces = 0;
        foreach (var data in text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!))
        {
            switch ((string?)data["type"])
            {
                case "content_block_start":
                    Assert.Null(open);
                    pieces = 0;
                    open = (int)data["index"]!;
                    Assert.Equal(blocks.Count, open);
                    var block = data["content_block"]!;
                    blocks.Add((string?)block["type"] == "tool_use" ? string.Create(CultureInfo.InvariantCulture, $"tool {block["id"]}:") : $"{block["type"]}:");
                    break;
                case "content_block_delta":
                    Assert.Equal(open, (int)data["index"]!);
                    var delta = data["delta"]!;
                    var piece = (string?)(delta["text"] ?? delta["partial_json"] ?? delta["thinking"]);
                    blocks[^1] += (pieces++ == 0 ? "" : "|") + piece;
                    break;
                case "content_block_stop":
                    Assert.Equal(open, (int)data["index"]!);
                    open = null;
                    break;
            }
        }

        return blocks;
    }
}
