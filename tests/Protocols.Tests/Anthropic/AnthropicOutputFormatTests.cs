using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicOutputFormatTests
{
    private const string New = "claude-sonnet-4-5";
    private const string Old = "claude-3-5-haiku-20241022";
    private const string Simple = """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""";

    private static JsonObject Write(string model, string? schema, Func<CanonicalRequest, CanonicalRequest>? change = null, params ToolDefinition[] tools)
    {
        var format = new ResponseFormat(schema is null ? ResponseFormatKind.JsonObject : ResponseFormatKind.JsonSchema, "a", null, schema is null ? null : Parsed(schema), true);
        var request = With(new Conversation { Messages = [User("q")], Tools = tools }) with { ResponseFormat = format };
        return AnthropicMessagesDialect.Instance.Written(change is null ? request : change(request), Target(UpstreamProtocol.AnthropicMessages, model));
    }

    [Fact]
    public void NewGenerations_EnforceTheSchema()
    {
        var body = Write(New, Simple);
        Same($$"""{"type":"json_schema","schema":{{Simple}}}""", body["output_config"]!["format"]);
        Assert.Null(body["tools"]);
        Assert.Null(body["system"]);
    }

    [Fact]
    public void OlderGenerations_AnswerThroughAForcedTool()
    {
        var body = Write(Old, Simple);
        Assert.Equal(AnthropicOutputFormat.Tool, (string?)Assert.Single(body["tools"]!.AsArray())!["name"]);
        Same(Simple, body["tools"]![0]!["input_schema"]);
        Same($$"""{"type":"tool","name":"{{AnthropicOutputFormat.Tool}}"}""", body["tool_choice"]);
    }

    [Fact]
    public void BesideToolsOrThinking_OlderGenerationsAreToldInWords()
    {
        var withTools = Write(Old, Simple, null, Tool("f"));
        Assert.Equal("f", (string?)Assert.Single(withTools["tools"]!.AsArray())!["name"]);
        Assert.Contains("JSON Schema", (string?)withTools["system"], StringComparison.Ordinal);
        var thinking = Write("claude-3-7-sonnet", Simple, r => r with { Reasoning = new ReasoningOptions("low", null, false, null, null) });
        Assert.Null(thinking["tools"]);
        Assert.Contains("JSON Schema", (string?)thinking["system"], StringComparison.Ordinal);
    }

    [Fact]
    public void JsonObject_IsAskedForInWords() => Assert.Contains("JSON object", (string?)Write(New, null)["system"], StringComparison.Ordinal);

    [Fact]
    public void ReservedToolName_IsRefused() => Assert.Equal("tools", AnthropicMessagesDialect.Instance.Refused(
        With(new Conversation { Messages = [User("q")], Tools = [Tool(AnthropicOutputFormat.Tool)] }), Target(UpstreamProtocol.AnthropicMessages, New)).Param);

    [Theory]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","minimum":1,"maximum":9,"description":"d"},"s":{"type":"string","format":"email","pattern":"x"},"t":{"type":"string","format":"phone"}}}""",
        """{"type":"object","properties":{"n":{"type":"integer","description":"d (minimum: 1, maximum: 9)"},"s":{"type":"string","format":"email","description":"(pattern: \"x\")"},"t":{"type":"string","description":"(format: \"phone\")"}},"additionalProperties":false}""")]
    [InlineData("""{"$schema":"s","type":"object","properties":{"l":{"type":"array","minItems":1,"maxItems":3,"items":{"oneOf":[{"type":"string"},{"$ref":"#/$defs/O"}]}}},"$defs":{"O":{"type":"object","properties":{"x":{"type":["string","null"]}},"additionalProperties":true}}}""",
        """{"type":"object","properties":{"l":{"type":"array","minItems":1,"items":{"anyOf":[{"type":"string"},{"$ref":"#/$defs/O"}]},"description":"(maxItems: 3)"}},"$defs":{"O":{"type":"object","properties":{"x":{"type":["string","null"]}},"additionalProperties":false}},"additionalProperties":false}""")]
    public void EnforcedSchemas_KeepWhatIsKnown_AndTellTheRest(string schema, string expected) => Same(expected, Write(New, schema)["output_config"]!["format"]!["schema"]);

    [Theory]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}""")] // recursive
    [InlineData("""{"type":"object","properties":{"self":{"$ref":"#"}}}""")]
    [InlineData("""{"type":"object","properties":{"map":{"type":"object","additionalProperties":{"type":"string"}}}}""")] // a map
    [InlineData("""{"type":"object","properties":{"any":{}}}""")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"object","patternProperties":{"^a":{"type":"string"}}}}}""")]
    public void WhatTheSubsetCannotSay_IsNotEnforced(string schema)
    {
        var body = Write(New, schema);
        Assert.Null(body["output_config"]);
        Assert.Equal(AnthropicOutputFormat.Tool, (string?)body["tools"]![0]!["name"]);
        Same(schema, body["tools"]![0]!["input_schema"]);
    }

    [Fact]
    public void StrictTools_AreEnforcedWhereTheyCanBe()
    {
        var tools = AnthropicMessagesDialect.Instance.Written(With(new Conversation
        {
            Messages = [User("q")],
            Tools = [Tool("f", """{"type":"object","properties":{"a":{"type":"integer","minimum":1}}}""", strict: true), Tool("g", """{"type":"object","additionalProperties":true}""", strict: true)],
        }), Target(UpstreamProtocol.AnthropicMessages, New))["tools"]!;
        Assert.True((bool?)tools[0]!["strict"]);
        Same("""{"type":"object","properties":{"a":{"type":"integer","description":"(minimum: 1)"}},"additionalProperties":false}""", tools[0]!["input_schema"]);
        Assert.Null(tools[1]!["strict"]);
    }

    [Fact]
    public void WhatIsNoSchema_IsA400_ThatSaysWhere()
    {
        var format = new ResponseFormat(ResponseFormatKind.JsonSchema, "a", null, Parsed("""{"type":"object","properties":{"a":{"type":"strin"}}}"""), true);
        var target = Target(UpstreamProtocol.AnthropicMessages, New);
        var error = AnthropicMessagesDialect.Instance.Refused(Request(User("q")) with { ResponseFormat = format }, target);
        Assert.Equal("response_format", error.Param);
        Assert.Contains("#/properties/a/type must be one of object", error.Message, StringComparison.Ordinal);
        var tool = AnthropicMessagesDialect.Instance.Refused(
            With(new Conversation { Messages = [User("q")], Tools = [Tool("f", """{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}}}""", strict: true)] }), target);
        Assert.Equal("tools.f", tool.Param);
    }

    [Fact]
    public void WhatWasChanged_IsReported()
    {
        var report = new SchemaReport();
        var format = new ResponseFormat(ResponseFormatKind.JsonSchema, "a", null, Parsed("""{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"additionalProperties":false}"""), true);
        AnthropicMessagesDialect.Instance.Written(Request(User("q")) with { ResponseFormat = format }, Target(UpstreamProtocol.AnthropicMessages, New), new UpstreamCall { Schemas = report });
        Assert.Equal(new SchemaChange("response_format", "#/properties/n", "minimum", SchemaChangeKind.Described), Assert.Single(report.Changes));
    }
}
