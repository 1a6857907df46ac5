using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicRequestTests
{
    private const string Sonnet45 = "claude-sonnet-4-5-20250929";
    private const string Png = "data:image/png;base64,iVBORw0KGgoAAAA=";

    private static UpstreamTarget Claude(string model) => Target(UpstreamProtocol.AnthropicMessages, model);

    private static JsonObject Write(CanonicalRequest request, string model = Sonnet45, UpstreamCall call = default) =>
        AnthropicMessagesDialect.Instance.Written(request, Claude(model), call);

    [Fact]
    public void PlainRequest_HasModelDefaultMaxTokensSystemAndTurns() => Same(
        """{"model":"claude-sonnet-4-5-20250929","max_tokens":64000,"stream":true,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}]}""",
        Write(Request(Instructions("Be brief."), User("Hi")), call: new UpstreamCall { Stream = true }));

    [Theory]
    [InlineData(null, null, false, 64000)]
    [InlineData(100, null, false, 100)]
    [InlineData(null, 8192, false, 8192)]
    [InlineData(100, 8192, false, 100)]
    [InlineData(null, 8192, true, 64000)] // streams grow their hold instead
    public void MaxTokens_IsTheCallersElseTheModelsMaximum_CappedByTheHoldWhenNotStreamed(int? asked, int? held, bool stream, int sent) =>
        Assert.Equal(sent, (int?)Write(Request(User("Hi")) with { MaxTokens = asked }, call: new UpstreamCall { Stream = stream, MaxTokens = held })["max_tokens"]);

    [Fact]
    public void History_IsMergedGroupedAndStartsWithTheUser() => Same(
        """
        [{"role":"user","content":"(conversation continues)"},
         {"role":"assistant","content":[{"type":"text","text":"Looking."},{"type":"tool_use","id":"a","name":"f","input":{"x":1}},{"type":"tool_use","id":"b","name":"g","input":{}}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},{"type":"tool_result","tool_use_id":"b","content":"2"},{"type":"text","text":"and?"},{"type":"text","text":"Be quick."}]}]
        """,
        Write(With(new Conversation
        {
            Messages = [Assistant("Looking.", new ToolCall("a", "f", "{\"x\":1}"), new ToolCall("b", "g", "")), Result("a", "1"), User("and?"), Result("b", "2"), User(" "), Instructions("Be quick.")],
            Tools = [Tool("f"), Tool("g")],
        }))["messages"]);

    [Fact]
    public void ForeignCallIds_AreMappedAlikeInCallsAndResults_AndReusedIdsStayApart()
    {
        var messages = Write(Request(User("q"), Assistant(null, new ToolCall("call:1", "f", "{}")), Result("call:1", "1"),
            Assistant(null, new ToolCall("0", "f", "{}")), Result("0", "2"), Assistant(null, new ToolCall("0", "f", "not json")), Result("0", "3")))["messages"]!.AsArray();
        string Call(int turn) => (string)messages[turn]!["content"]![0]!["id"]!;
        string Answer(int turn) => (string)messages[turn]!["content"]![0]!["tool_use_id"]!;
        Assert.Matches("^toolu_[0-9a-f]{24}$", Call(1));
        Assert.Equal(Call(1), Answer(2));
        Assert.Equal("0", Call(3));
        Assert.NotEqual("0", Call(5));
        Assert.Equal(Call(5), Answer(6));
        Same("""{"raw_arguments":"not json"}""", messages[5]!["content"]![0]!["input"]);
    }

    [Fact]
    public void CallsInHistoryWithoutTools_GetStandInsThatCannotBeCalled()
    {
        var body = Write(Request(User("q"), Assistant(null, new ToolCall("a", "f", "{}")), Result("a", "1")));
        Same("""[{"name":"f","input_schema":{"type":"object","properties":{}}}]""", body["tools"]);
        Same("""{"type":"none"}""", body["tool_choice"]);
    }

    [Fact]
    public void CallWithoutAResult_IsRefusedHere()
    {
        var error = AnthropicMessagesDialect.Instance.Refused(Request(User("q"), Assistant(null, new ToolCall("a", "f", "{}")), User("well?")), Claude(Sonnet45));
        Assert.Equal(ErrorKind.InvalidRequest, error.Kind);
        Assert.Contains("tool message", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_GoAsAddressOrBase64_WithTheTypeTheirBytesShow() => Same(
        """
        [{"type":"text","text":"What?"},{"type":"image","source":{"type":"url","url":"https://a.example/x.png"}},
         {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAAA="}},
         {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAAA="}}]
        """,
        Write(Request(User(new TextPart("What?"), new ImagePart("https://a.example/x.png", null), new ImagePart(Png, "high"),
            new ImagePart(Png.Replace("image/png", "image/jpeg", StringComparison.Ordinal), null))))["messages"]![0]!["content"]);

    [Fact]
    public void Files_GoAsDocuments() => Same(
        """
        [{"type":"document","source":{"type":"url","url":"https://a.example/x.pdf"},"title":"x.pdf"},
         {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjQK"},"title":"y.pdf"},
         {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjQK"}},
         {"type":"document","source":{"type":"text","media_type":"text/plain","data":"hello"}}]
        """,
        Write(Request(User(new FilePart("x.pdf", "https://a.example/x.pdf", null), new FilePart("y.pdf", "data:application/pdf;base64,JVBERi0xLjQK", null),
            new FilePart(null, "JVBERi0xLjQK", null), new FilePart(null, "data:text/plain;base64,aGVsbG8=", null))))["messages"]![0]!["content"]);

    [Fact]
    public void WhatCannotBeSent_IsNamed()
    {
        var dialect = AnthropicMessagesDialect.Instance;
        Assert.Equal(ErrorKind.InvalidImage, dialect.Refused(Request(User(new ImagePart("data:image/tiff;base64,AAAA", null))), Claude(Sonnet45)).Kind);
        var audio = dialect.Refused(Request(User("x"), Assistant("y"), User(new AudioPart("AAAA", "wav"))), Claude(Sonnet45));
        Assert.Equal("messages[2]", audio.Param);
        Assert.Contains("audio", audio.Message, StringComparison.Ordinal);
        Assert.Contains("file_id", dialect.Refused(Request(User(new FilePart(null, null, "file-1"))), Claude(Sonnet45)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prefill_LosesTrailingWhiteSpace() => Same(
        """[{"role":"user","content":"Count"},{"role":"assistant","content":"One,"}]""",
        Write(Request(User("Count"), Assistant("One, \n")))["messages"]);

    [Fact]
    public void Names_ArePutBeforeTheText() => Same(
        """[{"role":"user","content":"Ann: Hi"}]""", Write(Request(User("Hi") with { Name = "Ann" }))["messages"]);

    [Theory]
    [InlineData(ToolChoiceKind.Auto, null, """{"type":"auto"}""")]
    [InlineData(ToolChoiceKind.None, false, """{"type":"none"}""")]
    [InlineData(ToolChoiceKind.Required, null, """{"type":"any"}""")]
    [InlineData(ToolChoiceKind.Function, false, """{"type":"tool","name":"f","disable_parallel_tool_use":true}""")]
    public void ToolChoice_IsMapped(ToolChoiceKind kind, bool? parallel, string expected) => Same(expected, Write(
        With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with { ToolChoice = new ToolChoice(kind, "f"), ParallelToolCalls = parallel })["tool_choice"]);

    [Fact]
    public void ParallelCallsOff_WithoutAChoice_IsAuto() => Same("""{"type":"auto","disable_parallel_tool_use":true}""", Write(
        With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with { ParallelToolCalls = false })["tool_choice"]);

    [Fact]
    public void ToolSchemas_AreObjectsWithoutUnionsAtTheRoot()
    {
        var tools = Write(With(new Conversation
        {
            Messages = [User("q")],
            Tools =
            [
                Tool("plain", """{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}"""),
                Tool("untyped", """{"properties":{"n":{}}}"""),
                Tool("union", """{"anyOf":[{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]},{"$ref":"#/$defs/X"}],"$defs":{"X":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}"""),
            ],
        }))["tools"]!;
        Same("""{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}""", tools[0]!["input_schema"]);
        Same("""{"type":"object","properties":{"n":{}}}""", tools[1]!["input_schema"]);
        Same("""{"type":"object","$defs":{"X":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}},"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]}""", tools[2]!["input_schema"]);
    }

    [Theory]
    [InlineData("claude-3-haiku-20240307", """{"temperature":1,"top_p":0.9,"top_k":5}""")]
    [InlineData(Sonnet45, """{"temperature":1,"top_k":5}""")]
    [InlineData("claude-opus-4-8", "{}")]
    [InlineData("claude-opus-5", "{}")]
    public void Sampling_FollowsTheGeneration(string model, string expected)
    {
        var body = Write(Request(User("q")) with { Temperature = 1.5, TopP = 0.9, TopK = 5, Seed = 7, FrequencyPenalty = 1, Stop = [] }, model);
        Same(expected, new JsonObject(body.Where(m => m.Key is "temperature" or "top_p" or "top_k" or "seed" or "frequency_penalty").Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))));
    }

    [Fact]
    public void UnsupportedParametersOfTheEndpoint_AreDropped() => Assert.Null(AnthropicMessagesDialect.Instance.Written(
        Request(User("q")) with { Temperature = 0.5 }, Target(UpstreamProtocol.AnthropicMessages, Sonnet45, ParameterSet.MaxTokens))["temperature"]);

    [Fact]
    public void Stop_LosesWhiteSpaceEntries() => Same("""["END"]""", Write(Request(User("q")) with { Stop = ["\n", "END", " "] })["stop_sequences"]);

    [Fact]
    public void UserAndTier_AreSentAsTheVendorNamesThem()
    {
        var body = Write(Request(User("q")) with { ServiceTier = "default" }, call: new UpstreamCall { UserHash = "abc" });
        Same("""{"user_id":"abc"}""", body["metadata"]);
        Assert.Equal("standard_only", (string?)body["service_tier"]);
    }

    [Fact]
    public void ReasoningBlocks_GoBackFirst_InOrder_ForeignAndUnsignedOnesDoNot() => Same(
        """
        [{"type":"thinking","thinking":"AB","signature":"s+/=="},{"type":"thinking","thinking":"","signature":"empty"},{"type":"redacted_thinking","data":"D="},
         {"type":"text","text":"Hi"}]
        """,
        Write(Request(User("q"), Assistant("Hi") with
        {
            Reasoning = "ignored",
            ReasoningDetails =
            [
                new() { Type = "reasoning.text", Format = "anthropic-claude-v1", Index = 0, Text = "A" },
                new() { Type = "reasoning.text", Format = "anthropic-claude-v1", Index = 0, Text = "B" },
                new() { Type = "reasoning.text", Format = "anthropic-claude-v1", Index = 0, Signature = "s+/==" },
                new() { Type = "reasoning.text", Index = 1, Text = "", Signature = "empty" },
                new() { Type = "reasoning.encrypted", Index = 2, Data = "D=" },
                new() { Type = "reasoning.encrypted", Format = "google-gemini-v1", Data = "G=" },
                new() { Type = "reasoning.text", Format = "unknown", Text = "secret", Signature = "x" },
                new() { Type = "reasoning.text", Format = "anthropic-claude-v1", Index = 5, Text = "unsigned" },
            ],
        }, User("more")))["messages"]![1]!["content"]);

    [Fact]
    public void Headers_CarryKeyVersionAndBetas()
    {
        var target = Claude(Sonnet45);
        Assert.Equal([new("anthropic-version", "2023-06-01"), new("x-api-key", "sk-ant-api03-x"), new("anthropic-beta", "a,b")],
            AnthropicMessagesDialect.Instance.HeadersFor(target, new UpstreamCall { AnthropicBetas = ["a", "b"] }, "sk-ant-api03-x"));
        Assert.Contains(new("Authorization", "Bearer sk-ant-oat01-x"), AnthropicMessagesDialect.Instance.HeadersFor(target, default, "sk-ant-oat01-x"));
    }

    [Fact]
    public void FastServing_IsAskedForWhereItIsSold()
    {
        var target = Claude("claude-opus-4-7") with { Slug = "anthropic/claude-opus-4.7-fast" };
        Assert.Equal("fast", (string?)AnthropicMessagesDialect.Instance.Written(Request(User("q")), target)["speed"]);
        Assert.Contains(new("anthropic-beta", "fast-mode-2026-02-01"), AnthropicMessagesDialect.Instance.HeadersFor(target, default, "k"));
        Assert.Null(Write(Request(User("q")))["speed"]);
    }
}
