using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>A search left to the endpoint, in the words of each format.</summary>
public class NativeSearchEditTests
{
    private static readonly NativeSearch Search = new("high", 3, ["example.org"], [], new UserLocation("Bern", null, "CH", "Europe/Zurich"));

    private static CanonicalRequest Read(string members) => ChatCompletionsDialect.Default.ReadRequest(Encoding.UTF8.GetBytes(
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Rain?\"}]," + members + "}")).Request!;

    [Fact]
    public void Chat_HasTheOptions_AndNoFunctionInTheirPlace()
    {
        var request = NativeSearchEdit.Apply(
            Read("""
                "tools":[{"type":"openrouter:web_search"}],"tool_choice":"auto","parallel_tool_calls":false,"web_search_options":{"search_context_size":"low","x":1}
                """),
            Search);

        Assert.Equal(
            """{"web_search_options":{"x":1,"search_context_size":"high","user_location":{"type":"approximate","approximate":{"city":"Bern","country":"CH","timezone":"Europe/Zurich"}}},"model":"m","messages":[{"role":"user","content":"Rain?"}]}""",
            Encoding.UTF8.GetString(request.Body.Span));
        Assert.Equal((null, null, 0), (request.ToolChoice, request.ParallelToolCalls, request.ServerTools.Count));
        Assert.Equal(
            """{"city":"Bern","country":"CH","timezone":"Europe/Zurich"}""",
            JsonNode.Parse(NativeSearchEdit.Apply(request, Search, isFlat: true).Body.Span)!["web_search_options"]!["user_location"]!.ToJsonString());
    }

    [Theory]
    [InlineData("openrouter:web_search", "openrouter:web_search", "openrouter_web_search")]
    [InlineData("web_search", "web_search_preview", "openrouter_web_search")]
    [InlineData("openrouter:datetime", "openrouter:datetime", "openrouter_datetime")]
    public void ToolOfTheGateway_CanBeChosenByItsType(string type, string chosen, string function)
    {
        var request = Read($$"""
            "tools":[{"type":"{{type}}"}],"tool_choice":{"type":"{{chosen}}"}
            """);
        Assert.Equal(new ToolChoice(ToolChoiceKind.Function, function), request.ToolChoice);
    }

    [Fact]
    public void SearchThatWasChosen_IsChosenOfTheEndpointToo()
    {
        var request = NativeSearchEdit.Apply(
            Read("""
                "tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search"}],"tool_choice":{"type":"web_search"}
                """),
            Search);
        Assert.Null(request.ToolChoice);
        Assert.DoesNotContain("tool_choice", Encoding.UTF8.GetString(request.Body.Span), StringComparison.Ordinal);
        Assert.Equal("""{"type":"tool","name":"web_search"}""", AnthropicMessagesDialect.Instance.Written(request, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5"))["tool_choice"]!.ToJsonString());
        Assert.Equal("""{"type":"web_search"}""", ResponsesDialect.Instance.Written(request, Target(UpstreamProtocol.OpenAIResponses, "m"))["tool_choice"]!.ToJsonString());
    }

    [Fact]
    public void OtherFormats_HaveItAmongTheirTools_BesideTheCallersFunctions()
    {
        var request = NativeSearchEdit.Apply(
            Read("""
                "tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search"}],"tool_choice":"required"
                """),
            Search);

        Assert.Equal(
            """{"type":"web_search_20250305","name":"web_search","max_uses":3,"allowed_domains":["example.org"],"user_location":{"type":"approximate","city":"Bern","country":"CH","timezone":"Europe/Zurich"}}""",
            Tools(AnthropicMessagesDialect.Instance, UpstreamProtocol.AnthropicMessages)[1]!.ToJsonString());
        Assert.Equal(
            """{"type":"web_search","search_context_size":"high","filters":{"allowed_domains":["example.org"]},"user_location":{"type":"approximate","city":"Bern","country":"CH","timezone":"Europe/Zurich"}}""",
            Tools(ResponsesDialect.Instance, UpstreamProtocol.OpenAIResponses)[1]!.ToJsonString());

        JsonArray Tools(IUpstreamDialect dialect, UpstreamProtocol protocol)
        {
            var tools = dialect.Written(request, Target(protocol, "claude-sonnet-4-5"))["tools"]!.AsArray();
            Assert.Equal((2, "f"), (tools.Count, (string?)tools[0]!["name"]));
            return tools;
        }
    }
}
