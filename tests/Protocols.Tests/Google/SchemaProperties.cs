using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Protocols.Tests.Google;

/// <summary>Whatever JSON Schema a caller sends, what goes out holds only what the provider's subset knows.</summary>
public class SchemaProperties
{
    private static readonly HashSet<string> GeminiKnows = new(StringComparer.Ordinal)
    {
        "type", "format", "title", "description", "nullable", "enum", "properties", "required", "items", "anyOf", "minimum", "maximum", "minItems", "maxItems",
        "minLength", "maxLength", "minProperties", "maxProperties", "pattern",
    };

    private static readonly HashSet<string> AnthropicKnows = new(StringComparer.Ordinal)
    {
        "type", "format", "title", "description", "enum", "const", "default", "properties", "required", "items", "anyOf", "allOf", "$ref", "$defs", "definitions",
        "minItems", "additionalProperties",
    };

    [Fact]
    public void Reduced_HoldsOnlyWhatGeminiKnows() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Schemas().ToArbitrary(), schema =>
    {
        var reduced = Write(schema, static (writer, parsed) => GeminiSchema.Write(writer, parsed));
        Each(reduced, node =>
        {
            Assert.All(node, member => Assert.Contains(member.Key, GeminiKnows));
            Assert.True(node.ContainsKey("anyOf") || node["type"] is JsonValue);
            Assert.True((string?)node["type"] != "array" || node.ContainsKey("items"));
            Assert.All(node["enum"]?.AsArray() ?? [], choice => Assert.Equal(JsonValueKind.String, choice!.GetValueKind()));
        });
    }));

    [Fact]
    public void Enforced_HoldsOnlyWhatAnthropicKnows_AndClosesEveryObject() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Schemas().ToArbitrary(), schema =>
    {
        using var document = JsonDocument.Parse(schema);
        if (!AnthropicSchemaCheck.CanEnforce(document.RootElement))
            return;
        Each(Write(schema, AnthropicSchema.WriteEnforced), node =>
        {
            Assert.All(node, member => Assert.Contains(member.Key, AnthropicKnows));
            if (node.ContainsKey("properties") || (node["type"] is JsonValue type && (string?)type == "object"))
                Assert.False((bool)node["additionalProperties"]!);
        });
    }));

    private static JsonObject Write(string schema, Action<Utf8JsonWriter, JsonElement> write)
    {
        using var document = JsonDocument.Parse(schema);
        var output = new ArrayBufferWriter<byte>();
        using (var writer = JsonWriting.Create(output))
            write(writer, document.RootElement);
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    /// <summary>Visits every schema, not the names of properties or definitions.</summary>
    private static void Each(JsonObject schema, Action<JsonObject> visit)
    {
        visit(schema);
        foreach (var (name, value) in schema)
        {
            switch (name)
            {
                case "properties" or "$defs" or "definitions":
                    foreach (var (_, inner) in value!.AsObject())
                        Each(inner!.AsObject(), visit);
                    break;
                case "items":
                    Each(value!.AsObject(), visit);
                    break;
                case "anyOf" or "allOf":
                    foreach (var branch in value!.AsArray())
                        Each(branch!.AsObject(), visit);
                    break;
            }
        }
    }

    private static Gen<string> Schemas() =>
        from body in Schema(3)
        from definition in Schema(2)
        select body.Insert(1, $"\"$defs\":{{\"D\":{definition}}},");

    private static Gen<string> Schema(int depth)
    {
        var leaves = Gen.Elements(
            """{"type":"string","format":"email","minLength":2}""", """{"type":["integer","null"],"minimum":1,"multipleOf":2}""", """{"enum":[1,"a",null]}""", """{"const":"x"}""",
            """{"type":"boolean","default":true,"examples":[false]}""", """{"type":"number","exclusiveMinimum":0,"not":{"const":3}}""", """{"description":"anything"}""",
            """{"type":"object","additionalProperties":{"type":"string"}}""", """{"type":"array","minItems":1,"uniqueItems":true}""", """{"type":"string","enum":["a","b"],"x-own":1}""", """{"type":"string","bad\ud800":1}""",
            """{"type":"object","properties":{"lone\udc00":{"type":"string"} },"required":["lone\udc00"],"additionalProperties":false}""");
        if (depth == 0)
            return leaves;
        var inner = Schema(depth - 1);
        return Gen.OneOf(
            leaves,
            Gen.Constant("""{"$ref":"#/$defs/D"}"""),
            from a in inner from b in inner select $$"""{"type":"object","properties":{"a":{{a}},"type":{{b}} },"required":["a"],"additionalProperties":false,"patternProperties":{"x":{{a}} } }""",
            from a in inner from b in inner select $$"""{"anyOf":[{{a}},{{b}},{"type":"null"}],"description":"d"}""",
            from a in inner from b in inner select $$"""{"oneOf":[{{a}},{{b}}]}""",
            from a in inner from b in inner select $$"""{"allOf":[{{a}},{{b}}]}""",
            from a in inner select $$"""{"type":"array","items":{{a}},"maxItems":9}""",
            from a in inner select $$"""{"type":["object","string"],"properties":{"a":{{a}} } }""");
    }
}
