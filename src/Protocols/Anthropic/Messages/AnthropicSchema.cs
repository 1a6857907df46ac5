using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// JSON Schemas as the vendor takes them (providers contract §5.2). Enforced schemas (structured output, strict tools) know a subset: what they do not
/// know is told to the model in the description instead, and what cannot be said at all is not enforced.
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

    /// <summary>True when the schema can be enforced: objects with named properties, no recursion, references only to its own definitions.</summary>
    public static bool CanEnforce(JsonElement schema) =>
        IsObject(schema) && Closed(schema) && !Recursion.In(schema);

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
            switch (member.Name)
            {
                case "description":
                    description = schema.Text("description"u8);
                    break;
                case "properties" or "$defs" or "definitions":
                    WriteEach(writer, member.Name, member.Value);
                    break;
                case "items" when member.Value.ValueKind == JsonValueKind.Object:
                    writer.WritePropertyName("items"u8);
                    WriteEnforced(writer, member.Value);
                    break;
                case "anyOf" or "allOf" or "oneOf" when member.Value.ValueKind == JsonValueKind.Array:
                    writer.WriteStartArray(member.Name == "allOf" ? "allOf"u8 : "anyOf"u8);
                    foreach (var branch in member.Value.EnumerateArray())
                        WriteEnforced(writer, branch);
                    writer.WriteEndArray();
                    break;
                case "format" when Formats.Contains(schema.Text("format"u8) ?? ""):
                case "minItems" when member.Value.ValueKind == JsonValueKind.Number && schema.Whole("minItems"u8) is 0 or 1:
                case var _ when Kept.Contains(member.Name):
                    writer.WritePropertyName(member.Name);
                    writer.WriteAsIs(member.Value);
                    break;
                case var name when Told.Contains(name):
                    (told ??= []).Add($"{name}: {member.Value.Compact()}");
                    break;
            }
        }
        if (IsObject(schema))
            writer.WriteBoolean("additionalProperties"u8, false);
        if (told is not null)
            description = (description is null ? "" : description + " ") + "(" + string.Join(", ", told) + ")";
        if (description is not null)
            writer.WriteString("description"u8, description);
        writer.WriteEndObject();
    }

    /// <summary>Writes a tool's <c>input_schema</c>: an object at the root, without unions there.</summary>
    public static void WriteInput(Utf8JsonWriter writer, JsonElement? parameters)
    {
        if (parameters is not { ValueKind: JsonValueKind.Object } schema)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "object"u8);
            writer.WriteStartObject("properties"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
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
            if (member.Name is "type" or "anyOf" or "oneOf" or "allOf" || (unions is not null && member.Name is "properties" or "required"))
                continue;
            writer.WritePropertyName(member.Name);
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
            properties.TryAdd(property.Name, property.Value);
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
        branch.Text("$ref"u8) is { } reference && Recursion.Definition(root, reference) is { } definition ? definition : branch;

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
            writer.WritePropertyName(property.Name);
            WriteEnforced(writer, property.Value);
        }
        writer.WriteEndObject();
    }

    private static bool IsObject(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && (schema.Text("type"u8) == "object" || schema.Member("properties"u8) is not null
            || (schema.Member("type"u8) is { ValueKind: JsonValueKind.Array } types && types.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.String && t.Decode() == "object")));

    // Objects used as maps and values of any type cannot be said in the subset.
    private static bool Closed(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return false;
        var composed = schema.Member("anyOf"u8) is not null || schema.Member("oneOf"u8) is not null || schema.Member("allOf"u8) is not null || schema.Member("$ref"u8) is not null;
        var typed = schema.Member("type"u8) is not null || schema.Member("enum"u8) is not null || schema.Member("const"u8) is not null || schema.Member("properties"u8) is not null;
        if (!composed && !typed)
            return false;
        var named = schema.Member("properties"u8) is { ValueKind: JsonValueKind.Object } own && own.EnumerateObject().Any();
        if (IsObject(schema) && !composed && !named && schema.Member("additionalProperties"u8) is not { ValueKind: JsonValueKind.False })
            return false;
        foreach (var member in schema.EnumerateObject())
        {
            var closed = member.Name switch
            {
                "properties" or "$defs" or "definitions" => member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().All(p => Closed(p.Value)),
                "items" => Closed(member.Value),
                "anyOf" or "oneOf" or "allOf" => member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(Closed),
                "prefixItems" or "patternProperties" or "not" or "if" => false,
                _ => true,
            };
            if (!closed)
                return false;
        }
        return true;
    }

    /// <summary>Follows references among a schema's own definitions.</summary>
    private static class Recursion
    {
        /// <summary>True when a definition leads back to itself, or a reference leads out of the schema.</summary>
        public static bool In(JsonElement root) => Walk(root, root, [], [], 0);

        /// <summary>The definition a <c>#/$defs/name</c> reference names.</summary>
        public static JsonElement? Definition(JsonElement root, string reference)
        {
            foreach (var place in (ReadOnlySpan<string>)["$defs", "definitions"])
            {
                if (reference.StartsWith($"#/{place}/", StringComparison.Ordinal)
                    && root.TryGetProperty(place, out var definitions) && definitions.ValueKind == JsonValueKind.Object
                    && definitions.TryGetProperty(reference[(place.Length + 3)..], out var definition))
                    return definition;
            }
            return null;
        }

        private static bool Walk(JsonElement root, JsonElement node, HashSet<string> open, HashSet<string> cleared, int depth)
        {
            if (depth > JsonReading.MaxDepth)
                return true;
            if (node.ValueKind == JsonValueKind.Array)
                return node.EnumerateArray().Any(item => Walk(root, item, open, cleared, depth + 1));
            if (node.ValueKind != JsonValueKind.Object)
                return false;
            foreach (var member in node.EnumerateObject())
            {
                if (member.Name is "$defs" or "definitions")
                    continue; // reached through the references to them
                if (member.Name == "$ref" && member.Value.ValueKind == JsonValueKind.String)
                {
                    var reference = member.Value.Decode();
                    if (cleared.Contains(reference))
                        continue;
                    if (!open.Add(reference) || Definition(root, reference) is not { } definition || Walk(root, definition, open, cleared, depth + 1))
                        return true;
                    open.Remove(reference);
                    cleared.Add(reference);
                }
                else if (Walk(root, member.Value, open, cleared, depth + 1))
                {
                    return true;
                }
            }
            return false;
        }
    }
}
