using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>File parts of messages: found wherever they stand, replaced without touching anything else.</summary>
public sealed class ChatFilesTests
{
    private const string Message = """{"role":"user", "content":[ {"type":"text","text":"a"} , {"file":{"file_data":"https:\/\/example.org\/a.pdf","filename":"a\u00e9.pdf"},"type":"file","cache_control":{"type":"ephemeral"}}, {"type":"file","file":{"file_id":"f1"},"x":1} ],"x_mine":[1, 2]}""";

    [Fact]
    public void Find_SaysWhereTheyStand_AndWhatTheyHold()
    {
        var files = ChatFiles.Find(Bytes("""{"role":"system","content":"file"}""", Message));

        Assert.Equal(
            [new ChatFile(1, 1, new FilePart("aé.pdf", "https://example.org/a.pdf", null)), new ChatFile(1, 2, new FilePart(null, null, "f1"))], files);
    }

    [Fact]
    public void Replace_KeepsEveryOtherByte_AndTheCacheBreakpointAtTheEnd()
    {
        var replaced = ChatFiles.Replace(
            Bytes(Message)[0], new Dictionary<int, IReadOnlyList<Part>> { [1] = [new TextPart("x \"y\""), new ImagePart("data:image/png;base64,AA==", null)] });

        Assert.Equal(
            """{"role":"user", "content":[ {"type":"text","text":"a"} , {"type":"text","text":"x \"y\""},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="},"cache_control":{"type":"ephemeral"}}, {"type":"file","file":{"file_id":"f1"},"x":1} ],"x_mine":[1, 2]}""",
            Encoding.UTF8.GetString(replaced.Span));
    }

    [Fact]
    public void Replace_WithNothingToReplace_IsTheSame() =>
        Assert.Equal(Message, Encoding.UTF8.GetString(ChatFiles.Replace(Bytes(Message)[0], new Dictionary<int, IReadOnlyList<Part>>()).Span));

    [Theory]
    [InlineData("""{"type":"file","file":{"hash":"h","name":"n","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"data:,x"}},{"type":"other"},7]}}""", 1)]
    [InlineData("""{"type":"file","file":{"hash":"h","content":[]}}""", 0)]
    [InlineData("""{"type":"file","file":{"name":"n","content":[{"type":"text","text":"t"}]}}""", 0)]
    [InlineData("""{"type":"file","file":7}""", 0)]
    [InlineData("""{"type":"url_citation","url_citation":{"url":"u"}}""", 0)]
    [InlineData("null", 0)]
    public void Annotated_TakesWhatHasHashAndContent_AndPassesOverTheRest(string annotation, int count)
    {
        var files = ChatFiles.Annotated(Bytes($$"""{"role":"assistant","content":null,"annotations":[{{annotation}}]}"""));

        Assert.Equal(count, files.Count);
        if (count == 1)
            Assert.Equal([new TextPart("t"), new ImagePart("data:,x", null)], ChatFiles.PartsOf(Encoding.UTF8.GetBytes(files[0].Content)));
    }

    private static List<ReadOnlyMemory<byte>> Bytes(params string[] messages) => [.. messages.Select(static message => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(message))];
}
