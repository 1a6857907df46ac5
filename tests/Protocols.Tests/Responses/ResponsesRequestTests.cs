using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Responses;

/// <summary>What a request becomes on its way to a Responses endpoint.</summary>
public sealed class ResponsesRequestTests
{
    private static readonly UpstreamTarget Reasoner = Target(UpstreamProtocol.OpenAIResponses, "gpt-5.4-pro") with
    {
        Provider = "openai",
        Slug = "openai/gpt-5.4-pro",
        ReasoningForm = ReasoningForm.Effort,
        ReasoningEfforts = ["medium", "high"],
    };

    private static readonly UpstreamTarget Plain = Target(UpstreamProtocol.OpenAIResponses, "m", (ParameterSet)ulong.MaxValue & ~ParameterSet.Reasoning);

    private static readonly ReasoningDetail Summary = new() { Type = "reasoning.summary", Format = "openai-responses-v1", Id = "rs_1", Index = 0, Summary = "I " };

    private static readonly ReasoningDetail Encrypted = new() { Type = "reasoning.encrypted", Format = "openai-responses-v1", Id = "rs_1", Index = 1, Data = "gAAA+/=" };

    private static JsonObject Written(CanonicalRequest request, UpstreamTarget? target = null, UpstreamCall call = default) =>
        ResponsesDialect.Instance.Written(request, target ?? Reasoner, call);

    private static CanonicalRequest Ask(ReasoningOptions options, int? max = null) => Request(User("x")) with { Reasoning = options, MaxTokens = max };

    [Fact]
    public void Roles_AndText_AndNothingIsStored()
    {
        var request = Request(
            Instructions("be brief"), new Message { Role = Role.Developer, Parts = [new TextPart("in French")] }, User("hi") with { Name = "Ann" }, Assistant("yes"),
            new Message { Role = Role.Assistant, Refusal = "no" }, User("go on"));
        Same(
            """
            {"model":"gpt-5.4-pro","stream":false,"store":false,"input":[{"role":"developer","content":"be brief"},{"role":"developer","content":"in French"},
             {"role":"user","content":"Ann: hi"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes"}]},
             {"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]},{"role":"user","content":"go on"}],"include":["reasoning.encrypted_content"]}
            """,
            Written(request));
        var elsewhere = Written(request, Plain);
        Assert.Equal(["system", "system"], elsewhere["input"]!.AsArray().Take(2).Select(m => (string)m!["role"]!));
        Assert.Null(elsewhere["include"]);
    }

    [Fact]
    public void CallsAndResults_AreItems()
    {
        var longId = new string('a', 65);
        var input = Written(Request(
            User("look"),
            Assistant("so", new ToolCall("a.1", "see", ""), new ToolCall(longId, "hear", """{"x":1}""")),
            new Message { Role = Role.Tool, ToolCallId = "a.1", Parts = [new TextPart("one"), new ImagePart("https://a.example/i.png", "low")] },
            Result(longId, "three")))["input"]!.AsArray();
        var made = (string)input[3]!["call_id"]!;
        Assert.InRange(made.Length, 10, 64);
        Same(
            $$"""
            [{"role":"user","content":"look"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"so"}]},
             {"type":"function_call","call_id":"a.1","name":"see","arguments":"{}"},{"type":"function_call","call_id":"{{made}}","name":"hear","arguments":"{\"x\":1}"},
             {"type":"function_call_output","call_id":"a.1","output":[{"type":"input_text","text":"one"},{"type":"input_image","image_url":"https://a.example/i.png","detail":"low"}]},
             {"type":"function_call_output","call_id":"{{made}}","output":"three"}]
            """,
            input);
    }

    [Fact]
    public void EncryptedReasoning_GoesBackByteForByte_BeforeWhatItLedTo()
    {
        var said = Assistant(null, new ToolCall("c", "f", "{}")) with
        {
            ReasoningDetails =
            [
                Summary, Summary with { Summary = "think" }, Encrypted,
                Summary with { Id = "rs_2", Summary = "without its whole" },
                new() { Type = "reasoning.encrypted", Format = "azure-openai-responses-v1", Id = "rs_3", Data = "of another platform" },
                new() { Type = "reasoning.text", Text = "of Anthropic", Signature = "s" },
            ],
        };
        var input = Written(Request(User("x"), said, Result("c", "r")))["input"]!.AsArray();
        Same("""{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"I think"}],"encrypted_content":"gAAA+/="}""", input[1]);
        Assert.Equal("function_call", (string?)input[2]!["type"]);
        Assert.Equal(4, input.Count);

        Assert.Equal(3, Written(Request(User("x"), said, Result("c", "r")), call: new UpstreamCall { WithoutSignatures = true })["input"]!.AsArray().Count);
        var alone = Assistant(null) with { ReasoningDetails = [Encrypted] };
        Assert.Single(Written(Request(User("x"), alone))["input"]!.AsArray());
        Assert.Equal(3, Written(Request(User("x"), said, Result("c", "r")), Reasoner with { Provider = "xai" })["input"]!.AsArray().Count);
    }

    [Fact]
    public void Media_AreInputParts()
    {
        Same(
            """
            [{"type":"input_text","text":"Ann: see"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo=","detail":"auto"},
             {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="},{"type":"input_file","file_url":"https://a.example/b.pdf"}]
            """,
            Written(Request(User(
                new TextPart("see"), new ImagePart("data:image/png;base64,iVBORw0KGgo=", null), new FilePart("a.pdf", "JVBERi0=", null),
                new FilePart(null, "https://a.example/b.pdf", null)) with
            { Name = "Ann" }))["input"]![0]!["content"]);
        Assert.Equal("messages[0]", ResponsesDialect.Instance.Refused(Request(User(new AudioPart("AAAA", "wav"))), Reasoner).Param);
        Assert.Equal("messages[1]", ResponsesDialect.Instance.Refused(Request(User("x"), User(new VideoPart("https://a.example/v.mp4"))), Reasoner).Param);
        Assert.Equal(ErrorKind.InvalidImage, ResponsesDialect.Instance.Refused(Request(User(new ImagePart("data:image/tiff;base64,AAAA", null))), Reasoner).Kind);
        Assert.NotEmpty(ResponsesDialect.Instance.Refused(Request(User(new FilePart(null, null, "file-1"))), Reasoner).Message);
    }

    [Fact]
    public void PicturesOfTheAssistant_FollowAsTheUsers()
    {
        var input = Written(Request(User("draw"), new Message { Role = Role.Assistant, Parts = [new TextPart("here"), new ImagePart("https://a.example/i.png", null)] }))["input"]!;
        Assert.Equal("here", (string?)input[1]!["content"]![0]!["text"]);
        Assert.Equal("user", (string?)input[2]!["role"]);
        Assert.Equal("https://a.example/i.png", (string?)input[2]!["content"]![0]!["image_url"]);
    }

    [Fact]
    public void Tools_AreFlat_AndSayWhetherTheyAreStrict()
    {
        var request = With(new Conversation { Messages = [User("x")], Tools = [Tool("f", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", strict: true), Tool("g")] }) with { ParallelToolCalls = false };
        var body = Written(request);
        Same(
            """
            [{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"strict":true},
             {"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":false}]
            """,
            body["tools"]);
        Assert.False((bool)body["parallel_tool_calls"]!);
        Assert.Null(body["tool_choice"]);
    }

    [Theory]
    [InlineData(ToolChoiceKind.Auto, "\"auto\"")]
    [InlineData(ToolChoiceKind.None, "\"none\"")]
    [InlineData(ToolChoiceKind.Required, "\"required\"")]
    [InlineData(ToolChoiceKind.Function, """{"type":"function","name":"g"}""")]
    public void ToolChoice_EveryForm(ToolChoiceKind kind, string sent)
    {
        var request = With(new Conversation { Messages = [User("x")], Tools = [Tool("f"), Tool("g")] }) with
        {
            ToolChoice = new ToolChoice(kind, kind == ToolChoiceKind.Function ? "g" : null),
        };
        Same(sent, Written(request)["tool_choice"]);
        if (kind == ToolChoiceKind.Function)
            Assert.Equal("auto", (string?)Written(request, Reasoner with { ToolChoiceFunction = false })["tool_choice"]);
    }

    [Fact]
    public void ResponseFormat_IsFlat_OrDegrades()
    {
        var schema = Parsed("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""");
        var request = Request(User("x")) with { ResponseFormat = new(ResponseFormatKind.JsonSchema, "n", "d", schema, true), Verbosity = "max" };
        Same("""{"verbosity":"high","format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"strict":true}}""", Written(request)["text"]);
        var loose = Written(request, Plain with { Supported = ParameterSet.ResponseFormat });
        Same("""{"format":{"type":"json_object"}}""", loose["text"]);
        Assert.Contains("JSON Schema", (string?)loose["input"]![0]!["content"], StringComparison.Ordinal);
        Assert.Null(Written(request, Plain with { Supported = ParameterSet.None })["text"]);
    }

    [Fact]
    public void StrictSchemas_AreWhatTheVendorTakes()
    {
        var openai = Plain with { Provider = "openai" };
        var compiled = Written(
            With(new Conversation { Messages = [User("x")], Tools = [Tool("f", """{"type":"object","properties":{"a":{"const":1,"default":1}},"required":["a"]}""", strict: true)] })
                with
            { ResponseFormat = new(ResponseFormatKind.JsonSchema, "n", null, Parsed("""{"type":"object","properties":{"a":{"type":"string"}}}"""), true) }, openai);
        Same("""{"type":"json_schema","name":"n","schema":{"type":"object","properties":{"a":{"type":"string"}}},"strict":false}""", compiled["text"]!["format"]);
        Same("""[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer","const":1,"description":"(default: 1)"}},"required":["a"],"additionalProperties":false},"strict":true}]""", compiled["tools"]);
    }

    [Fact]
    public void Reasoning_EffortsBudgetsAndSummaries()
    {
        Same("""{"effort":"high","summary":"auto"}""", Written(Ask(new("high", null, false, null, null)))["reasoning"]);
        Same("""{"effort":"medium","summary":"detailed"}""", Written(Ask(new("low", null, false, null, "detailed")))["reasoning"]);
        Same("""{"effort":"high"}""", Written(Ask(new(null, 900, true, null, null), 1000))["reasoning"]);
        Same("""{"effort":"none"}""", Written(Ask(new("none", null, false, null, null)))["reasoning"]);
        Same("""{"summary":"concise"}""", Written(Ask(new(null, null, false, null, "concise")))["reasoning"]);
        Assert.Null(Written(Request(User("x")))["reasoning"]);
        Same("""{"mode":"pro"}""", Written(Request(User("x")), Reasoner with { Slug = "openai/gpt-5.6-luna-pro", Model = "gpt-5.6-luna" })["reasoning"]);
        Assert.Null(Written(Ask(new(null, null, true, null, null)))["reasoning"]);
        Assert.Null(Written(Ask(new("high", null, false, null, null)), Plain)["reasoning"]);
        Assert.Equal("reasoning", ResponsesDialect.Instance.Refused(Ask(new("none", null, false, null, null)), Reasoner with { ReasoningMandatory = true }).Param);
    }

    [Fact]
    public void WhatTheFormatLacks_IsLeftOut_AndLimitsAreKept()
    {
        var request = Request(User("x")) with
        {
            Temperature = 0.5,
            TopP = 0.9,
            Seed = 1,
            FrequencyPenalty = 1,
            PresencePenalty = 1,
            Stop = ["s"],
            N = 2,
            Logprobs = true,
            MaxTokens = 3,
            User = "u",
            PromptCacheKey = "k",
            ServiceTier = "auto",
            Body = """{"truncation":"auto","store":true}"""u8.ToArray(),
        };
        var call = new UpstreamCall { Stream = true, UserHash = "hash" };
        var plain = Plain with { Passthrough = ["truncation", "store"] };
        Same(
            """{"model":"m","stream":true,"store":false,"input":[{"role":"user","content":"x"}],"max_output_tokens":16,"temperature":0.5,"top_p":0.9,"user":"hash","truncation":"auto"}""",
            Written(request, plain, call));
        var openAI = Written(request, call: call);
        Assert.Null(openAI["temperature"]);
        Assert.Null(openAI["truncation"]);
        Assert.Equal(("hash", "k", "auto"), ((string?)openAI["safety_identifier"], (string?)openAI["prompt_cache_key"], (string?)openAI["service_tier"]));
        Assert.Equal(0.5, (double)Written(request with { Reasoning = new("none", null, false, null, null) })["temperature"]!);
    }

    [Fact]
    public void HeldOutput_CapsAnAnswerThatIsNotStreamed()
    {
        var request = Request(User("x")) with { MaxTokens = 100 };
        Assert.Equal(40, (int)Written(request, call: new UpstreamCall { MaxTokens = 40 })["max_output_tokens"]!);
        Assert.Equal(100, (int)Written(request, call: new UpstreamCall { Stream = true, MaxTokens = 40 })["max_output_tokens"]!);
    }
}
