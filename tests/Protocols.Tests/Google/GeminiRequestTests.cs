using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Google;

public class GeminiRequestTests
{
    private const string Flash25 = "gemini-2.5-flash";
    private const string Pro3 = "gemini-3-pro-preview";

    private static UpstreamTarget Gemini(string model) => Target(UpstreamProtocol.Gemini, model);

    private static JsonObject Write(CanonicalRequest request, string model = Flash25, UpstreamCall call = default) =>
        GeminiDialect.Instance.Written(request, Gemini(model), call);

    private static ReasoningDetail Signature(string data, string? id = null, string format = "google-gemini-v1") =>
        new() { Type = "reasoning.encrypted", Format = format, Id = id, Data = data };

    [Fact]
    public void PlainRequest_HasSystemContentsAndConfig() => Same(
        """
        {"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]}],
         "generationConfig":{"maxOutputTokens":50,"temperature":1.5,"topP":0.9,"topK":5,"seed":7,"stopSequences":["END"],"thinkingConfig":{"includeThoughts":true}}}
        """,
        Write(Request(Instructions("Be brief."), User("Hi")) with { MaxTokens = 50, Temperature = 1.5, TopP = 0.9, TopK = 5, Seed = 7, Stop = ["END"], PresencePenalty = 1, MinP = 0.1 }));

    [Fact]
    public void ThePath_CarriesModelAndMethod()
    {
        Assert.Equal("/models/gemini-2.5-flash:generateContent", GeminiDialect.Instance.PathFor(Gemini(Flash25), false));
        Assert.Equal("/models/gemini-2.5-flash:streamGenerateContent?alt=sse", GeminiDialect.Instance.PathFor(Gemini(Flash25), true));
        Assert.Equal([new("x-goog-api-key", "k")], GeminiDialect.Instance.HeadersFor(Gemini(Flash25), default, "k"));
    }

    [Fact]
    public void Calls_AreAnsweredInOneContent_InTheirOrder_WithTheirNames() => Same(
        """
        [{"role":"user","parts":[{"text":"(conversation continues)"}]},
         {"role":"model","parts":[{"text":"Looking."},{"functionCall":{"name":"f","args":{"x":1}}},{"functionCall":{"name":"g","args":{}}}]},
         {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"result":"1"}}},{"functionResponse":{"name":"g","response":{"result":"2"}}}]},
         {"role":"user","parts":[{"text":"wait"},{"text":"and?"}]}]
        """,
        Write(Request(Assistant("Looking.", new ToolCall("call:a", "f", "{\"x\":1}"), new ToolCall("b", "g", "")), Result("b", "2"), User("wait"), Result("call:a", "1"), User("and?")))["contents"]);

    [Fact]
    public void CallWithoutAResult_IsRefusedHere() => Assert.Contains("tool message",
        GeminiDialect.Instance.Refused(Request(User("q"), Assistant(null, new ToolCall("a", "f", "{}")), Assistant("done")), Gemini(Flash25)).Message, StringComparison.Ordinal);

    [Fact]
    public void Signatures_GoBackBesideTheirCall_OrOnTheLastText()
    {
        var contents = Write(Request(User("q"),
            Assistant("Look", new ToolCall("a", "f", "{}"), new ToolCall("b", "g", "{}")) with { ReasoningDetails = [Signature("foreign", "a", "anthropic-claude-v1"), Signature("S+/=", "a")] },
            Result("a", "1"), Result("b", "2"),
            Assistant("Done") with { ReasoningDetails = [new() { Type = "reasoning.text", Format = "google-gemini-v1", Text = "thought" }, Signature("T=")] }, User("thanks")), Pro3)["contents"]!;
        Same("""[{"text":"Look"},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"S+/="},{"functionCall":{"name":"g","args":{}}}]""", contents[1]!["parts"]);
        Same("""[{"text":"Done","thoughtSignature":"T="}]""", contents[3]!["parts"]);
    }

    [Fact]
    public void RefusedSignatures_AreReplacedByTheSentinelTheSecondTime()
    {
        var history = Request(User("q"), Assistant(null, new ToolCall("a", "f", "{}")) with { ReasoningDetails = [Signature("S", "a")] }, Result("a", "1"));
        Assert.Equal("skip_thought_signature_validator", (string?)Write(history, Pro3, new UpstreamCall { WithoutSignatures = true })["contents"]![1]!["parts"]![0]!["thoughtSignature"]);
        Assert.True(GeminiDialect.Instance.ReadFailure(400, _ => null,
            """{"error":{"code":400,"message":"Function call is missing a thought_signature in functionCall parts.","status":"INVALID_ARGUMENT"}}"""u8).BadSignatures);
    }

    [Theory]
    [InlineData(Pro3, true)]
    [InlineData(Flash25, false)]
    public void HistoryOfAnotherModel_GetsTheSentinelOnTheFirstCallOfAStep(string model, bool sentinel)
    {
        var parts = Write(Request(User("q"), Assistant(null, new ToolCall("a", "f", "{}"), new ToolCall("b", "g", "{}")), Result("a", "1"), Result("b", "2")), model)["contents"]![1]!["parts"]!;
        Assert.Equal(sentinel ? "skip_thought_signature_validator" : null, (string?)parts[0]!["thoughtSignature"]);
        Assert.Null(parts[1]!["thoughtSignature"]);
    }

    [Fact]
    public void Media_GoInlineOrAsFiles() => Same(
        """
        [{"text":"?"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAA="}},{"fileData":{"mimeType":"image/webp","fileUri":"https://a.example/x.webp?s=1"}},
         {"inlineData":{"mimeType":"audio/mp3","data":"AAAA"}},{"fileData":{"fileUri":"https://www.youtube.com/watch?v=1"}},{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0xLjQK"}}]
        """,
        Write(Request(User(new TextPart("?"), new ImagePart("data:image/png;base64,iVBORw0KGgoAAAA=", null), new ImagePart("https://a.example/x.webp?s=1", null), new AudioPart("AAAA", "mp3"),
            new VideoPart("https://www.youtube.com/watch?v=1"), new FilePart("x.pdf", "JVBERi0xLjQK", null))), Pro3)["contents"]![0]!["parts"]);

    [Fact]
    public void AddressesTheModelCannotFetch_AreNamed_AndTheSeamSaysSo()
    {
        var image = new ImagePart("https://a.example/x.png", null);
        Assert.True(GeminiDialect.Instance.RequiresInlineMedia(Gemini(Flash25), image));
        Assert.False(GeminiDialect.Instance.RequiresInlineMedia(Gemini(Pro3), image));
        Assert.Equal(ErrorKind.ImageDownloadFailed, GeminiDialect.Instance.Refused(Request(User(image)), Gemini(Flash25)).Kind);
        Assert.Equal(ErrorKind.InvalidRequest, GeminiDialect.Instance.Refused(Request(User(new VideoPart("https://a.example/x.mp4"))), Gemini(Pro3)).Kind);
    }

    [Fact]
    public void MediaInToolResults_StayInsideFromGeneration3On_AndFollowBefore()
    {
        var history = new[] { User("q"), Assistant(null, new ToolCall("a", "f", "{}")), Result("a", "see") with { Parts = [new TextPart("see"), new ImagePart("data:image/png;base64,iVBORw0KGgoAAAA=", null)] } };
        var image = """{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAA="}}""";
        var newer = Write(Request(history), Pro3)["contents"]!.AsArray();
        Same($$$"""[{"functionResponse":{"name":"f","response":{"result":"see"},"parts":[{{{image}}}]}}]""", newer[2]!["parts"]);
        var older = Write(Request(history))["contents"]!.AsArray();
        Same("""[{"functionResponse":{"name":"f","response":{"result":"see"}}}]""", older[2]!["parts"]);
        Same($"[{image}]", older[3]!["parts"]);
    }

    [Theory]
    [InlineData(ToolChoiceKind.Auto, """{"mode":"AUTO"}""")]
    [InlineData(ToolChoiceKind.None, """{"mode":"NONE"}""")]
    [InlineData(ToolChoiceKind.Required, """{"mode":"ANY"}""")]
    [InlineData(ToolChoiceKind.Function, """{"mode":"ANY","allowedFunctionNames":["f"]}""")]
    public void ToolChoice_IsAMode(ToolChoiceKind kind, string expected) => Same(expected, Write(
        With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with { ToolChoice = new ToolChoice(kind, "f") })["toolConfig"]!["functionCallingConfig"]);

    [Fact]
    public void Declarations_SitTogether_PlainSchemaWhereTaken_EmptyOnesLeftOut()
    {
        var tools = With(new Conversation
        {
            Messages = [User("q")],
            Tools = [Tool("none", """{"type":"object","properties":{}}"""), Tool("f", """{"$schema":"x","type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false}""", strict: true)],
        });
        var body = Write(tools);
        Same("""[{"functionDeclarations":[{"name":"none","description":"none"},{"name":"f","description":"f","parametersJsonSchema":{"type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false}}]}]""", body["tools"]);
        Same("""{"functionCallingConfig":{"mode":"VALIDATED"}}""", body["toolConfig"]);
        Same("""{"type":"object","properties":{"a":{"type":"string","nullable":true}}}""", Write(tools, "gemini-2.0-flash")["tools"]![0]!["functionDeclarations"]![1]!["parameters"]);
    }

    [Fact]
    public void ResponseSchema_IsEnforced_OrSaidInWordsBesideTools()
    {
        var format = new ResponseFormat(ResponseFormatKind.JsonSchema, "a", null, Parsed("""{"type":"object","properties":{"a":{"const":"x"}}}"""), true);
        var config = Write(Request(User("q")) with { ResponseFormat = format })["generationConfig"]!;
        Assert.Equal("application/json", (string?)config["responseMimeType"]);
        Same("""{"type":"object","properties":{"a":{"type":"string","enum":["x"]}}}""", config["responseJsonSchema"]);
        Same("""{"type":"object","properties":{"a":{"type":"string","enum":["x"]}}}""", Write(Request(User("q")) with { ResponseFormat = format }, "gemini-2.0-flash")["generationConfig"]!["responseSchema"]);

        var withTools = With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with { ResponseFormat = format };
        Assert.NotNull(Write(withTools, Pro3)["generationConfig"]!["responseJsonSchema"]);
        var older = Write(withTools);
        Assert.Null(older["generationConfig"]!["responseMimeType"]);
        Assert.Contains("JSON Schema", (string?)older["systemInstruction"]!["parts"]![0]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_AreAskedForWithTheirShape()
    {
        JsonNode Config(params string[] modalities) => GeminiDialect.Instance.Written(
            Request(User("q")) with { Modalities = modalities, Body = """{"image_config":{"aspect_ratio":"16:9","image_size":"2K","other":1}}"""u8.ToArray() },
            Gemini("gemini-2.5-flash-image") with { WritesImages = true })["generationConfig"]!;
        Same("""["TEXT","IMAGE"]""", Config("image", "text")["responseModalities"]);
        Same("""["IMAGE"]""", Config("image")["responseModalities"]);
        Same("""["TEXT"]""", Config("text")["responseModalities"]);
        Assert.Null(Config()["responseModalities"]);
        Same("""{"aspectRatio":"16:9","imageSize":"2K"}""", Config()["imageConfig"]);
        Assert.Null(Write(Request(User("q")) with { Modalities = ["text"], Body = """{"image_config":{"aspect_ratio":"16:9"}}"""u8.ToArray() })["generationConfig"]!["imageConfig"]);
    }

    [Theory]
    [InlineData("gemini-2.5-flash-image", null)]
    [InlineData("gemini-3-pro-image-preview", "skip_thought_signature_validator")]
    [InlineData("gemini-3.1-flash-image", "skip_thought_signature_validator")]
    public void PicturesOfTheModel_GoBackInItsTurn_EachWithItsOwnSignature(string model, string? unsigned)
    {
        var drawn = new Message
        {
            Role = Role.Assistant, Parts = [new TextPart("Here"), new ImagePart("data:image/png;base64,AAAA", null), new ImagePart("data:image/png;base64,BBBB", null)],
            ReasoningDetails = [Signature("T="), Signature("I1=", "image-1"), Signature("I9=", "image-9")],
        };
        var parts = Write(Request(User("draw"), drawn, User("bluer")), model)["contents"]![1]!["parts"]!.AsArray();
        Assert.Equal(["Here", null, null], parts.Select(part => (string?)part!["text"]));
        Assert.Equal([null, "AAAA", "BBBB"], parts.Select(part => (string?)part!["inlineData"]?["data"]));
        Assert.Equal(["T=", unsigned, "I1="], parts.Select(part => (string?)part!["thoughtSignature"]));
    }

    [Fact]
    public void PassthroughMembers_AreCopied() => Assert.Equal("cachedContents/1", (string?)GeminiDialect.Instance.Written(
        Request(User("q")) with { Body = """{"x":[1],"cachedContent":"cachedContents/1"}"""u8.ToArray() }, Gemini(Flash25) with { Passthrough = ["cachedContent"] })["cachedContent"]);

    [Theory]
    [InlineData(Flash25, "medium", 1000, """{"includeThoughts":true,"thinkingBudget":500}""")]
    [InlineData(Flash25, "high", 100_000, """{"includeThoughts":true,"thinkingBudget":24576}""")]
    [InlineData(Flash25, "none", null, """{"thinkingBudget":0}""")]
    [InlineData("gemini-2.5-flash-lite", "minimal", 2000, """{"includeThoughts":true,"thinkingBudget":512}""")]
    [InlineData(Pro3, "medium", null, """{"includeThoughts":true,"thinkingLevel":"HIGH"}""")]
    [InlineData(Pro3, "minimal", null, """{"includeThoughts":true,"thinkingLevel":"LOW"}""")]
    [InlineData("gemini-3.1-pro-preview", "medium", null, """{"includeThoughts":true,"thinkingLevel":"MEDIUM"}""")]
    [InlineData("gemini-3-flash-preview", "xhigh", null, """{"includeThoughts":true,"thinkingLevel":"HIGH"}""")]
    [InlineData("gemini-3-flash-preview", "none", null, """{"thinkingLevel":"MINIMAL"}""")]
    public void Efforts_BecomeBudgetsOrLevels(string model, string effort, int? maxTokens, string expected) => Same(expected,
        Write(Request(User("q")) with { Reasoning = new ReasoningOptions(effort, null, false, null, null), MaxTokens = maxTokens }, model)["generationConfig"]!["thinkingConfig"]);

    [Fact]
    public void Budgets_AreKeptInRange_GoOutAsTheyAreOnGeneration3_AndLeaveRoom()
    {
        var budget = new ReasoningOptions(null, 50, true, null, null);
        Same("""{"thinkingBudget":128}""", Write(Request(User("q")) with { Reasoning = budget }, "gemini-2.5-pro")["generationConfig"]!["thinkingConfig"]);
        Same("""{"thinkingBudget":50}""", Write(Request(User("q")) with { Reasoning = budget }, Pro3)["generationConfig"]!["thinkingConfig"]);
        Assert.Equal(400, GeminiDialect.Instance.Refused(Request(User("q")) with { Reasoning = budget, MaxTokens = 100 }, Gemini("gemini-2.5-pro")).Status);
    }

    [Fact]
    public void WithoutMaxTokens_AShareIsTakenOfTheEndpointsMaximum_WhichIsSent()
    {
        var config = GeminiDialect.Instance.Written(Request(User("q")) with { Reasoning = new ReasoningOptions("low", null, false, null, null) },
            Gemini(Flash25) with { MaxCompletionTokens = 10_000 })["generationConfig"]!;
        Assert.Equal((10_000, 2_000), ((int?)config["maxOutputTokens"], (int?)config["thinkingConfig"]!["thinkingBudget"]));
    }

    [Theory]
    [InlineData("gemini-2.5-pro")]
    [InlineData(Pro3)]
    public void ModelsThatAlwaysThink_CannotBeToldNotTo(string model) => Assert.Equal(400, GeminiDialect.Instance.Refused(
        Request(User("q")) with { Reasoning = new ReasoningOptions("none", null, false, null, null) }, Gemini(model)).Status);

    [Fact]
    public void HeldOutput_CapsWholeAnswersOnly()
    {
        Assert.Equal(100, (int?)Write(Request(User("q")), call: new UpstreamCall { MaxTokens = 100 })["generationConfig"]!["maxOutputTokens"]);
        Assert.Null(Write(Request(User("q")), call: new UpstreamCall { MaxTokens = 100, Stream = true })["generationConfig"]!["maxOutputTokens"]);
    }
}
