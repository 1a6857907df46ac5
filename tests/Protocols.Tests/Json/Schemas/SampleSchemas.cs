using System.Text.Json.Nodes;

namespace Fairlead.Protocols.Tests.Json.Schemas;

/// <summary>Random JSON Schemas, each with a way to make values that are meant to fit it.</summary>
internal sealed class SampleSchemas(Random random)
{
    private const int Definitions = 3;

    private readonly List<Sample> definitions = [];

    /// <summary>A schema and values for it. <see cref="Value"/> takes the levels that are left for values that call themselves.</summary>
    internal sealed record Sample(JsonObject Schema, Func<int, JsonNode?> Value);

    /// <summary>A whole schema, with definitions.</summary>
    public Sample Next()
    {
        for (var i = 0; i < Definitions; i++)
            definitions.Add(Any(2));
        var root = random.Next(4) == 0 ? Any(3) : Object(3);
        var named = new JsonObject();
        for (var i = 0; i < Definitions; i++)
            named["D" + i] = definitions[i].Schema.DeepClone();
        var schema = (JsonObject)root.Schema.DeepClone();
        schema["$defs"] = named;
        return root with { Schema = schema };
    }

    private Sample Any(int depth)
    {
        var sample = random.Next(depth == 0 ? 7 : 16) switch
        {
            0 => Text(),
            1 => Number(),
            2 => new Sample(new JsonObject { ["type"] = "boolean" }, _ => JsonValue.Create(random.Next(2) == 0)),
            3 => Choice(),
            4 => Listed("""{"type":["integer","null"],"minimum":1}""", "1", "7", "null"),
            5 => Listed("""{"type":"integer","not":{"const":3},"if":{"minimum":9},"then":{"multipleOf":2}}""", "1", "10"),
            6 => Reference(),
            7 or 8 => Object(depth - 1),
            9 => List(depth - 1),
            10 => Tuple(depth - 1),
            11 => Map(depth - 1),
            12 => Union(depth - 1, "anyOf"),
            13 => Union(depth - 1, "oneOf"),
            14 => All(depth - 1),
            _ => EitherRequired(),
        };
        if (random.Next(4) == 0)
            sample.Schema["description"] = "d";
        if (random.Next(8) == 0)
            sample.Schema["x-own"] = 1;
        return sample;
    }

    private Sample Text() => random.Next(4) switch
    {
        0 => Listed("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\"", "\"abc\""),
        1 => Listed("""{"type":"string","pattern":"^[a-z]+$","default":"q"}""", "\"xyz\""),
        2 => Listed("""{"type":"string","format":"uuid","title":"t"}""", "\"0d1f7a6e-6f0e-4d0c-9f5e-0a3f5a1c2b3d\""),
        _ => Listed("""{"type":"string"}""", "\"\"", "\"any\""),
    };

    private Sample Number() => random.Next(3) switch
    {
        0 => Listed("""{"type":"integer","minimum":1,"maximum":9,"multipleOf":3}""", "3", "9"),
        1 => Listed("""{"type":"number","exclusiveMinimum":0,"maximum":2.5}""", "0.5", "2.5"),
        _ => Listed("""{"type":["string","number"],"minimum":1,"minLength":1}""", "1", "\"a\""),
    };

    private Sample Choice() => random.Next(6) switch
    {
        0 => Listed("""{"enum":["a","b"]}""", "\"a\"", "\"b\""),
        1 => Listed("""{"type":"integer","enum":[1,2]}""", "1", "2"),
        2 => Listed("""{"enum":[1,"a",null,true,1.5]}""", "1", "\"a\"", "null", "true", "1.5"),
        3 => Listed("""{"const":false}""", "false"),
        4 => Listed("""{"const":"x"}""", "\"x\""),
        _ => Listed("""{"type":["string","null"],"enum":["a",null]}""", "\"a\"", "null"),
    };

    private Sample Listed(string schema, params string[] values) =>
        new(JsonNode.Parse(schema)!.AsObject(), _ => JsonNode.Parse(values[random.Next(values.Length)]));

    private Sample Reference()
    {
        var index = random.Next(Definitions);
        var schema = new JsonObject { ["$ref"] = "#/$defs/D" + index };
        if (random.Next(4) == 0)
            schema["minProperties"] = 0;
        // Nothing fits for certain once the levels are used up: the check of the original decides.
        return new Sample(schema, levels => levels <= 0 ? new JsonObject() : definitions[index].Value(levels - 1));
    }

    private Sample Object(int depth)
    {
        var names = (string[])["a", "type", "b/c", "$ref"];
        var members = names[..random.Next(1, names.Length)].Select(name => (Name: name, Sample: Any(depth), Required: random.Next(3) > 0)).ToList();
        var schema = new JsonObject { ["type"] = "object" };
        var properties = new JsonObject();
        foreach (var member in members)
            properties[member.Name] = member.Sample.Schema;
        schema["properties"] = properties;
        schema["required"] = new JsonArray([.. members.Where(static one => one.Required).Select(static one => (JsonNode)one.Name)]);
        if (random.Next(3) > 0)
            schema["additionalProperties"] = false;
        return new Sample(schema, levels =>
        {
            var value = new JsonObject();
            foreach (var member in members.Where(one => one.Required || (levels > 0 && random.Next(2) == 0)))
                value[member.Name] = member.Sample.Value(levels);
            return value;
        });
    }

    private Sample List(int depth)
    {
        var item = Any(depth);
        var least = random.Next(3);
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.Schema, ["minItems"] = least, ["maxItems"] = 3 };
        return new Sample(schema, levels => new JsonArray([.. Enumerable.Range(0, Math.Max(least, levels > 0 ? random.Next(3) : 0)).Select(_ => item.Value(levels))]));
    }

    private Sample Tuple(int depth)
    {
        var (first, second) = (Any(depth), Any(depth));
        var schema = new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray(first.Schema, second.Schema) };
        if (random.Next(2) == 0)
            schema["items"] = false;
        return new Sample(schema, levels => new JsonArray(first.Value(levels), second.Value(levels)));
    }

    private Sample Map(int depth)
    {
        var value = Any(depth);
        var schema = random.Next(2) == 0
            ? new JsonObject { ["type"] = "object", ["additionalProperties"] = value.Schema }
            : new JsonObject { ["type"] = "object", ["patternProperties"] = new JsonObject { ["^m"] = value.Schema }, ["additionalProperties"] = false };
        return new Sample(schema, levels => new JsonObject { ["m1"] = value.Value(levels), ["m2"] = value.Value(levels) });
    }

    private Sample Union(int depth, string keyword)
    {
        var branches = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Any(depth)).ToList();
        if (random.Next(2) == 0)
            branches.Add(Listed("""{"type":"null"}""", "null"));
        var schema = new JsonObject { [keyword] = new JsonArray([.. branches.Select(static branch => (JsonNode)branch.Schema)]) };
        return new Sample(schema, levels => branches[random.Next(branches.Count)].Value(levels));
    }

    private Sample All(int depth)
    {
        var inner = Any(depth);
        var schema = new JsonObject
        {
            ["allOf"] = new JsonArray(
                new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["p"] = inner.Schema }, ["required"] = new JsonArray("p") },
                JsonNode.Parse("""{"properties":{"q":{"type":"integer"},"r":{"type":"string","maxLength":5}},"required":["q"]}"""),
                JsonNode.Parse("""{"properties":{"r":{"minLength":1}}}""")),
        };
        return new Sample(schema, levels => new JsonObject { ["p"] = inner.Value(levels), ["q"] = 1, ["r"] = "rr" });
    }

    private Sample EitherRequired() => Listed(
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"anyOf":[{"required":["a"]},{"required":["b"],"properties":{"b":{"minimum":2}}}],"additionalProperties":false}""",
        """{"a":"x"}""", """{"b":3}""", """{"a":"x","b":3}""");
}
