using System.Text.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Tests.Json.Schemas;

/// <summary>Validation of values from models against schemas from callers.</summary>
public sealed class SchemaCheckTests
{
    [Theory]
    [InlineData("""{"type":"object","required":["city"]}""", """{"city":1}""", null)]
    [InlineData("""{"type":"object","required":["city"]}""", "{}", "$ lacks city")]
    [InlineData("""{"properties":{"n":{"type":"integer","minimum":1}}}""", """{"n":0}""", "$.n must be at least 1")]
    [InlineData("""{"properties":{"n":{"type":"integer"}}}""", """{"n":1.0}""", null)]
    [InlineData("""{"properties":{"n":{"type":"integer"}}}""", """{"n":1.5}""", "$.n must be of type \"integer\"")]
    [InlineData("""{"type":["string","null"]}""", "null", null)]
    [InlineData("""{"type":["string","null"]}""", "1", "$ must be of type [\"string\",\"null\"]")]
    [InlineData("""{"enum":["a",{"b":1.0}]}""", """{"b":1.0}""", null)]
    [InlineData("""{"enum":["a"]}""", "\"b\"", "$ must be one of [\"a\"]")]
    [InlineData("""{"const":null}""", "0", "$ must be null")]
    [InlineData("""{"additionalProperties":false,"properties":{"a":true}}""", """{"a":1,"b":2}""", "$.b is not allowed")]
    [InlineData("""{"additionalProperties":{"type":"string"},"patternProperties":{"^x-":true}}""", """{"x-a":1,"c":"d"}""", null)]
    [InlineData("""{"items":{"type":"string"},"maxItems":2}""", """["a","b","c"]""", "$ must hold at most 2 items")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":false}""", """["a",1]""", "$[1] is not allowed")]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":{"type":"number"}}""", """["a",1,"b"]""", "$[2] must be of type \"number\"")]
    [InlineData("""{"uniqueItems":true}""", "[1,2,1]", "$ must not hold an item twice")]
    [InlineData("""{"minLength":2,"pattern":"^a"}""", "\"😀\"", "$ must have at least 2 characters")]
    [InlineData("""{"pattern":"^a+$"}""", "\"ab\"", "$ must match ^a+$")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"number"}]}""", "true", "$ matches none of anyOf")]
    [InlineData("""{"oneOf":[{"type":"number"},{"minimum":2}]}""", "3", "$ matches 2 of oneOf instead of one")]
    [InlineData("""{"not":{"type":"string"}}""", "\"a\"", "$ matches what it must not")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]}}""", """{"a":1}""", "$ lacks b")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "$ has a and so must have b")]
    [InlineData("""{"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"required":["v"]}},"$ref":"#/$defs/node"}""", """{"v":1,"next":{"next":{"v":2}}}""", "$.next lacks v")]
    [InlineData("""{"$ref":"http://elsewhere/schema"}""", "1", null)]
    [InlineData("""{"type":7,"required":"no","properties":[],"minimum":"x","enum":3}""", """{"a":1}""", null)]
    [InlineData("true", "1", null)]
    [InlineData("false", "1", "$ is not allowed")]
    public void FirstFault_NamesThePlace(string schema, string value, string? fault) => Assert.Equal(fault, Check(schema, value));

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}""")]
    [InlineData("""{"anyOf":[{"$ref":"#/anyOf/1"},{"not":{"$ref":"#"}},{"oneOf":[{"$ref":"#"},{"$ref":"#/anyOf/1"}]}]}""")]
    public void SchemasThatTurnInCircles_End(string schema) => Assert.Null(Record.Exception(() => Check(schema, """{"a":[1,2,3]}""")));

    [Fact]
    public void HostileWork_IsBounded()
    {
        // Patterns that backtrack without end elsewhere; definitions that name one another 2^40 times; long lists compared pair by pair.
        Assert.NotNull(Check("""{"pattern":"^(a+)+$"}""", JsonSerializer.Serialize(new string('a', 50_000) + "!")));
        var doubling = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""  "d{{i}}":{"allOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]}  """));
        Assert.Null(Check($$$"""{"$defs":{{{{doubling}}},"d40":true},"$ref":"#/$defs/d0"}""", "1"));
        Assert.Null(Check("""{"uniqueItems":true}""", JsonSerializer.Serialize(Enumerable.Range(0, 100_000))));
    }

    private static string? Check(string schema, string value)
    {
        using var rules = JsonDocument.Parse(schema);
        using var given = JsonDocument.Parse(value);
        return SchemaCheck.FirstFault(rules.RootElement, given.RootElement);
    }
}
