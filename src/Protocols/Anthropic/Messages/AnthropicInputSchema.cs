using System.Text.Json;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>A tool's <c>input_schema</c>, which the vendor takes in full except at its root.</summary>
internal static class AnthropicInputSchema
{
    /// <summary>Writes a tool's <c>input_schema</c>: an object at the root, without unions there.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement? parameters)
    {
        if (parameters is not { ValueKind: JsonValueKind.Object } schema)
        {
            writer.WriteParameters(null);
            return;
        }
        var unions = schema.Member("anyOf"u8) ?? schema.Member("oneOf"u8) ?? schema.Member("allOf"u8);
        if (unions is null && schema.Text("type"u8) == "object")
        {
            writer.WriteAsIs(schema);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        foreach (var member in schema.EnumerateObject())
        {
            if (member.Label() is "type" or "anyOf" or "oneOf" or "allOf" || (unions is not null && member.Label() is "properties" or "required"))
                continue;
            writer.WritePropertyName(member.Label());
            writer.WriteAsIs(member.Value);
        }
        if (unions is not null)
            WriteMerged(writer, schema);
        writer.WriteEndObject();
    }

    // A union at the root is refused: every branch's properties are offered, and only what all branches require is required.
    private static void WriteMerged(Utf8JsonWriter writer, JsonElement schema)
    {
        var properties = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var required = new List<string>(Required(schema));
        Gather(schema, properties);
        foreach (var branch in schema.Items("allOf"u8))
        {
            var resolved = Resolve(schema, branch);
            Gather(resolved, properties);
            required.AddRange(Required(resolved));
        }
        foreach (var union in new[] { schema.Items("anyOf"u8), schema.Items("oneOf"u8) })
        {
            HashSet<string>? common = null;
            foreach (var branch in union)
            {
                var resolved = Resolve(schema, branch);
                Gather(resolved, properties);
                if (common is null)
                    common = [.. Required(resolved)];
                else
                    common.IntersectWith(Required(resolved));
            }
            required.AddRange(common ?? []);
        }
        writer.WriteStartObject("properties"u8);
        foreach (var (name, value) in properties)
        {
            writer.WritePropertyName(name);
            writer.WriteAsIs(value);
        }
        writer.WriteEndObject();
        writer.WriteStartArray("required"u8);
        foreach (var name in required.Distinct(StringComparer.Ordinal))
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }

    private static void Gather(JsonElement schema, Dictionary<string, JsonElement> properties)
    {
        if (schema.Member("properties"u8) is not { ValueKind: JsonValueKind.Object } own)
            return;
        foreach (var property in own.EnumerateObject())
            properties.TryAdd(property.Label(), property.Value);
    }

    private static IEnumerable<string> Required(JsonElement schema)
    {
        foreach (var name in schema.Items("required"u8))
        {
            if (name.ValueKind == JsonValueKind.String)
                yield return name.Decode();
        }
    }

    private static JsonElement Resolve(JsonElement root, JsonElement branch) =>
        branch.Text("$ref"u8) is { } reference && SchemaReferences.Find(root, reference) is { } definition ? definition : branch;
}
