using System.Text.Json;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Which schemas the vendor can enforce.</summary>
internal static class AnthropicSchemaCheck
{
    /// <summary>True for objects with named properties, without recursion, with references only to their own definitions.</summary>
    public static bool CanEnforce(JsonElement schema) => IsObject(schema) && Closed(schema) && !SchemaReferences.AreRecursive(schema);

    /// <summary>The schema describes objects.</summary>
    public static bool IsObject(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && (schema.Text("type"u8) == "object" || schema.Member("properties"u8) is not null
            || (schema.Member("type"u8) is { ValueKind: JsonValueKind.Array } types
                && types.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.String && t.Decode() == "object")));

    // Objects used as maps and values of any type cannot be said in the subset.
    private static bool Closed(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return false;
        var composed = schema.Member("anyOf"u8) is not null || schema.Member("oneOf"u8) is not null
            || schema.Member("allOf"u8) is not null || schema.Member("$ref"u8) is not null;
        var typed = schema.Member("type"u8) is not null || schema.Member("enum"u8) is not null
            || schema.Member("const"u8) is not null || schema.Member("properties"u8) is not null;
        if (!composed && !typed)
            return false;
        var named = schema.Member("properties"u8) is { ValueKind: JsonValueKind.Object } own && own.EnumerateObject().Any();
        if (IsObject(schema) && !composed && !named && schema.Member("additionalProperties"u8) is not { ValueKind: JsonValueKind.False })
            return false;
        foreach (var member in schema.EnumerateObject())
        {
            var closed = member.Label() switch
            {
                "properties" or "$defs" or "definitions" => member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().All(p => Closed(p.Value)),
                "items" => Closed(member.Value),
                "anyOf" or "oneOf" or "allOf" => member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(Closed),
                "$ref" => member.Value.ValueKind == JsonValueKind.String && IsOwnDefinition(member.Value.Decode()),
                "prefixItems" or "patternProperties" or "not" or "if" => false,
                _ => true,
            };
            if (!closed)
                return false;
        }
        return true;
    }

    private static bool IsOwnDefinition(string reference) =>
        reference.StartsWith("#/$defs/", StringComparison.Ordinal) || reference.StartsWith("#/definitions/", StringComparison.Ordinal);
}
