using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Contract;

/// <summary>Checks a value against a schema of the published contract, opened as its README says.</summary>
internal static class SchemaCheck
{
    /// <summary>What does not fit, each with its path; empty when all does.</summary>
    public static IReadOnlyList<string> Faults(JsonNode? value, JsonObject schema)
    {
        var faults = new List<string>();
        Check(value, schema, "$", faults);
        return faults;
    }

    /// <summary>Every place the check is laxer than the text, in the words of <c>opened.txt</c>.</summary>
    public static IEnumerable<string> Opened(JsonObject schema, string place)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        Walk(schema, place, found, []);
        return found;
    }

    private static void Check(JsonNode? value, JsonObject written, string path, List<string> faults)
    {
        var schema = PublishedContract.Resolve(written, out _);
        if (value is null)
        {
            if (!AllowsNull(schema))
                faults.Add($"{path} is null");
            return;
        }

        foreach (var part in Schemas(schema, "allOf"))
            Check(value, part, path, faults);
        foreach (var word in new[] { "anyOf", "oneOf" })
        {
            var choices = Schemas(schema, word).ToArray();
            if (choices.Length > 0 && choices.All(choice => Faults(value, choice).Count > 0))
                faults.Add($"{path} fits none of {choices.Length} forms: {string.Join("; ", choices.SelectMany(choice => Faults(value, choice)))}");
        }

        if (schema["const"] is { } constant && !JsonNode.DeepEquals(constant, value))
            faults.Add($"{path} is not {constant.ToJsonString()}");
        if (schema["enum"] is JsonArray { Count: 1 } only && !JsonNode.DeepEquals(only[0], value))
            faults.Add($"{path} is not {only[0]!.ToJsonString()}");
        if ((string?)schema["type"] is { } type && !IsOf(type, value))
            faults.Add($"{path} is {value.GetValueKind()}, not {type}");
        else if (value is JsonObject members)
            CheckMembers(members, schema, path, faults);
        else if (value is JsonArray items && schema["items"] is JsonObject item)
            for (var i = 0; i < items.Count; i++)
                Check(items[i], item, $"{path}[{i}]", faults);
    }

    private static void CheckMembers(JsonObject members, JsonObject schema, string path, List<string> faults)
    {
        foreach (var required in schema["required"] as JsonArray ?? [])
        {
            if (!members.ContainsKey((string)required!))
                faults.Add($"{path}.{required} is missing");
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (members.TryGetPropertyValue(name, out var value))
                Check(value, property!.AsObject(), $"{path}.{name}", faults);
        }
    }

    private static bool AllowsNull(JsonObject written)
    {
        var schema = PublishedContract.Resolve(written, out _);
        return (bool?)schema["nullable"] == true || (string?)schema["type"] == "null" || schema.Count == 0
            || Schemas(schema, "anyOf").Concat(Schemas(schema, "oneOf")).Concat(Schemas(schema, "allOf")).Any(AllowsNull);
    }

    private static bool IsOf(string type, JsonNode value) => (type, value.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger(value.GetValue<decimal>()),
        _ => false,
    };

    private static IEnumerable<JsonObject> Schemas(JsonObject schema, string word) => (schema[word] as JsonArray ?? []).Select(one => one!.AsObject());

    private static void Walk(JsonObject written, string place, SortedSet<string> found, HashSet<string> seen)
    {
        var schema = PublishedContract.Resolve(written, out var name);
        if (name is not null && !seen.Add(name))
            return;
        place = name ?? place;
        if (schema["additionalProperties"] is JsonValue flag && flag.GetValueKind() == JsonValueKind.False)
            found.Add($"{place}: further members");
        if (schema["enum"] is JsonArray { Count: > 1 })
            found.Add($"{place}: further values");
        foreach (var (member, property) in schema["properties"] as JsonObject ?? [])
            Walk(property!.AsObject(), $"{place}.{member}", found, seen);
        if (schema["items"] is JsonObject item)
            Walk(item, $"{place}[]", found, seen);
        foreach (var word in new[] { "allOf", "anyOf", "oneOf" })
            foreach (var part in Schemas(schema, word))
                Walk(part, place, found, seen);
    }
}
