using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json.Schemas;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Json.Schemas;

/// <summary>Tables: a caller's schema, what each provider is sent of it, and what is reported.</summary>
public sealed class SchemaCompilerTests
{
    private static CompiledSchema Compile(string subset, string schema) => SchemaCompiler.Compile(Parsed(schema), SchemaSubsets.All[subset]);

    private static string Report(CompiledSchema compiled) => string.Join("; ", compiled.Changes.Select(static change => $"{change.Path} {change.Keyword} {change.Kind}"));

    private static void Compiles(string subset, string schema, string expected, string report)
    {
        var compiled = Compile(subset, schema);
        Assert.True(compiled.CanBeSaid, compiled.Fault ?? Report(compiled));
        Same(expected, JsonNode.Parse(compiled.Json.Span));
        Assert.Equal(report, Report(compiled));
    }

    [Theory]
    [InlineData("""{"type":["string","null"]}""", """{"type":"string","nullable":true}""", "")]
    [InlineData("""{"type":["string","integer","null"],"description":"d"}""", """{"description":"d","anyOf":[{"type":"string"},{"type":"integer"}],"nullable":true}""", "")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"}""", """{"type":"string","description":"d","nullable":true}""", "")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "# oneOf Widened")]
    [InlineData("""{"const":"a"}""", """{"type":"string","enum":["a"]}""", "")]
    [InlineData("""{"type":"integer","enum":[1,2]}""", """{"type":"integer","description":"(one of: 1 | 2)"}""", "# enum Described")]
    [InlineData("""{"enum":[1,"a",null]}""", """{"anyOf":[{"type":"integer","description":"(always: 1)"},{"type":"string","enum":["a"]}],"nullable":true}""", "# enum Described")]
    [InlineData("""{"type":"string","enum":["a",null,""]}""", """{"type":"string","enum":["a"],"nullable":true}""", "# enum Narrowed")]
    [InlineData("""{"type":"string","format":"uuid"}""", """{"type":"string","description":"(format: \"uuid\")"}""", "# format Described")]
    [InlineData("""{"type":"string","format":"date-time"}""", """{"type":"string","format":"date-time"}""", "")]
    [InlineData("""{"type":"number","exclusiveMinimum":1,"minimum":0,"minLength":3}""", """{"type":"number","minimum":0,"description":"(exclusiveMinimum: 1)"}""", "# exclusiveMinimum Described")]
    [InlineData("""{"type":"STRING"}""", """{"type":"string"}""", "")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}},"required":["m","n"]}""",
        """{"type":"object","properties":{"m":{"type":"object"}},"required":["m"]}""", "# required Dropped; #/properties/m additionalProperties Dropped")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}""",
        """{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"integer"}]},"description":"(2 items of different kinds in a fixed order)"}""", "# prefixItems Widened")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}""",
        """{"anyOf":[{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}]}""", "")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"$ref":"#/$defs/B"}],"$defs":{"B":{"properties":{"b":{"type":"integer"}},"required":["b"]}}}""",
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a","b"]}""", "")]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}""",
        """{"type":"object","properties":{"next":{"type":"object","properties":{"next":{"type":"object"}}}}}""", "#/$defs/N/properties/next $ref Cut")]
    [InlineData("""{"$schema":"s","type":"object","properties":{"a":{"type":"string","default":"x","examples":["y"]}},"additionalProperties":false,"patternProperties":{}}""",
        """{"type":"object","properties":{"a":{"type":"string","description":"(default: \"x\")"}}}""", "# additionalProperties Dropped")]
    public void GeminiBefore25(string schema, string expected, string report) => Compiles("gemini-schema", schema, expected, report);

    [Fact]
    public void GeminiBefore25_TakesAnyValue_AsAUnionOfAllTypes()
    {
        var sent = JsonNode.Parse(Compile("gemini-schema", """{"type":"object","properties":{"any":{"description":"d"},"list":{"type":"array"}}}""").Json.Span)!["properties"]!;
        Assert.Equal(["string", "number", "boolean", "object", "array"], sent["any"]!["anyOf"]!.AsArray().Select(one => (string)one!["type"]!));
        Assert.True((bool?)sent["any"]!["nullable"]);
        Assert.Equal("d", (string?)sent["any"]!["description"]);
        Assert.NotNull(sent["list"]!["items"]!["anyOf"]);
    }

    [Theory]
    [InlineData("""{"$schema":"s","type":"object","properties":{"a":{"type":["string","null"],"maxLength":3}},"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":["string","null"],"description":"(maxLength: 3)"}},"additionalProperties":false}""", "#/properties/a maxLength Described")]
    [InlineData("""{"type":"object","properties":{"a":{"const":"x"},"n":{"enum":[1,null]},"b":{"const":true}}}""",
        """{"type":"object","properties":{"a":{"type":"string","enum":["x"]},"n":{"anyOf":[{"type":"integer","enum":[1]},{"type":"null"}]},"b":{"type":"boolean","description":"(always: true)"}}}""",
        "#/properties/b const Described")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", """{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", "")]
    [InlineData("""{"type":"array","items":[{"type":"string"}],"additionalItems":{"type":"integer"}}""", """{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", "")]
    [InlineData("""{"type":"object","patternProperties":{"^a":{"type":"string"}},"additionalProperties":false}""", """{"type":"object"}""", "# patternProperties Dropped; # additionalProperties Dropped")]
    // Its own word on references: nothing beside them, and what calls itself may be absent.
    [InlineData("""{"type":"object","properties":{"t":{"$ref":"#/definitions/T"}},"required":["t"],"definitions":{"T":{"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/definitions/T"}}},"required":["v","kids"]}}}""",
        """{"type":"object","properties":{"t":{"$ref":"#/$defs/T"}},"required":["t"],"$defs":{"T":{"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/$defs/T"}}},"required":["v"]}}}""",
        "#/definitions/T/properties/kids required Dropped")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"here"}},"$defs":{"A":{"type":"string","description":"there"},"Unused":{"type":"boolean"}}}""",
        """{"type":"object","properties":{"a":{"type":"string","description":"here"}}}""", "")]
    public void GeminiFrom25(string schema, string expected, string report) => Compiles("gemini-json-schema", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"d"},"t":{"type":"string","format":"phone"}},"additionalProperties":false}""",
        """{"type":"object","properties":{"n":{"type":"integer","description":"d (minimum: 1)"},"t":{"type":"string","description":"(format: \"phone\")"}},"additionalProperties":false}""",
        "#/properties/n minimum Described; #/properties/t format Described")]
    [InlineData("""{"type":"object","properties":{"o":{"type":"object","properties":{"x":{"type":"string"}},"additionalProperties":true}}}""",
        """{"type":"object","properties":{"o":{"type":"object","properties":{"x":{"type":"string"}},"additionalProperties":false}},"additionalProperties":false}""",
        "#/properties/o additionalProperties Closed; # additionalProperties Closed")]
    [InlineData("""{"type":"object","properties":{"t":{"type":"array","prefixItems":[{"type":"string"},{"type":"string"}]}},"additionalProperties":false}""",
        """{"type":"object","properties":{"t":{"type":"array","items":{"type":"string"},"description":"(2 items of different kinds in a fixed order)"}},"additionalProperties":false}""",
        "#/properties/t prefixItems Widened; #/properties/t prefixItems Closed")]
    // Closed one by one no value would fit both.
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"properties":{"a":{"minLength":2},"b":{"type":"null"}}}],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"string","description":"(minLength: 2)"},"b":{"type":"null"}},"additionalProperties":false}""", "#/properties/a minLength Described")]
    [InlineData("""{"$ref":"#/$defs/A","$defs":{"A":{"type":"object","properties":{"b":{"$ref":"#/$defs/B","description":"d"}},"additionalProperties":false},"B":{"type":"boolean"}}}""",
        """{"type":"object","properties":{"b":{"$ref":"#/$defs/B","description":"d"}},"additionalProperties":false,"$defs":{"B":{"type":"boolean"}}}""", "")]
    public void AnthropicEnforced(string schema, string expected, string report) => Compiles("anthropic-enforced", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}""", """{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}""", "")]
    [InlineData("""{"type":"object","properties":{"a":{"oneOf":[{"type":"string","minLength":1},{"type":"null"}]}},"required":["a"]}""",
        """{"type":"object","properties":{"a":{"anyOf":[{"type":"string","description":"(minLength: 1)"},{"type":"null"}]}},"required":["a"],"additionalProperties":false}""",
        "#/properties/a oneOf Widened; #/properties/a/oneOf/0 minLength Described; # additionalProperties Closed")]
    [InlineData("""{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}},"k":{"enum":["a",1]}},"required":["kids","k"],"additionalProperties":false}""",
        """{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}},"k":{"type":["string","integer"],"enum":["a",1]}},"required":["kids","k"],"additionalProperties":false}""", "")]
    public void OpenAIStrict(string schema, string expected, string report) => Compiles("openai-strict", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"object","title":"T","properties":{"a":{"type":["string","null"],"format":"email"},"kids":{"type":"array","items":{"$ref":"#"}}},"required":["a","kids"],"additionalProperties":false}""",
        """{"type":"object","title":"T","required":["a","kids"],"properties":{"a":{"type":["string","null"],"description":"(format: \"email\")"},"kids":{"type":"array","items":{"$ref":"#"}}},"additionalProperties":false}""",
        "#/properties/a format Described")]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","minimum":1,"default":2},"k":{"const":"x"}},"required":["n","k"]}""",
        """{"type":"object","required":["n","k"],"properties":{"n":{"type":"integer","description":"(minimum: 1, default: 2)"},"k":{"type":"string","enum":["x"]}},"additionalProperties":false}""",
        "#/properties/n minimum Described; # additionalProperties Closed")]
    public void GroqStrict(string schema, string expected, string report) => Compiles("groq-strict", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"object","title":"T","properties":{"a":{"type":["string","null"],"maxLength":3,"description":"d"},"n":{"type":"number","minimum":1,"multipleOf":0.5}},"required":["n"],"additionalProperties":false}""",
        """{"type":"object","required":["n"],"properties":{"a":{"description":"d","anyOf":[{"type":"string","description":"(maxLength: 3)"},{"type":"null"}]},"n":{"type":"number","minimum":1,"multipleOf":0.5}},"additionalProperties":false}""",
        "#/properties/a maxLength Described")]
    [InlineData("""{"type":"object","properties":{"e":{"enum":["a",null]},"m":{"type":["string","integer"]},"l":{"type":"array","items":{"type":"string"},"minItems":1}},"additionalProperties":false}""",
        """{"type":"object","properties":{"e":{"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]},"m":{"anyOf":[{"type":"string"},{"type":"integer"}]},"l":{"type":"array","items":{"type":"string"},"description":"(minItems: 1)"}},"additionalProperties":false}""",
        "#/properties/l minItems Described")]
    [InlineData("""{"type":"object","properties":{"t":{"type":"array","prefixItems":[{"type":"string"}]},"u":{"type":"array","items":[{"$ref":"#/definitions/U"}],"additionalItems":false}},"additionalProperties":false,"definitions":{"U":{"type":"boolean"}}}""",
        """{"type":"object","properties":{"t":{"type":"array","prefixItems":[{"type":"string"}],"items":false},"u":{"type":"array","prefixItems":[{"$ref":"#/$defs/U"}],"items":false}},"additionalProperties":false,"$defs":{"U":{"type":"boolean"}}}""",
        "#/properties/t prefixItems Closed")]
    public void CerebrasStrict(string schema, string expected, string report) => Compiles("cerebras-strict", schema, expected, report);

    [Fact]
    public void CerebrasStrict_HasItsBounds()
    {
        static string Of(int properties, string type = """{"type":"null"}""", string wrap = "{0}")
        {
            var inner = $$"""{"type":"object","properties":{{{string.Join(',', Enumerable.Range(0, properties).Select(i => $"\"{i}\":{type}"))}}},"additionalProperties":false}""";
            return wrap.Replace("{0}", inner, StringComparison.Ordinal);
        }

        static string Nested(int levels) => levels == 1 ? Of(1) : Of(1, Nested(levels - 1));
        static string Choices(int count) => Of(1, $$"""{"type":"integer","enum":[{{string.Join(',', Enumerable.Range(0, count))}}]}""");
        Assert.True(Compile("cerebras-strict", Nested(10)).CanBeSaid);
        Assert.Equal("# depth NotEnforced", Report(Compile("cerebras-strict", Nested(11))));
        Assert.True(Compile("cerebras-strict", Choices(500)).CanBeSaid);
        Assert.Equal("# enum NotEnforced", Report(Compile("cerebras-strict", Choices(501))));
        Assert.True(Compile("cerebras-strict", Of(200)).CanBeSaid);
        Assert.Equal("# length NotEnforced", Report(Compile("cerebras-strict", Of(250))));
        Assert.Equal("# properties NotEnforced", Report(Compile("cerebras-strict", Of(501))));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"free":{"type":"object"},"open":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":true},"map":{"type":"object","additionalProperties":{"type":"integer"}},"any":true}}""",
        """{"type":"object","properties":{"free":{"type":"object","additionalProperties":true},"open":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":true},"map":{"type":"object","additionalProperties":{"type":"integer"}},"any":{}}}""", "")]
    [InlineData("""{"type":"array","items":[{"type":["string","null"],"pattern":"^a$","format":"phone"},{"const":1}],"additionalItems":false,"maxContains":2}""",
        """{"type":"array","prefixItems":[{"type":["string","null"],"pattern":"^a$","format":"phone"},{"type":"integer","const":1}],"items":false,"description":"(maxContains: 2)"}""", "# maxContains Described")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"n":{"$ref":"#/$defs/N","description":"d"}},"$defs":{"A":{"type":"string"},"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}""",
        """{"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"n":{"type":"object","description":"d","properties":{"next":{"type":"object","additionalProperties":true}}}},"$defs":{"A":{"type":"string"}}}""",
        "#/$defs/N/properties/next $ref Cut")]
    [InlineData("""{"type":"object","patternProperties":{"^a":{"type":"string"}},"additionalProperties":false}""", """{"type":"object","additionalProperties":true}""", "# patternProperties Dropped; # additionalProperties Dropped")]
    public void Xai(string schema, string expected, string report) => Compiles("xai", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","minLength":2},"b":{"type":"integer","enum":[1,2]}},"required":["a"],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"string","description":"(minLength: 2)"},"b":{"type":"integer","enum":[1,2]}},"required":["a"]}""", "#/properties/a minLength Described; # additionalProperties Dropped")]
    public void Cohere(string schema, string expected, string report) => Compiles("cohere", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"array"}""", """{"type":"array"}""", "")]
    [InlineData("""{"type":"object","properties":{"p":{"type":"string","pattern":"^a$","minLength":1},"any":{}},"required":["p"]}""",
        """{"type":"object","properties":{"p":{"type":"string","minLength":1,"description":"(pattern: \"^a$\")"},"any":{}},"required":["p"]}""", "#/properties/p pattern Described")]
    public void Ollama(string schema, string expected, string report) => Compiles("ollama", schema, expected, report);

    [Theory]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}""", """{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}""", "")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]},{"$ref":"#/$defs/X"}],"$defs":{"X":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}""",
        """{"type":"object","$defs":{"X":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}},"properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]},"b":{"type":"string"}},"required":["a"]}""",
        "# oneOf Widened")]
    public void AnthropicInput(string schema, string expected, string report) => Compiles("anthropic-input", schema, expected, report);

    [Theory]
    [InlineData("openai-strict", """{"type":"object","properties":{"a":{"type":"string"}}}""", "#/properties/a required NotEnforced")]
    [InlineData("openai-strict", """{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}},"required":["m"]}""", "#/properties/m additionalProperties NotEnforced")]
    [InlineData("openai-strict", """{"anyOf":[{"type":"object","properties":{}}]}""", "# anyOf NotEnforced")]
    [InlineData("openai-strict", """{"type":"object","properties":{"a":{}},"required":["a"]}""", "#/properties/a type NotEnforced")]
    [InlineData("openai-strict", """{"type":"array","items":{"type":"string"}}""", "# type NotEnforced")]
    [InlineData("groq-strict", """{"type":"object","properties":{"a":{"type":"string"}}}""", "#/properties/a required NotEnforced")]
    [InlineData("groq-strict", """{"type":"object","properties":{"a":{"type":"object"}},"required":["a"]}""", "#/properties/a additionalProperties NotEnforced")]
    [InlineData("cerebras-strict", """{"type":"object","properties":{"self":{"$ref":"#"}}}""", "#/properties/self $ref NotEnforced")]
    [InlineData("cerebras-strict", """{"type":"object","properties":{"l":{"type":"array"}}}""", "#/properties/l/items type NotEnforced")]
    [InlineData("anthropic-enforced", """{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}""", "#/properties/next $ref NotEnforced")]
    [InlineData("anthropic-enforced", """{"type":"object","properties":{"self":{"$ref":"#"}}}""", "#/properties/self $ref NotEnforced")]
    [InlineData("anthropic-enforced", """{"type":"object","properties":{"map":{"type":"object","patternProperties":{"a":{"type":"string"}}}}}""", "#/properties/map patternProperties NotEnforced")]
    [InlineData("anthropic-enforced", """{"type":"object","properties":{"a":{"type":"string"}},"required":["b"]}""", "# required NotEnforced")]
    [InlineData("cohere", """{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]}},"required":["a"]}""", "#/properties/a anyOf NotEnforced")]
    [InlineData("cohere", """{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"]}""", "#/properties/a null NotEnforced")]
    [InlineData("cohere", """{"type":"object","properties":{"a":{"type":"string"}}}""", "# required NotEnforced")]
    public void WhatASubsetCannotSay_IsNotEnforced(string subset, string schema, string report)
    {
        var compiled = Compile(subset, schema);
        Assert.False(compiled.CanBeSaid);
        Assert.Null(compiled.Fault);
        Assert.Equal(report, Report(compiled));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"any"}},"required":["a"],"additionalProperties":false}""", "#/properties/a/type must be one of")]
    [InlineData("""{"type":5}""", "#/type must be a type")]
    [InlineData("""{"type":"object","properties":[1]}""", "#/properties must be an object")]
    [InlineData("""{"type":"object","properties":{"a":5},"required":["a"],"additionalProperties":false}""", "#/properties/a must be a schema")]
    [InlineData("""{"type":"object","properties":{"a":{"enum":[]}},"required":["a"],"additionalProperties":false}""", "#/properties/a/enum must be a list of values")]
    [InlineData("""{"type":"object","properties":{"a":{"anyOf":[]}},"required":["a"],"additionalProperties":false}""", "#/properties/a/anyOf must be a list of schemas")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"https://example.com/x"}},"required":["a"],"additionalProperties":false}""", "#/properties/a/$ref leads nowhere")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref leads nowhere")]
    public void WhatIsNoSchema_IsAFault_WithItsPlace(string schema, string fault)
    {
        foreach (var (name, subset) in SchemaSubsets.All)
        {
            if (subset.Root == RootForm.FlatObject)
                continue; // taken as it comes, and refused by the provider
            var compiled = SchemaCompiler.Compile(Parsed(schema), subset);
            Assert.StartsWith(fault, compiled.Fault, StringComparison.Ordinal);
            Assert.False(compiled.CanBeSaid, name);
            Assert.Equal("tools.f", compiled.Error(SchemaReport.Tool("f"))!.Param);
        }
    }

    [Fact]
    public void SchemasThatMultiply_AreCutInTime()
    {
        // Each definition names the next one ten times: a billion parts when inlined.
        var definitions = string.Join(',', Enumerable.Range(0, 9).Select(i =>
            $"\"D{i}\":{{\"type\":\"object\",\"properties\":{{{string.Join(',', Enumerable.Range(0, 10).Select(j => $"\"p{j}\":{{\"$ref\":\"#/$defs/D{i + 1}\"}}"))}}}}}"));
        var all = $"{{\"allOf\":[{string.Join(',', Enumerable.Repeat("{\"$ref\":\"#/$defs/A\"}", 30))}]}}";
        var schema = $"{{\"type\":\"object\",\"properties\":{{\"x\":{{\"$ref\":\"#/$defs/D0\"}},\"y\":{{\"$ref\":\"#/$defs/A\"}}}},\"$defs\":{{{definitions},\"D9\":{{\"type\":\"string\"}},\"A\":{all}}}}}";
        foreach (var name in SchemaSubsets.All.Keys)
        {
            var clock = Stopwatch.StartNew();
            var compiled = Compile(name, schema);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), name);
            Assert.True(compiled.Json.Length < 4_500_000, name);
        }

        Assert.Contains(Compile("gemini-schema", schema).Changes, static change => change.Kind == SchemaChangeKind.Cut);
    }

    [Fact]
    public void SchemasThatNameEachOther_AreJudgedInTime()
    {
        var definitions = string.Join(',', Enumerable.Range(0, 30).Select(i =>
            $"\"D{i}\":{{\"type\":\"object\",\"properties\":{{\"a\":{{\"$ref\":\"#/$defs/D{i + 1}\"}},\"b\":{{\"$ref\":\"#/$defs/D{i + 1}\"}}}}}}"));
        Assert.True(Compile("anthropic-enforced", $"{{\"type\":\"object\",\"properties\":{{\"x\":{{\"$ref\":\"#/$defs/D0\"}}}},\"$defs\":{{{definitions},\"D30\":{{\"type\":\"string\"}}}}}}").CanBeSaid);
    }

    [Theory]
    [InlineData("gemini-json-schema", true)]
    [InlineData("anthropic-enforced", false)]
    public void MoreReferencesThanAreFollowed_CutTheSchema(string subset, bool isSaid)
    {
        var schema = new StringBuilder("""{"type":"object","properties":{""");
        for (var i = 0; i < 1_200; i++)
            schema.Append(i == 0 ? "" : ",").Append($"\"p{i}\":{{\"$ref\":\"#/$defs/d{i}\"}}");
        schema.Append("},\"$defs\":{");
        for (var i = 0; i < 1_200; i++)
            schema.Append(i == 0 ? "" : ",").Append($"\"d{i}\":{{\"type\":\"string\"}}");
        var compiled = Compile(subset, schema.Append("}}").ToString());
        Assert.Equal(isSaid, compiled.CanBeSaid);
        Assert.Equal(isSaid ? "# $ref Cut" : "# $ref NotEnforced", Report(compiled));
    }
}
