using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Responses.Client;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicCacheTests
{
    private static readonly CacheMark Mark = new((string?)null);

    private static JsonObject Write(Conversation conversation, CacheMark? automatic = null) => AnthropicMessagesDialect.Instance.Written(
        With(conversation) with { Cache = automatic }, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5"));

    private static TextPart Marked(string text, string? ttl = null) => new(text) { Cache = new CacheMark(ttl) };

    /// <summary>Every marked text or tool, in prompt order, with its lifetime.</summary>
    private static List<string> Marks(JsonNode? node)
    {
        var found = new List<string>();
        Walk(node);
        return found;

        void Walk(JsonNode? at)
        {
            if (at is JsonArray items)
            {
                foreach (var item in items)
                    Walk(item);
            }
            else if (at is JsonObject members)
            {
                foreach (var (name, value) in members)
                {
                    if (name == "cache_control")
                        found.Add($"{(string?)(members["text"] ?? members["name"] ?? members["tool_use_id"] ?? members["model"])}:{(string?)value!["ttl"]}");
                    else
                        Walk(value);
                }
            }
        }
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x","prompt_cache_breakpoint":{"mode":"explicit"}},{"type":"text","text":"y"}]}]}""", true)]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"x","prompt_cache_breakpoint":{"mode":"explicit"}},{"type":"input_text","text":"y"}]}]}""", false)]
    public void MarksInTheFormOfOpenAI_AreTheVendorsOwn(string body, bool isChat)
    {
        IClientDialect client = isChat ? ChatCompletionsDialect.Default : new ResponsesClientDialect(mostModels: 3);
        var (request, error) = client.ReadRequest(Encoding.UTF8.GetBytes(body));
        Assert.Null(error);
        Same(
            """[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},{"type":"text","text":"y"}]""",
            AnthropicMessagesDialect.Instance.Written(request!, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5"))["messages"]![0]!["content"]);
    }

    [Fact]
    public void Marks_TravelOnPartsMessagesToolsAndResults()
    {
        var body = Write(new Conversation
        {
            Messages =
            [
                Instructions("s") with { Parts = [Marked("s", "1h")] }, User(Marked("u"), new TextPart("v")), Assistant("a", new ToolCall("c", "f", "{}")) with { Cache = Mark },
                Result("c", "r") with { Parts = [Marked("r", "5m")] },
            ],
            Tools = [Tool("f")],
        });
        Same("""[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}]""", body["system"]);
        Same("""[{"type":"text","text":"u","cache_control":{"type":"ephemeral"}},{"type":"text","text":"v"}]""", body["messages"]![0]!["content"]);
        Same("""{"type":"ephemeral"}""", body["messages"]![1]!["content"]![1]!["cache_control"]);
        Same("""[{"type":"tool_result","tool_use_id":"c","content":"r","cache_control":{"type":"ephemeral","ttl":"5m"}}]""", body["messages"]![2]!["content"]);
    }

    [Fact]
    public void MoreThanFour_KeepTheFirstOnSystemAndTheLastThree()
    {
        var body = Write(new Conversation
        {
            Messages = [Instructions("s1") with { Parts = [Marked("s1"), Marked("s2")] }, User(Marked("u1")), Assistant("a"), User(Marked("u2")), Assistant("b"), User(Marked("u3"), Marked("u4"))],
            Tools = [Tool("f") with { Cache = Mark }],
        });
        Assert.Equal(["s1:", "u2:", "u3:", "u4:"], Marks(body));
    }

    [Fact]
    public void TheAutomaticMark_TakesOneOfTheFour()
    {
        var body = Write(new Conversation { Messages = [Instructions("s") with { Parts = [Marked("s")] }, User(Marked("u1"), Marked("u2"), Marked("u3"))] }, Mark);
        Same("""{"type":"ephemeral"}""", body["cache_control"]);
        Assert.Equal(["claude-sonnet-4-5:", "s:", "u2:", "u3:"], Marks(body));
    }

    [Fact]
    public void AnHour_MayNotFollowFiveMinutes()
    {
        var body = Write(new Conversation { Messages = [Instructions("s") with { Parts = [Marked("s", "1h")] }, User(Marked("u1", "5m"), Marked("u2", "1h"))] });
        Assert.Equal(["s:1h", "u1:5m", "u2:5m"], Marks(body));
    }
}
