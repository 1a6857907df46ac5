using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Tests.Json.Schemas;

public sealed class SchemaCopyTests
{
    private const int Rounds = 2000;

    public static TheoryData<string> OpenSubsets => [.. SchemaSubsets.All.Where(static one => one.Value.IsOpen).Select(static one => one.Key)];

    [Fact]
    public void Subsets_OfJsonSchemaItself_AreOpen() => Assert.Equal(["gemini-json-schema", "ollama", "ollama-tool", "xai"], SchemaSubsets.All.Where(static one => one.Value.IsOpen).Select(static one => one.Key).Order());

    [Theory]
    [MemberData(nameof(OpenSubsets))]
    public void WhatIsCopied_IsWhatTheCompilerWrites_WithNothingToReport(string name)
    {
        var subset = SchemaSubsets.All[name];
        var copied = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            var schema = round % 5 == 0 ? new SampleSchemas(random).Next().Schema.ToJsonString() : Schema(random, 3);
            using var original = JsonDocument.Parse(schema);
            if (SchemaCopy.TryMake(original.RootElement, subset) is not { } copy)
                continue;
            copied++;
            var full = SchemaCompiler.CompileInFull(original.RootElement, subset);
            var context = $"{name}, round {round}\n{schema}\n{Encoding.UTF8.GetString(full.Json.Span)}\n{Encoding.UTF8.GetString(copy.Json.Span)}\n";
            Assert.True(full is { Fault: null, CanBeSaid: true, Changes.Count: 0 } && copy is { Fault: null, CanBeSaid: true, Changes.Count: 0 }, context + string.Join(", ", full.Changes));
            using var expected = JsonDocument.Parse(full.Json);
            using var written = JsonDocument.Parse(copy.Json);
            Assert.True(JsonElement.DeepEquals(expected.RootElement, written.RootElement), context);
        }

        Assert.True(copied > Rounds / 10, $"{copied} of {Rounds} were copied");
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"city":{"type":"string","description":"The city"},"days":{"type":"integer","minimum":1}},"required":["city"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}""")]
    [InlineData("""{"properties":{"unit":{"anyOf":[{"enum":["c","f"],"type":"string"},{"type":"null"}],"default":null,"title":"Unit"},"tags":{"items":{"type":"string"},"title":"Tags","type":"array"}},"required":[],"title":"Weather","type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":["string","null"],"description":"h\u00e9"},"b":{},"c":{"type":"object","additionalProperties":{"type":"number"}}}}""")]
    public void SchemasOfTools_AreCopied(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        Assert.NotNull(SchemaCopy.TryMake(document.RootElement, SchemaSubsets.GeminiJsonSchema));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":"x"}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","minLength":1}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"oneOf":[{"type":"string"},{"type":"null"}]}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","minItems":1}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","description":"\ud800"}}}""")]
    [InlineData("""{"type":"object","t\u0079pe":"string"}""")]
    public void WhatMustBeChanged_IsForTheCompiler(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        Assert.Null(SchemaCopy.TryMake(document.RootElement, SchemaSubsets.GeminiJsonSchema));
    }

    /// <summary>A schema mostly of keywords that belong to its type, in any order.</summary>
    private static string Schema(Random random, int depth)
    {
        string Inner() => Schema(random, depth - 1);
        var members = new List<string>();
        switch (random.Next(depth == 0 ? 4 : 8))
        {
            case 0:
                members.Add("\"type\":\"string\"");
                Sometimes("\"format\":\"date\"", "\"enum\":[\"a\",\"b\"]", "\"minLength\":2");
                break;
            case 1:
                members.Add(Pick("\"type\":\"integer\"", "\"type\" : \"number\"", "\"type\":[\"integer\",\"null\"]", "\"type\":[\"null\",\"number\"]", "\"type\":[\"number\",\"string\"]"));
                Sometimes("\"minimum\":1", "\"maximum\":2.50", "\"enum\":[1,2]");
                break;
            case 2:
                members.Add(Pick("\"type\":\"boolean\"", "\"type\":\"null\"", "\"type\":\"String\"", "\"type\":[\"string\"]", "\"description\":\"any\""));
                break;
            case 3 or 4:
                members.Add("\"type\":\"array\"");
                Sometimes("\"items\":" + (depth == 0 ? "{}" : Inner()), "\"minItems\":1", "\"maxItems\":3");
                break;
            case 5:
                members.Add($"\"anyOf\":[{Inner()},{Pick("{\"type\":\"null\"}", Inner(), "{}")}]");
                break;
            default:
                members.Add("\"type\":\"object\"");
                members.Add($"\"properties\":{{\"a\":{Inner()}, \"b/\\u00e9\" : {Inner()},\"type\":{Inner()}}}");
                Sometimes("\"required\":[\"a\"]", "\"required\":[]", "\"required\":[\"a\",\"type\"]", "\"additionalProperties\":false", "\"additionalProperties\":" + Inner(), "\"additionalProperties\":true",
                    "\"propertyOrdering\":[\"a\"]");
                break;
        }

        Sometimes("\"title\":\"t\"", "\"description\":\"d \\\"q\\\"\"", "\"$schema\":\"s\"", "\"examples\":[{\"type\":1}]", "\"default\":null", "\"x-own\":{}");
        if (random.Next(12) == 0)
            members.Add(Pick("\"nullable\":true", "\"default\":5", "\"minimum\":1", "\"minItems\":1", "\"enum\":[null]", "\"enum\":[]", "\"enum\":[true,\"a\"]", "\"required\":[\"a\",\"a\"]", "\"required\":[5]",
                "\"format\":\"x\"", "\"items\":{}", "\"items\":false", "\"title\":null", "\"uniqueItems\":true", "\"const\":1", "\"$defs\":{}", "\"additionalProperties\":false", "\"properties\":{}", "\"not\":{}",
                "\"type\":\"string\"", "\"anyOf\":[{},{}]", "\"oneOf\":[{}]", "\"description\":5", "\"minimum\":1e999", "\"minItems\":1.5", "\"tit\\u006ce\":\"t\""));
        for (var i = members.Count - 1; i > 0; i--)
        {
            var other = random.Next(i + 1);
            (members[i], members[other]) = (members[other], members[i]);
        }

        return "{" + string.Join(", ", members) + "}";

        string Pick(params string[] of) => of[random.Next(of.Length)];

        void Sometimes(params string[] of) => members.AddRange(of.Where(_ => random.Next(4) == 0));
    }
}
