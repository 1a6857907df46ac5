using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Cohere;

/// <summary>What a request becomes on its way to Cohere.</summary>
public sealed class CohereRequestTests
{
    private static readonly UpstreamTarget Model = Target(UpstreamProtocol.Cohere, "command-a-03-2025");

    private static readonly UpstreamTarget Plain = Target(UpstreamProtocol.Cohere, "command-r7b", (ParameterSet)ulong.MaxValue & ~ParameterSet.Reasoning);

    private static JsonObject Written(CanonicalRequest request, UpstreamTarget? target = null, UpstreamCall call = default) =>
        CohereDialect.Instance.Written(request, target ?? Model, call);

    [Fact]
    public void Roles_AndText()
    {
        var body = Written(Request(
            Instructions("be brief"), new Message { Role = Role.Developer, Parts = [new TextPart("in French")] }, User("hi") with { Name = "Ann" }, Assistant("yes"), User("go on")));
        Same(
            """
            {"model":"command-a-03-2025","stream":false,"messages":[{"role":"system","content":"be brief"},{"role":"system","content":"in French"},
             {"role":"user","content":"Ann: hi"},{"role":"assistant","content":"yes"},{"role":"user","content":"go on"}]}
            """,
            body);
    }

    [Fact]
    public void CallsAndResults_KeepTheirIds_AndImagesOfResultsFollowAsTheUsers()
    {
        var body = Written(Request(
            User("look"),
            Assistant(null, new ToolCall("a.1", "see", ""), new ToolCall("b", "hear", """{"x":1}""")),
            new Message { Role = Role.Tool, ToolCallId = "a.1", Parts = [new TextPart("one"), new ImagePart("https://a.example/i.png", "low"), new TextPart("two")] },
            Result("b", "three"),
            User("so?")));
        Same(
            """
            [{"role":"user","content":"look"},
             {"role":"assistant","tool_calls":[{"id":"a.1","type":"function","function":{"name":"see","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"hear","arguments":"{\"x\":1}"}}]},
             {"role":"tool","tool_call_id":"a.1","content":"one\ntwo"},{"role":"tool","tool_call_id":"b","content":"three"},
             {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/i.png","detail":"low"}}]},
             {"role":"user","content":"so?"}]
            """,
            body["messages"]);
    }

    [Fact]
    public void PlansAndThoughts_GoBackAsWhatTheyWere()
    {
        var said = Assistant("t", new ToolCall("c", "f", "{}")) with
        {
            ReasoningDetails =
            [
                new() { Type = "reasoning.text", Format = "unknown", Index = 0, Text = "hm" },
                new() { Type = "reasoning.summary", Format = "unknown", Index = 1, Summary = "I will." },
                new() { Type = "reasoning.text", Format = "anthropic-claude-v1", Text = "of another family", Signature = "s" },
            ],
        };
        Same("""[{"type":"thinking","thinking":"hm"},{"type":"text","text":"t"}]""", Written(Request(User("x"), said, Result("c", "r")))["messages"]![1]!["content"]);
        var plain = Written(Request(User("x"), said, Result("c", "r")), Plain)["messages"]![1]!;
        Assert.Equal("I will.", (string?)plain["tool_plan"]);
        Assert.Equal("t", (string?)plain["content"]);
        var text = Assistant(null, new ToolCall("c", "f", "{}")) with { Reasoning = "so" };
        Assert.Equal("so", (string?)Written(Request(User("x"), text, Result("c", "r")), Plain)["messages"]![1]!["tool_plan"]);
    }

    [Fact]
    public void Sampling_IsPutInTheVendorsRanges()
    {
        var body = Written(Request(User("x")) with
        {
            Temperature = 0.5,
            TopP = 1,
            TopK = 900,
            FrequencyPenalty = -0.5,
            PresencePenalty = 1.5,
            Seed = -1,
            Stop = ["", "1", "2", "3", "4"],
            MaxTokens = 7,
        });
        Assert.Equal(0.99, (double)body["p"]!);
        Assert.Equal(500, (int)body["k"]!);
        Assert.Null(body["frequency_penalty"]);
        Assert.Equal(1, (double)body["presence_penalty"]!);
        Assert.True((long)body["seed"]! >= 0);
        Same("""["1","2","3","4"]""", body["stop_sequences"]);
        Assert.Equal(7, (int)body["max_tokens"]!);
    }

    [Fact]
    public void Unsupported_IsLeftOut()
    {
        var body = Written(Request(User("x")) with { Temperature = 1, TopP = 0.5, Stop = ["s"], Reasoning = new(null, 5, false, null, null) }, Model with { Supported = ParameterSet.None });
        Same("""{"model":"command-a-03-2025","stream":false,"messages":[{"role":"user","content":"x"}]}""", body);
    }

    [Theory]
    [InlineData(ToolChoiceKind.Required, "REQUIRED", 2)]
    [InlineData(ToolChoiceKind.None, "NONE", 2)]
    [InlineData(ToolChoiceKind.Function, "REQUIRED", 1)]
    [InlineData(ToolChoiceKind.Auto, null, 2)]
    public void ToolChoice_EveryForm(ToolChoiceKind kind, string? sent, int tools)
    {
        var request = With(new Conversation { Messages = [User("x")], Tools = [Tool("f", """{"type":"object","required":["a"],"properties":{"a":{}}}"""), Tool("g")] }) with
        {
            ToolChoice = new ToolChoice(kind, kind == ToolChoiceKind.Function ? "g" : null),
        };
        var body = Written(request);
        Assert.Equal(sent, (string?)body["tool_choice"]);
        Assert.Equal(tools, body["tools"]!.AsArray().Count);
        Same("""{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}""", body["tools"]!.AsArray()[^1]);
    }

    [Theory]
    [InlineData("""{"type":"object","required":["a"]}""", true)]
    [InlineData("""{"type":"object"}""", false)]
    public void StrictTools_OnlyWhereTheVendorTakesThem(string parameters, bool strict) => Assert.Equal(
        strict, Written(With(new Conversation { Messages = [User("x")], Tools = [Tool("f", parameters, strict: true)] }))["strict_tools"] is not null);

    [Fact]
    public void JsonSchema_IsEnforced_OrSaidInWords()
    {
        var schema = Parsed("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""");
        var enforced = Request(User("x")) with { ResponseFormat = new(ResponseFormatKind.JsonSchema, "n", null, schema, true) };
        Same("""{"type":"json_object","json_schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}""", Written(enforced)["response_format"]);

        var withTools = With(new Conversation { Messages = [User("x")], Tools = [Tool("f")] }) with { ResponseFormat = enforced.ResponseFormat };
        var body = Written(withTools);
        Assert.Null(body["response_format"]);
        Assert.Contains("\"required\":[\"a\"]", (string?)body["messages"]![0]!["content"], StringComparison.Ordinal);

        var loose = Written(enforced with { ResponseFormat = new(ResponseFormatKind.JsonObject, null, null, null, null) });
        Same("""{"type":"json_object"}""", loose["response_format"]);
        Assert.Contains("JSON", (string?)loose["messages"]![0]!["content"], StringComparison.Ordinal);
        var list = Written(enforced with { ResponseFormat = new(ResponseFormatKind.JsonSchema, "n", null, Parsed("""{"type":"array"}"""), true) });
        Assert.Null(list["response_format"]);
    }

    [Fact]
    public void Thinking_BudgetsAndSwitches()
    {
        CanonicalRequest Ask(ReasoningOptions options, int? max = null) => Request(User("x")) with { Reasoning = options, MaxTokens = max };
        Same("""{"type":"enabled","token_budget":500}""", Written(Ask(new(null, 500, false, null, null)))["thinking"]);
        Same("""{"type":"enabled","token_budget":800}""", Written(Ask(new("high", null, false, null, null), 1000))["thinking"]);
        Same("""{"type":"enabled"}""", Written(Ask(new(null, null, false, true, null)))["thinking"]);
        Same("""{"type":"disabled"}""", Written(Ask(new("none", null, false, null, null)))["thinking"]);
        Assert.Null(Written(Ask(new(null, null, true, null, null)))["thinking"]);
        var capped = Written(Ask(new("low", null, false, null, null)), Model with { MaxCompletionTokens = 4000 });
        Assert.Equal(800, (int)capped["thinking"]!["token_budget"]!);
        Assert.Equal(4000, (int)capped["max_tokens"]!);
        Assert.Equal("reasoning", CohereDialect.Instance.Refused(Ask(new(null, 500, false, null, null), 400), Model).Param);
        Assert.Equal("reasoning", CohereDialect.Instance.Refused(Ask(new("none", null, false, null, null)), Model with { ReasoningMandatory = true }).Param);
    }

    [Fact]
    public void Media_ThatTheFormatHasNot_IsRefusedWithItsPlace()
    {
        Assert.Equal("messages[0]", CohereDialect.Instance.Refused(Request(User(new AudioPart("AAAA", "wav"))), Model).Param);
        Assert.Equal(ErrorKind.InvalidImage, CohereDialect.Instance.Refused(Request(User(new ImagePart("data:image/tiff;base64,AAAA", null))), Model).Kind);
        Assert.NotEmpty(CohereDialect.Instance.Refused(Request(User(new FilePart("a.pdf", "data:application/pdf;base64,JVBERi0=", null))), Model).Message);
        var text = Written(Request(User(new FilePart("a.txt", "data:text/plain;base64,aGk=", null))));
        Assert.Equal("a.txt:\nhi", (string?)text["messages"]![0]!["content"]);
    }

    [Fact]
    public void HeldOutput_CapsAnAnswerThatIsNotStreamed()
    {
        var request = Request(User("x")) with { MaxTokens = 100 };
        Assert.Equal(40, (int)Written(request, call: new UpstreamCall { MaxTokens = 40 })["max_tokens"]!);
        var streamed = Written(request, call: new UpstreamCall { Stream = true });
        Assert.Equal(100, (int)streamed["max_tokens"]!);
        Assert.True((bool)streamed["stream"]!);
    }
}
