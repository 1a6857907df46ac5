using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Tests.Json.Schemas;

/// <summary>
/// What holds for every schema and every subset. As many rounds as <c>FAIRLEAD_TEST_FUZZ_ROUNDS</c> says (default 150); a failing round prints its seed.
/// </summary>
public sealed class SchemaCompilerProperties
{
    private static readonly string[] Splices =
        ["null", "true", "-1", "1e999", "\"\"", "\"\\ud800\"", "[]", "{}", "\"type\":5,", "\"$ref\":\"#\",", "\"allOf\":[],", "\"anyOf\":[true,false],", "\"enum\":[null],", "\"items\":[{},{}],", "\"required\":true,"];

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 200 };

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_FUZZ_ROUNDS"), out var asked) ? asked : 150;

    public static TheoryData<string> Subsets => [.. SchemaSubsets.All.Keys];

    [Theory]
    [MemberData(nameof(Subsets))]
    public void WhatFitsTheOriginal_FitsWhatIsSent_InWordsTheSubsetKnows(string name)
    {
        var subset = SchemaSubsets.All[name];
        var (said, tried) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var sample = new SampleSchemas(new Random(round)).Next();
            using var original = JsonDocument.Parse(sample.Schema.ToJsonString());
            var compiled = SchemaCompiler.Compile(original.RootElement, subset);
            Assert.True(compiled.Fault is null, $"round {round}: {compiled.Fault}\n{sample.Schema}");
            if (!compiled.CanBeSaid)
            {
                Assert.NotEmpty(compiled.Changes);
                continue;
            }

            said++;
            var sent = JsonNode.Parse(compiled.Json.Span, documentOptions: Deep)!.AsObject();
            var context = $"{name}, round {round}\n{sample.Schema.ToJsonString()}\n{sent.ToJsonString()}\n";
            if (subset.Root != RootForm.FlatObject)
                Each(sent, isRoot: true, (node, isRoot) => AssertKnown(node, isRoot, subset, context));
            using var check = JsonDocument.Parse(WithoutNullable(sent)!.ToJsonString(), Deep);
            for (var i = 0; i < 3; i++)
            {
                using var value = JsonDocument.Parse(sample.Value(3)?.ToJsonString() ?? "null");
                if (SchemaCheck.FirstFault(original.RootElement, value.RootElement) is not null || (subset.Root == RootForm.FlatObject && value.RootElement.ValueKind != JsonValueKind.Object))
                    continue;
                // Lists in lists are what the union of all types leaves out.
                if (subset.Any == AnyForm.Union && value.RootElement.GetRawText().Contains("[[", StringComparison.Ordinal))
                    continue;
                tried++;
                var fault = SchemaCheck.FirstFault(check.RootElement, value.RootElement);
                Assert.True(fault is null, $"{context}{value.RootElement.GetRawText()}\n{fault}");
            }
        }

        // Most random schemas are beyond the subsets that say all or nothing.
        Assert.True(said >= Rounds / 100 && tried >= said, $"{said} of {Rounds} said, {tried} values");
    }

    [Theory]
    [MemberData(nameof(Subsets))]
    public void BrokenSchemas_NeverThrow(string name)
    {
        var subset = SchemaSubsets.All[name];
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            var schema = Encoding.UTF8.GetBytes(new SampleSchemas(random).Next().Schema.ToJsonString());
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                schema = Mutate(schema, random);
            using var document = Fairlead.Protocols.Json.JsonReading.TryParse(schema);
            if (document is not { RootElement.ValueKind: JsonValueKind.Object })
                continue;
            try
            {
                var compiled = SchemaCompiler.Compile(document.RootElement, subset);
                if (compiled.CanBeSaid)
                    Assert.NotNull(JsonNode.Parse(compiled.Json.Span, documentOptions: Deep));
                else
                    Assert.True(compiled.Fault is not null || compiled.Changes.Count > 0);
                SchemaCheck.FirstFault(document.RootElement, document.RootElement);
            }
            catch (Exception wrong)
            {
                Assert.Fail($"{name}, round {round}: {wrong}\n{Encoding.UTF8.GetString(schema)}");
            }
        }
    }

    private static byte[] Mutate(byte[] schema, Random random)
    {
        var at = random.Next(schema.Length);
        return random.Next(3) switch
        {
            // Between tokens, so that what comes out is JSON more often than not.
            0 when schema.AsSpan(at).IndexOfAny((byte)'{', (byte)',') is >= 0 and var next =>
                [.. schema[..(at + next + 1)], .. Encoding.UTF8.GetBytes(Splices[random.Next(Splices.Length)]), .. schema[(at + next + 1)..]],
            1 when schema.AsSpan(at).IndexOf((byte)':') is >= 0 and var colon && schema.AsSpan(at + colon).IndexOfAny((byte)',', (byte)'}') is > 0 and var end =>
                [.. schema[..(at + colon + 1)], .. Encoding.UTF8.GetBytes(Splices[random.Next(8)]), .. schema[(at + colon + end)..]],
            _ => [.. schema[..at], (byte)random.Next(32, 127), .. schema[(at + 1)..]],
        };
    }

    private static void AssertKnown(JsonObject node, bool isRoot, SchemaSubset subset, string context)
    {
        foreach (var (keyword, _) in node)
        {
            var known = subset.Keywords.Contains(keyword) || keyword switch
            {
                "type" or "description" or "enum" or "properties" or "required" or "items" or "format" => true,
                "anyOf" => subset.Unions,
                "nullable" => subset.Null == NullForm.Member,
                "additionalProperties" => subset.Closed,
                "$ref" => subset.References != ReferenceForm.Inlined,
                "$defs" => subset.References != ReferenceForm.Inlined && isRoot,
                _ => false,
            };
            Assert.True(known, context + keyword);
        }

        var isObject = (string?)(node["type"] as JsonValue) is "object" || node.ContainsKey("properties");
        if (node["format"] is { } format)
            Assert.True(subset.Formats?.Contains((string)format!) != false, context + format);
        if (isObject && subset.Closed)
            Assert.True((bool?)node["additionalProperties"] == false, context + "open");
        if (isObject && subset.AllRequired)
            Assert.True(node["properties"]!.AsObject().Count == node["required"]!.AsArray().Count, context + "optional");
        if (node.ContainsKey("$ref") && subset.LoneReferences)
            Assert.True(node.All(member => member.Key.StartsWith('$')), context + "not alone");
        if (subset.TypeRequired)
            Assert.True(node.ContainsKey("type") || node.ContainsKey("anyOf") || node.ContainsKey("$ref"), context + "no type");
        if (subset.ItemsRequired && (string?)(node["type"] as JsonValue) is "array")
            Assert.True(node.ContainsKey("items"), context + "no items");
        if (!subset.TypeLists)
            Assert.True(node["type"] is not JsonArray, context + "types");
        if (subset.Choices == ChoiceKinds.Strings)
            Assert.True(node["enum"]?.AsArray().All(static choice => choice!.GetValueKind() == JsonValueKind.String) != false, context + "choices");
    }

    /// <summary>Visits every schema, not the names of properties or definitions.</summary>
    private static void Each(JsonObject schema, bool isRoot, Action<JsonObject, bool> visit)
    {
        visit(schema, isRoot);
        foreach (var (name, value) in schema)
        {
            switch (name)
            {
                case "properties" or "$defs":
                    foreach (var (_, inner) in value!.AsObject())
                        Each(inner!.AsObject(), false, visit);
                    break;
                case "items" or "additionalProperties" when value is JsonObject inner:
                    Each(inner, false, visit);
                    break;
                case "anyOf" or "prefixItems":
                    foreach (var branch in value!.AsArray())
                        Each(branch!.AsObject(), false, visit);
                    break;
            }
        }
    }

    /// <summary>What a member <c>nullable</c> means, in JSON Schema.</summary>
    private static JsonNode? WithoutNullable(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(WithoutNullable)]);
            case JsonObject schema:
                var copy = new JsonObject();
                foreach (var (name, value) in schema)
                {
                    if (name != "nullable" || value is not JsonValue)
                        copy[name] = WithoutNullable(value);
                }

                return schema["nullable"] is JsonValue flag && flag.GetValueKind() == JsonValueKind.True ? new JsonObject { ["anyOf"] = new JsonArray(copy, JsonNode.Parse("""{"type":"null"}""")) } : copy;
            default:
                return node?.DeepClone();
        }
    }
}
