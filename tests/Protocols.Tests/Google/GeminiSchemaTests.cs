using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Json;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Google;

public class GeminiSchemaTests
{
    private static (string Json, IReadOnlyList<string> Relaxed) Reduce(string schema)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = JsonWriting.Create(output);
        var relaxed = GeminiSchema.Write(writer, Parsed(schema));
        writer.Flush();
        return (Encoding.UTF8.GetString(output.WrittenSpan), relaxed);
    }

    [Theory]
    [InlineData("""{"type":["string","null"]}""", """{"type":"string","nullable":true}""")]
    [InlineData("""{"type":["string","integer","null"],"description":"d"}""", """{"description":"d","anyOf":[{"type":"string"},{"type":"integer"}],"nullable":true}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", """{"type":"string","nullable":true}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"anyOf":[{"type":"string"},{"type":"integer"}]}""")]
    [InlineData("""{"const":"a"}""", """{"type":"string","enum":["a"]}""")]
    [InlineData("""{"type":"integer","enum":[1,2]}""", """{"type":"string","enum":["1","2"]}""")]
    [InlineData("""{"type":"string","enum":["a",null,""]}""", """{"type":"string","enum":["a"],"nullable":true}""")]
    [InlineData("""{"type":"string","format":"uuid"}""", """{"type":"string"}""")]
    [InlineData("""{"type":"string","format":"date-time"}""", """{"type":"string","format":"date-time"}""")]
    [InlineData("""{"type":"number","exclusiveMinimum":1,"minimum":0,"minLength":3}""", """{"type":"number","minimum":0}""")]
    [InlineData("""{"type":"array"}""", """{"type":"array","items":{"type":"object"}}""")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"$ref":"#/$defs/B"}],"$defs":{"B":{"properties":{"b":{"type":"integer"}},"required":["b"]}}}""",
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a","b"]}""")]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}""",
        """{"type":"object","properties":{"next":{"type":"object","properties":{"next":{"type":"object"}}}}}""")]
    [InlineData("""{"$schema":"s","type":"object","properties":{"a":{"type":"string","default":"x","examples":["y"]}},"additionalProperties":false,"patternProperties":{}}""",
        """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    public void Schemas_AreReduced(string schema, string expected) => Same(expected, JsonNode.Parse(Reduce(schema).Json));

    [Fact]
    public void WhatWasRelaxed_IsTold() => Assert.Equal(["additionalProperties", "exclusiveMinimum", "enum"],
        Reduce("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"number","exclusiveMinimum":0},"b":{"enum":[1]}}}""").Relaxed);

    [Fact]
    public void SchemasThatMultiply_AreCutInTime()
    {
        // Each definition names the next one ten times: a billion nodes when inlined.
        var definitions = string.Join(',', Enumerable.Range(0, 9).Select(i =>
            $"\"D{i}\":{{\"type\":\"object\",\"properties\":{{{string.Join(',', Enumerable.Range(0, 10).Select(j => $"\"p{j}\":{{\"$ref\":\"#/$defs/D{i + 1}\"}}"))}}}}}"));
        var all = $"{{\"allOf\":[{string.Join(',', Enumerable.Repeat("{\"$ref\":\"#/$defs/A\"}", 30))}]}}";
        var clock = Stopwatch.StartNew();
        var (json, relaxed) = Reduce($"{{\"type\":\"object\",\"properties\":{{\"x\":{{\"$ref\":\"#/$defs/D0\"}},\"y\":{{\"$ref\":\"#/$defs/A\"}}}},\"$defs\":{{{definitions},\"D9\":{{\"type\":\"string\"}},\"A\":{all}}}}}");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
        Assert.True(json.Length < 2_000_000);
        Assert.NotEmpty(relaxed);
    }
}
