using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// JSON Schemas the vendor enforces (structured output, strict tools; providers contract §5.2). They know a subset: limits outside it are told to the
/// model in the description instead, and what cannot be said at all (<see cref="AnthropicSchemaCheck"/>) is not enforced.
/// </summary>
internal static class AnthropicSchema
{
    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "type", "required", "enum", "const", "$ref", "title", "default",
    };

    private static readonly HashSet<string> Formats = new(StringComparer.Ordinal)
    {
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    };

    // Limits the vendor's grammar does not enforce but a model can read.
    private static readonly HashSet<string> Told = new(StringComparer.Ordinal)
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "format",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    };

    /// <summary>Writes a schema in the enforced subset.</summary>
    public static void WriteEnforced(Utf8JsonWriter writer, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            writer.WriteAsIs(schema);
            return;
        }
        writer.WriteStartObject();
        List<string>? told = null;
        string? description = null;
        foreach (var member in schema.EnumerateObject())
        {
            switch (member.Label())
            {
                case "description":
                    description = schema.Text("description"u8);
                    break;
                case "properties" or "$defs" or "definitions":
                    WriteEach(writer, member.Label(), member.Value);
                    break;
                case "items" when member.Value.ValueKind == JsonValueKind.Object:
                    writer.WritePropertyName("items"u8);
                    WriteEnforced(writer, member.Value);
                    break;
                case "anyOf" or "allOf" or "oneOf" when member.Value.ValueKind == JsonValueKind.Array:
                    writer.WriteStartArray(member.Label() == "allOf" ? "allOf"u8 : "anyOf"u8);
                    foreach (var branch in member.Value.EnumerateArray())
                        WriteEnforced(writer, branch);
                    writer.WriteEndArray();
                    break;
                case "format" when Formats.Contains(schema.Text("format"u8) ?? ""):
                case "minItems" when member.Value.ValueKind == JsonValueKind.Number && schema.Whole("minItems"u8) is 0 or 1:
                case var _ when Kept.Contains(member.Label()):
                    writer.WritePropertyName(member.Label());
                    writer.WriteAsIs(member.Value);
                    break;
                case var name when Told.Contains(name):
                    (told ??= []).Add($"{name}: {member.Value.Compact()}");
                    break;
            }
        }
        if (AnthropicSchemaCheck.IsObject(schema))
            writer.WriteBoolean("additionalProperties"u8, false);
        if (told is not null)
            description = (description is null ? "" : description + " ") + "(" + string.Join(", ", told) + ")";
        if (description is not null)
            writer.WriteString("description"u8, description);
        writer.WriteEndObject();
    }

    private static void WriteEach(Utf8JsonWriter writer, string name, JsonElement schemas)
    {
        writer.WritePropertyName(name);
        if (schemas.ValueKind != JsonValueKind.Object)
        {
            writer.WriteAsIs(schemas);
            return;
        }
        writer.WriteStartObject();
        foreach (var property in schemas.EnumerateObject())
        {
            writer.WritePropertyName(property.Label());
            WriteEnforced(writer, property.Value);
        }
        writer.WriteEndObject();
    }
}
