using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.Presets;

namespace Fairlead.Protocols.Tests.Presets;

/// <summary>What a request and a preset come to together (routing §3).</summary>
public sealed class PresetMergeTests
{
    private const string Messages = """ "messages":[{"role":"user","content":"Hi"}] """;

    [Theory]
    [InlineData("""{"temperature":0.1}""", """{"temperature":0.9,"top_p":0.5}""", """{"temperature":0.1,"top_p":0.5}""")]
    [InlineData("""{"temperature":null}""", """{"temperature":0.9}""", """{"temperature":null}""")]
    [InlineData("""{"provider":{"sort":"price"}}""", """{"provider":{"only":["a"]}}""", """{"provider":{"sort":"price"}}""")]
    [InlineData("""{"max_tokens":10}""", """{"max_completion_tokens":500}""", """{"max_tokens":10}""")]
    [InlineData("""{"reasoning_effort":"low"}""", """{"reasoning":{"max_tokens":9}}""", """{"reasoning_effort":"low"}""")]
    [InlineData("""{"preset":"p"}""", """{"cache_enabled":true,"cache_ttl_seconds":9,"seed":1}""", """{"seed":1}""")]
    [InlineData("""{"x_unknown":[1]}""", """{}""", """{"x_unknown":[1]}""")]
    [InlineData("""{"model":"@preset/p"}""", """{"model":"a/b","models":["c/d"]}""", """{"model":"a/b","models":["c/d"]}""")]
    [InlineData("""{"models":["x/y"]}""", """{"model":"a/b","models":["c/d"]}""", """{"models":["x/y"],"model":"a/b"}""")]
    public void ShallowMerge_TheRequestWins(string request, string preset, string expected) => Same(expected, Merge(request, preset));

    [Fact]
    public void OwnModel_TakesThePlaceOfEveryModelOfThePreset() =>
        Same("""{"model":"x/y"}""", Merge("""{"model":"x/y@preset/p"}""", """{"model":"a/b","models":["c/d"]}""", model: "x/y"));

    [Theory]
    [InlineData("tools", """{"type":"function","function":{"name":"a","description":"theirs"}},{"type":"function","function":{"name":"c"}}""")]
    [InlineData("functions", """{"name":"a","description":"theirs"},{"name":"c"}""")]
    public void Tools_AreAUnion_InThePresetsOrder_EachAsTheRequestHasIt(string member, string theirs)
    {
        const string Ours = """[{"type":"function","function":{"name":"b"}},{"type":"function","function":{"name":"a","description":"ours"}}]""";
        Same(
            """{"tools":[{"type":"function","function":{"name":"b"}},{"type":"function","function":{"name":"a","description":"theirs"}},{"type":"function","function":{"name":"c"}}]}""",
            Merge($$"""{"{{member}}":[{{theirs}}]}""", $$"""{"tools":{{Ours}}}"""));
        Same($$"""{"tools":{{Ours}}}""", Merge("""{"tools":null}""", $$"""{"tools":{{Ours}}}"""));
        Same($$"""{"tools":{{Ours}}}""", Merge("{}", $$"""{"tools":{{Ours}}}"""));
    }

    [Fact]
    public void ServerTools_AreKnownByTypeAndName_OrByTypeAlone() => Same(
        """{"tools":[{"type":"web","parameters":{"max":9}},{"type":"advisor","parameters":{"name":"x"}},{"type":"advisor","parameters":{"name":"y"}}]}""",
        Merge(
            """{"tools":[{"type":"advisor","parameters":{"name":"y"}},{"type":"web","parameters":{"max":9}}]}""",
            """{"tools":[{"type":"web","parameters":{"max":1}},{"type":"advisor","parameters":{"name":"x"}}]}"""));

    [Fact]
    public void ToolsOfTheGateway_AreMergedAsTheCallerWroteThem()
    {
        var (request, error) = ChatCompletionsDialect.Default.ReadRequest(Encoding.UTF8.GetBytes(
            $$$"""{"tools":[{"type":"web_search","parameters":{"max_results":3}},{"type":"openrouter:datetime"}],{{{Messages}}}}"""));
        Assert.Null(error);
        var merged = Parse(PresetMerge.Merge(request!, """{"tools":[{"type":"openrouter:web_search"},{"type":"openrouter:web_fetch"}]}"""u8, null, null));
        merged.Remove("messages");
        Same("""{"tools":[{"type":"web_search","parameters":{"max_results":3}},{"type":"openrouter:web_fetch"},{"type":"openrouter:datetime"}]}""", merged);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"system","content":"Theirs"},{"role":"user","content":"Hi"}]}""",
        """{"messages":[{"role":"system","content":"Be \"brief\"\né"},{"role":"system","content":"Theirs"},{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"messages":null,"prompt":"Hi"}""", """{"messages":[{"role":"system","content":"Be \"brief\"\né"},{"role":"user","content":"Hi"}]}""")]
    public void SystemPrompt_IsTheFirstMessage(string request, string expected) =>
        Same(expected, Parse(PresetMerge.Merge(Encoding.UTF8.GetBytes(request), "{}"u8, "Be \"brief\"\né", null)));

    private static JsonObject Merge(string request, string preset, string? model = null)
    {
        var body = request == "{}" ? $"{{{Messages}}}" : $"{request[..^1]},{Messages}}}";
        var merged = Parse(PresetMerge.Merge(Encoding.UTF8.GetBytes(body), Encoding.UTF8.GetBytes(preset), null, model));
        Assert.Equal("Hi", (string?)merged["messages"]![0]!["content"]);
        merged.Remove("messages");
        return merged;
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> json) => JsonNode.Parse(json.Span)!.AsObject();

    private static void Same(string expected, JsonObject actual) => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual.ToJsonString());
}
