using System.Text.Json.Nodes;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Amazon;

public sealed class ConverseRequestTests
{
    private const string Nova = "us.amazon.nova-2-lite-v1:0";
    private const string Llama = "us.meta.llama3-1-70b-instruct-v1:0";

    private static JsonObject Write(CanonicalRequest request, string model = Nova, UpstreamCall call = default) =>
        BedrockDialect.Instance.Written(request, Target(UpstreamProtocol.Bedrock, model), call);

    [Fact]
    public void Path_KeepsColonsAndSlashesOfTheModelInOneSegment()
    {
        Assert.Equal("/model/us.amazon.nova-2-lite-v1%3A0/converse", BedrockDialect.Instance.PathFor(Target(UpstreamProtocol.Bedrock, Nova), false));
        Assert.Equal(
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse-stream",
            BedrockDialect.Instance.PathFor(Target(UpstreamProtocol.Bedrock, "arn:aws:bedrock:us-east-1:1:inference-profile/x"), true));
    }

    [Fact]
    public void ParallelCallsAndResults_AreGroupedAsBedrockWantsThem() => Same(
        """
        {"system":[{"text":"Be brief."}],
         "messages":[
          {"role":"user","content":[{"text":"Hi"}]},
          {"role":"assistant","content":[{"text":"Looking."},{"toolUse":{"toolUseId":"a","name":"f","input":{"x":1}}},{"toolUse":{"toolUseId":"b","name":"g","input":{}}}]},
          {"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"1"}]}},{"toolResult":{"toolUseId":"b","content":[{"text":"(no output)"}]}},{"text":"and?"}]}],
         "inferenceConfig":{"maxTokens":100,"temperature":1,"stopSequences":["x"]},
         "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}],"toolChoice":{"any":{}}}}
        """,
        Write(With(new Conversation
        {
            Messages = [Instructions("Be brief."), User("Hi"), Assistant("Looking.", new ToolCall("a", "f", "{\"x\":1}"), new ToolCall("b", "g", "")), Result("a", "1"), Result("b", ""), User("and?")],
            Tools = [Tool("f")],
        }) with
        { MaxTokens = 100, Temperature = 1.7, Stop = ["x", " "], ToolChoice = new ToolChoice(ToolChoiceKind.Required, null) }));

    [Fact]
    public void MistralsModels_GetIdsOfNineLettersOrDigits_OfCallsAndResultsAlike()
    {
        var request = Request(User("q"), Assistant(null, new ToolCall("call/1", "f", "{}"), new ToolCall("abcDEF123", "f", "{}")), Result("call/1", "1"), Result("abcDEF123", "2"));
        var messages = Write(request, "mistral.mistral-large-2407-v1:0")["messages"]!;
        var calls = messages[1]!["content"]!.AsArray().Select(block => (string)block!["toolUse"]!["toolUseId"]!).ToList();
        Assert.Matches("^[A-Za-z0-9]{9}$", calls[0]);
        Assert.Equal("abcDEF123", calls[1]);
        Assert.Equal(calls, messages[2]!["content"]!.AsArray().Select(block => (string)block!["toolResult"]!["toolUseId"]!));
        Assert.Equal("abcDEF123", (string?)Write(request)["messages"]![1]!["content"]![1]!["toolUse"]!["toolUseId"]);
    }

    [Fact]
    public void CachePointsChoiceAndReasoning_OnlyWhereTheFamilyTakesThem()
    {
        var request = With(new Conversation
        {
            Messages = [User(new TextPart("long") { Cache = new CacheMark(null) }, new TextPart("short"))],
            Tools = [Tool("f")],
        }) with
        { ToolChoice = new ToolChoice(ToolChoiceKind.Function, "f"), Reasoning = new ReasoningOptions("xhigh", null, false, null, null), TopK = 5 };

        var nova = Write(request);
        Same("""[{"text":"long"},{"cachePoint":{"type":"default"}},{"text":"short"}]""", nova["messages"]![0]!["content"]);
        Same("""{"tool":{"name":"f"}}""", nova["toolConfig"]!["toolChoice"]);
        Same("""{"inferenceConfig":{"topK":5},"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}""", nova["additionalModelRequestFields"]);

        var llama = Write(request, Llama);
        Same("""[{"text":"long"},{"text":"short"}]""", llama["messages"]![0]!["content"]);
        Assert.Null(llama["toolConfig"]!["toolChoice"]);
        Assert.Null(llama["additionalModelRequestFields"]);
        Same("""{"reasoning_effort":"high"}""", Write(request with { TopK = null }, "openai.gpt-oss-120b-1:0")["additionalModelRequestFields"]);
    }

    [Fact]
    public void Documents_HaveACleanNameAndTextBesideThem() => Same(
        """[{"document":{"format":"pdf","name":"Q3 report (final)","source":{"bytes":"JVBERi0xLjQK"}}},{"text":"See the document."}]""",
        Write(Request(User(new FilePart("Q3_report  (final).pdf", "data:application/pdf;base64,JVBERi0xLjQK", null))))["messages"]![0]!["content"]);

    [Fact]
    public void ToolChoiceNone_LeavesTheToolsOutUnlessTheHistoryNeedsThem()
    {
        var none = new ToolChoice(ToolChoiceKind.None, null);
        Assert.Null(Write(With(new Conversation { Messages = [User("q")], Tools = [Tool("f")] }) with { ToolChoice = none })["toolConfig"]);
        Assert.NotNull(Write(Request(User("q"), Assistant(null, new ToolCall("a", "f", "{}")), Result("a", "1")) with { ToolChoice = none })["toolConfig"]);
    }

    [Fact]
    public void Audio_AndAddresses_AreRefusedWithTheReason()
    {
        var target = Target(UpstreamProtocol.Bedrock, Nova);
        Assert.Contains("no audio", BedrockDialect.Instance.Refused(Request(User(new AudioPart("AAAA", "wav"))), target).Message, StringComparison.Ordinal);
        var image = new ImagePart("https://a.example/x.png", null);
        Assert.True(BedrockDialect.Instance.RequiresInlineMedia(target, image));
        Assert.Equal(ErrorKind.ImageDownloadFailed, BedrockDialect.Instance.Refused(Request(User(image)), target).Kind);
    }

    [Fact]
    public void ClaudeOnClouds_HasItsVersionInTheBodyAndItsModelInThePath()
    {
        var request = Request(User(new TextPart("Hi"))) with { Cache = new CacheMark("1h"), MaxTokens = 10 };
        var call = new UpstreamCall { Stream = true, AnthropicBetas = ["interleaved-thinking-2025-05-14", "structured-outputs-2025-11-13"] };
        var bedrock = Target(UpstreamProtocol.AnthropicMessages, "us.anthropic.claude-sonnet-4-5-20250929-v1:0") with { Host = CloudHost.Bedrock };
        Same(
            """
            {"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["interleaved-thinking-2025-05-14"],"max_tokens":10,
             "messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}
            """,
            AnthropicOnBedrockDialect.Instance.Written(request, bedrock, call));
        var vertex = Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5@20250929") with { Host = CloudHost.Vertex };
        Same(
            """
            {"anthropic_version":"vertex-2023-10-16","max_tokens":10,"stream":true,"cache_control":{"type":"ephemeral","ttl":"1h"},"messages":[{"role":"user","content":"Hi"}]}
            """,
            Fairlead.Protocols.Anthropic.Messages.AnthropicMessagesDialect.Instance.Written(request, vertex, call with { AnthropicBetas = null }));
    }
}
