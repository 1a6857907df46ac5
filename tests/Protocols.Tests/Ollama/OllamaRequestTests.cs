using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Ollama;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Ollama;

/// <summary>What a request becomes on its way to Ollama.</summary>
public sealed class OllamaRequestTests
{
    private const string Png = "iVBORw0KGgo=";

    private static readonly UpstreamTarget Model = Target(UpstreamProtocol.Ollama, "qwen3:8b") with { ContextLength = 8192 };

    private static JsonObject Written(CanonicalRequest request, UpstreamTarget? target = null, UpstreamCall call = default) =>
        OllamaDialect.Instance.Written(request, target ?? Model, call);

    [Fact]
    public void WindowAndStream_AreAlwaysSaid()
    {
        Same(
            """{"model":"qwen3:8b","stream":false,"messages":[{"role":"user","content":"hi"}],"truncate":false,"shift":false,"options":{"num_ctx":8192}}""",
            Written(Request(User("hi"))));
        Assert.True((bool)Written(Request(User("hi")), call: new UpstreamCall { Stream = true })["stream"]!);
        Assert.Null(Written(Request(User("hi")), Model with { ContextLength = null })["options"]!["num_ctx"]);
    }

    [Fact]
    public void PromptBeyondTheWindow_IsRefused_NotCut()
    {
        var facts = new ContentFacts(1, 0, 0, 0, 0, 0, 0, PromptTokens: 8193);
        var error = OllamaDialect.Instance.Refused(Request(User("long")) with { Content = facts }, Model);
        Assert.Equal((ErrorKind.ContextLengthExceeded, 400), (error.Kind, error.Status));
        Written(Request(User("long")) with { Content = facts with { PromptTokens = 8192 } });
    }

    [Fact]
    public void CallsAreObjects_AndResultsNameTheirFunction()
    {
        var body = Written(Request(
            Instructions("s"),
            new Message { Role = Role.Developer, Parts = [new TextPart("d")] },
            User(new TextPart("a"), new TextPart("b")) with { Name = "Ann" },
            Assistant(null, new ToolCall("1", "f", """{"x": 1}"""), new ToolCall("2", "g", "broken")),
            Result("2", "two"),
            Result("1", "one")));
        Same(
            """
            [{"role":"system","content":"s"},{"role":"system","content":"d"},{"role":"user","content":"Ann: a\nb"},
             {"role":"assistant","content":"","tool_calls":[{"id":"1","function":{"name":"f","arguments":{"x":1}}},{"id":"2","function":{"name":"g","arguments":{"raw_arguments":"broken"}}}]},
             {"role":"tool","content":"two","tool_name":"g","tool_call_id":"2"},{"role":"tool","content":"one","tool_name":"f","tool_call_id":"1"}]
            """,
            body["messages"]);
    }

    [Fact]
    public void Tools_AreWhatTheServersTypesHold()
    {
        var body = Written(With(new Conversation
        {
            Messages = [User("x")],
            Tools = [Tool("f", """{"type":"object","properties":{"any":true,"at":{"$ref":"#/$defs/At"},"k":{"const":"x"},"n":{"type":"integer","minimum":1}},"required":["at"],"additionalProperties":false,"$defs":{"At":{"type":"string","format":"date"}}}""")],
        }));
        Same(
            """{"type":"object","properties":{"any":{},"at":{"type":"string","format":"date"},"k":{"type":"string","enum":["x"]},"n":{"type":"integer","minimum":1}},"required":["at"],"additionalProperties":false}""",
            body["tools"]![0]!["function"]!["parameters"]);
    }

    [Fact]
    public void Images_AreBareBase64_AddressesAreForTheFetcher()
    {
        var body = Written(Request(User(new TextPart("look"), new ImagePart("data:image/png;base64," + Png, "high"))));
        Same($$"""{"role":"user","content":"look","images":["{{Png}}"]}""", body["messages"]![0]);
        var byAddress = new ImagePart("https://a.example/i.png", null);
        Assert.True(OllamaDialect.Instance.RequiresInlineMedia(Model, byAddress));
        Assert.Equal(ErrorKind.ImageDownloadFailed, OllamaDialect.Instance.Refused(Request(User(byAddress)), Model).Kind);
        Assert.Equal(ErrorKind.InvalidImage, OllamaDialect.Instance.Refused(Request(User(new ImagePart("data:image/gif;base64,R0lGOD==", null))), Model).Kind);
        Assert.Equal("messages[0]", OllamaDialect.Instance.Refused(Request(User(new AudioPart("AAAA", "wav"))), Model).Param);
    }

    [Fact]
    public void Sampling_GoesIntoTheOptions()
    {
        var options = Written(Request(User("x")) with
        {
            Temperature = 1,
            TopP = 0.5,
            TopK = 3,
            MinP = 0.1,
            RepetitionPenalty = 1.1,
            PresencePenalty = -1,
            FrequencyPenalty = 1,
            Seed = -1,
            Stop = ["a", ""],
            MaxTokens = 9,
        })["options"];
        Same(
            """{"num_ctx":8192,"num_predict":9,"temperature":1,"top_p":0.5,"top_k":3,"min_p":0.1,"repeat_penalty":1.1,"presence_penalty":-1,"frequency_penalty":1,"seed":2147483647,"stop":["a"]}""",
            options);
        Same("""{"num_ctx":8192}""", Written(Request(User("x")) with { Temperature = 1, Seed = 2, Stop = ["a"] }, Model with { Supported = ParameterSet.None })["options"]);
    }

    [Fact]
    public void Thinking_IsASwitchOrALevel()
    {
        JsonNode? Think(ReasoningOptions? options, params string[] efforts) => Written(Request(User("x")) with { Reasoning = options }, Model with { ReasoningEfforts = efforts })["think"];
        Assert.Null(Think(null));
        Assert.True((bool)Think(new("high", null, false, null, null))!);
        Assert.True((bool)Think(new(null, 500, false, null, null))!);
        Assert.False((bool)Think(new("none", null, false, null, null))!);
        Assert.Equal("low", (string?)Think(new("minimal", null, false, null, null), "low", "medium", "high"));
        Assert.Equal("max", (string?)Think(new("xhigh", null, false, null, null), "low", "xhigh"));
        Assert.Equal("reasoning", OllamaDialect.Instance.Refused(Request(User("x")) with { Reasoning = new("none", null, false, null, null) }, Model with { ReasoningMandatory = true }).Param);

        var said = Assistant("t") with { ReasoningDetails = [new() { Type = "reasoning.text", Format = "unknown", Text = "hm" }, new() { Type = "reasoning.text", Text = "foreign", Signature = "s" }] };
        Assert.Equal("hm", (string?)Written(Request(User("x"), said, User("y")))["messages"]![1]!["thinking"]);
        Assert.Null(Written(Request(User("x"), said, User("y")), Model with { Supported = ParameterSet.None })["messages"]![1]!["thinking"]);
    }

    [Fact]
    public void Format_IsTheSchema_OrWordsBesideTools()
    {
        var schema = new ResponseFormat(ResponseFormatKind.JsonSchema, "n", null, Parsed("""{"type":"array"}"""), true);
        Same("""{"type":"array"}""", Written(Request(User("x")) with { ResponseFormat = schema })["format"]);
        Assert.Equal("json", (string?)Written(Request(User("x")) with { ResponseFormat = new(ResponseFormatKind.JsonObject, null, null, null, null) })["format"]);
        var withTools = Written(With(new Conversation { Messages = [User("x")], Tools = [Tool("f")] }) with { ResponseFormat = schema });
        Assert.Null(withTools["format"]);
        Assert.Contains("array", (string?)withTools["messages"]![0]!["content"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ToolChoiceKind.Auto, 2)]
    [InlineData(ToolChoiceKind.Required, 2)]
    [InlineData(ToolChoiceKind.Function, 1)]
    [InlineData(ToolChoiceKind.None, 0)]
    public void ToolChoice_IsMadeByWhatIsOffered(ToolChoiceKind kind, int offered)
    {
        var body = Written(With(new Conversation { Messages = [User("x")], Tools = [Tool("f"), Tool("g", """{"type":"object"}""")] }) with
        {
            ToolChoice = new ToolChoice(kind, kind == ToolChoiceKind.Function ? "g" : null),
        });
        Assert.Equal(offered, body["tools"]?.AsArray().Count ?? 0);
        Assert.Null(body["tool_choice"]);
    }

    [Fact]
    public void KeepAlive_PassesWhereTheEndpointSaysSo()
    {
        var request = Request(User("x")) with { Body = """{"keep_alive":"10m","other":1}"""u8.ToArray() };
        Assert.Null(Written(request)["keep_alive"]);
        var body = Written(request, Model with { Passthrough = ["keep_alive"] });
        Assert.Equal("10m", (string?)body["keep_alive"]);
        Assert.Null(body["other"]);
    }
}
