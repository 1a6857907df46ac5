using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class ConversationTests
{
    [Fact]
    public void EveryPartKind_IsRead()
    {
        var parts = Chat.Read("""
            {"messages":[{"role":"user","content":[
              {"type":"text","text":"t","cache_control":{"type":"ephemeral"}},
              {"type":"image_url","image_url":{"url":"https://x/i","detail":"low"},"cache_control":{"type":"ephemeral","ttl":"1h"}},
              {"type":"file","file":{"filename":"f","file_data":"ZGF0YQ==","file_id":"id"}},
              {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},
              {"type":"input_video","video_url":{"url":"https://x/v"}}]}]}
            """).Request!.Conversation.Messages[0].Parts;

        Assert.Equal(
            [
                new TextPart("t") { Cache = new CacheMark(null) },
                new ImagePart("https://x/i", "low") { Cache = new CacheMark("1h") },
                new FilePart("f", "ZGF0YQ==", "id"),
                new AudioPart("AAAA", "wav"),
                new VideoPart("https://x/v"),
            ],
            parts);
    }

    [Fact]
    public void AssistantHistory_KeepsCallsAndReasoningByteForByte()
    {
        const string Arguments = """{\"a\" : 1,\n\"b\":\"\\u00e9\"}""";
        var message = Chat.Read($$$"""
            {"messages":[{"role":"assistant","name":"bot","content":null,"refusal":"no","reasoning":"plain",
              "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{{{Arguments}}}"}}],
              "reasoning_details":[
                {"type":"reasoning.text","text":"think","signature":"Sig+/==","format":"anthropic-claude-v1","index":0},
                {"type":"reasoning.encrypted","data":"enc","id":"rs_1","index":1.0},
                {"type":"reasoning.summary","summary":"sum"}]}]}
            """).Request!.Conversation.Messages[0];

        Assert.Equal((Role.Assistant, "bot", "no", "plain"), (message.Role, message.Name, message.Refusal, message.Reasoning));
        Assert.Empty(message.Parts);
        Assert.Equal([new ToolCall("c1", "f", "{\"a\" : 1,\n\"b\":\"\\u00e9\"}")], message.ToolCalls);
        Assert.Equal(
            [
                new ReasoningDetail { Type = "reasoning.text", Text = "think", Signature = "Sig+/==", Format = "anthropic-claude-v1", Index = 0 },
                new ReasoningDetail { Type = "reasoning.encrypted", Data = "enc", Id = "rs_1", Index = 1 },
                new ReasoningDetail { Type = "reasoning.summary", Summary = "sum" },
            ],
            message.ReasoningDetails);
    }

    [Fact]
    public void ImagesOfAnAnswer_AreReadBehindItsText_AndCounted()
    {
        var request = Chat.Read("""
            {"messages":[{"role":"user","content":"draw","images":[{"image_url":{"url":"https://x/not-an-answer"}}]},
              {"role":"assistant","content":"Here","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"},"index":0},{"image_url":{"url":"https://x/i"}}]},
              {"role":"user","content":"bluer"}]}
            """).Request!;
        Assert.Equal(2, request.Content.Images);
        Assert.Equal([new TextPart("draw")], request.Conversation.Messages[0].Parts);
        Assert.Equal([new TextPart("Here"), new ImagePart("data:image/png;base64,AAAA", null), new ImagePart("https://x/i", null)], request.Conversation.Messages[1].Parts);
    }

    [Theory]
    [InlineData("{}", "messages[0].images")]
    [InlineData("[1]", "messages[0].images[0]")]
    [InlineData("[{}]", "messages[0].images[0].image_url")]
    [InlineData("""[{"image_url":"data:image/png;base64,AAAA"}]""", "messages[0].images[0].image_url")]
    [InlineData("""[{"image_url":{"url":"AAAA"}}]""", "messages[0].images[0].image_url.url")]
    public void ImagesThatAreNone_AreRefusedByPath(string images, string path) =>
        Assert.Equal(path, Chat.Read($$"""{"messages":[{"role":"assistant","content":"Here","images":{{images}}}]}""").Error!.Param);

    [Fact]
    public void Tools_KeepTheirSchemas()
    {
        var tools = Chat.Good("""
            "tools":[{"type":"function","cache_control":{"type":"ephemeral"},"function":{"name":"f","description":"d","strict":false,
            "parameters":{"type":"object","properties":{"x":{"anyOf":[{"type":"string"},{"type":"null"}]}},"$defs":{}}}},
            {"type":"function","function":{"name":"bare"}}]
            """).Conversation.Tools;

        Assert.Equal(("f", "d", false, new CacheMark(null)), (tools[0].Name, tools[0].Description, tools[0].Strict, tools[0].Cache));
        Assert.Equal("""{"type":"object","properties":{"x":{"anyOf":[{"type":"string"},{"type":"null"}]}},"$defs":{}}""", tools[0].Parameters!.Value.GetRawText());
        Assert.Equal(("bare", null, null), (tools[1].Name, tools[1].Parameters, tools[1].Strict));
    }

    [Fact]
    public void RolesAndOrder_StayAsSent()
    {
        var messages = Chat.Read("""
            {"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"system","content":"s"},{"role":"developer","content":"d"},
              {"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}]}
            """).Request!.Conversation.Messages;

        Assert.Equal([Role.User, Role.User, Role.System, Role.Developer, Role.Assistant, Role.Tool], messages.Select(m => m.Role));
        Assert.Equal("c", messages[5].ToolCallId);
    }
}
