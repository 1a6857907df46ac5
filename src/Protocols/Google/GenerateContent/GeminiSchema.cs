using System.Text.Json;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// Writes a JSON Schema in the vendor's older OpenAPI-like subset (providers contract §6.7), for generations that do not take plain JSON Schema. Every
/// step only allows more than the caller's schema did; <see cref="Relaxed"/> says where.
/// </summary>
internal sealed class GeminiSchema
{
    // Inlining can multiply a schema; what lies beyond these is cut to "any object".
    private const int MostNodes = 5_000;
    private const int Deepest = 32;
    private const int MostBytes = 4 * 1024 * 1024;

    private static readonly HashSet<string> Formats = new(StringComparer.Ordinal) { "enum", "date-time", "int32", "int64", "float", "double" };
    private static readonly HashSet<string> Copied = new(StringComparer.Ordinal)
    {
        "description", "title", "required", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "pattern",
    };

    private readonly JsonElement root;
    private readonly Utf8JsonWriter writer;
    private readonly HashSet<string> inlining = new(StringComparer.Ordinal);
    private readonly long start;
    private long copied;
    private int nodes;

    private GeminiSchema(Utf8JsonWriter writer, JsonElement root)
    {
        this.writer = writer;
        this.root = root;
        start = writer.BytesCommitted + writer.BytesPending;
    }

    /// <summary>Keywords that were dropped or cut, each once, in order of appearance.</summary>
    public List<string> Relaxed { get; } = [];

    /// <summary>Writes the reduced schema and returns what was relaxed.</summary>
    public static IReadOnlyList<string> Write(Utf8JsonWriter writer, JsonElement schema)
    {
        var reduction = new GeminiSchema(writer, schema);
        reduction.Reduce(schema, nullable: false, 0);
        return reduction.Relaxed;
    }

    /// <summary>An object that names no property: the vendor refuses it as a function's parameters, they are left out.</summary>
    public static bool IsEmptyObject(JsonElement schema) => schema.ValueKind != JsonValueKind.Object
        || (!(schema.Member("properties"u8) is { ValueKind: JsonValueKind.Object } properties && properties.EnumerateObject().Any())
            && schema.Member("$ref"u8) is null && schema.Member("anyOf"u8) is null && schema.Member("oneOf"u8) is null && schema.Member("allOf"u8) is null);

    private void Reduce(JsonElement schema, bool nullable, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || Exhausted(depth))
        {
            if (schema.ValueKind is not JsonValueKind.True)
                Relax("schema");
            WriteAny(nullable);
            return;
        }
        if (schema.Text("$ref"u8) is { } reference)
        {
            Inline(reference, nullable, depth);
            return;
        }
        if (schema.Member("allOf"u8) is { ValueKind: JsonValueKind.Array })
        {
            using var merged = SchemaMerge.AllOf(root, schema, ref nodes, MostNodes, out var bytes);
            copied += bytes;
            Reduce(merged.RootElement, nullable, depth + 1);
            return;
        }
        var (types, typeNull) = Types(schema);
        nullable |= typeNull;
        var union = schema.Member("anyOf"u8) ?? schema.Member("oneOf"u8);
        if (union is { ValueKind: JsonValueKind.Array } branches)
            ReduceUnion(schema, [.. branches.EnumerateArray()], nullable, depth);
        else if (types.Count > 1)
            ReduceTypes(schema, types, nullable, depth);
        else
            ReducePlain(schema, types.Count == 1 ? types[0] : Guess(schema), nullable, depth);
    }

    private bool Exhausted(int depth) =>
        ++nodes > MostNodes || depth > Deepest || copied + writer.BytesCommitted + writer.BytesPending - start > MostBytes;

    private void Inline(string reference, bool nullable, int depth)
    {
        if (SchemaReferences.Find(root, reference) is not { } definition || !inlining.Add(reference))
        {
            Relax("$ref");
            WriteAny(nullable);
            return;
        }
        Reduce(definition, nullable, depth + 1);
        inlining.Remove(reference);
    }

    private void ReduceUnion(JsonElement schema, List<JsonElement> branches, bool nullable, int depth)
    {
        var solid = branches.Where(b => b.Text("type"u8) != "null").ToList();
        nullable |= solid.Count < branches.Count;
        if (solid is [var only] && schema.Member("properties"u8) is null)
        {
            Reduce(only, nullable, depth + 1);
            return;
        }
        writer.WriteStartObject();
        if (schema.Text("description"u8) is { } description)
            writer.WriteString("description"u8, description);
        writer.WriteStartArray("anyOf"u8);
        foreach (var branch in solid)
            Reduce(branch, false, depth + 1);
        writer.WriteEndArray();
        WriteNullable(nullable);
        writer.WriteEndObject();
    }

    private void ReduceTypes(JsonElement schema, List<string> types, bool nullable, int depth)
    {
        writer.WriteStartObject();
        if (schema.Text("description"u8) is { } description)
            writer.WriteString("description"u8, description);
        writer.WriteStartArray("anyOf"u8);
        foreach (var type in types)
            ReducePlain(schema, type, false, depth + 1, describe: false);
        writer.WriteEndArray();
        WriteNullable(nullable);
        writer.WriteEndObject();
    }

    private void ReducePlain(JsonElement schema, string type, bool nullable, int depth, bool describe = true)
    {
        writer.WriteStartObject();
        var choices = Choices(schema, ref nullable);
        writer.WriteString("type"u8, choices is null ? type : "string");
        foreach (var member in schema.EnumerateObject())
        {
            switch (member.Label())
            {
                case "type" or "nullable" or "enum" or "const" or "$defs" or "definitions":
                    break;
                case "description" or "title" when !describe:
                    break;
                case "properties" when type == "object" && member.Value.ValueKind == JsonValueKind.Object:
                    writer.WriteStartObject("properties"u8);
                    foreach (var property in member.Value.EnumerateObject())
                    {
                        writer.WritePropertyName(property.Label());
                        Reduce(property.Value, false, depth + 1);
                    }
                    writer.WriteEndObject();
                    break;
                case "items" when type == "array":
                    writer.WritePropertyName("items"u8);
                    Reduce(member.Value, false, depth + 1);
                    break;
                case "format" when Formats.Contains(schema.Text("format"u8) ?? ""):
                case var name when Copied.Contains(member.Label()) && Fits(member.Label(), type):
                    writer.WritePropertyName(member.Label());
                    writer.WriteAsIs(member.Value);
                    break;
                default:
                    Relax(member.Label());
                    break;
            }
        }
        if (type == "array" && schema.Member("items"u8) is null)
        {
            writer.WritePropertyName("items"u8); // the vendor demands it
            WriteAny(false);
        }
        if (choices is not null)
        {
            writer.WriteStartArray("enum"u8);
            foreach (var choice in choices)
                writer.WriteStringValue(choice);
            writer.WriteEndArray();
        }
        WriteNullable(nullable);
        writer.WriteEndObject();
    }

    // Choices are strings there; others are offered as their spelling.
    private List<string>? Choices(JsonElement schema, ref bool nullable)
    {
        var values = schema.Member("const"u8) is { } constant ? [constant]
            : schema.Member("enum"u8) is { ValueKind: JsonValueKind.Array } listed ? listed.EnumerateArray().ToList() : null;
        if (values is null)
            return null;
        nullable |= values.RemoveAll(v => v.ValueKind == JsonValueKind.Null) > 0;
        values.RemoveAll(v => v is { ValueKind: JsonValueKind.String } && v.Decode().Length == 0); // an empty choice is refused
        if (values.Count == 0 || values.Any(v => v.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
        {
            Relax("enum");
            return null;
        }
        if (values.Any(v => v.ValueKind != JsonValueKind.String))
            Relax("enum");
        return values.ConvertAll(v => v.ValueKind == JsonValueKind.String ? v.Decode() : v.Compact());
    }

    private void WriteAny(bool nullable)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        WriteNullable(nullable);
        writer.WriteEndObject();
    }

    private void WriteNullable(bool nullable)
    {
        if (nullable)
            writer.WriteBoolean("nullable"u8, true);
    }

    private void Relax(string keyword)
    {
        if (!Relaxed.Contains(keyword) && Relaxed.Count < 64)
            Relaxed.Add(keyword);
    }

    private static (List<string> Types, bool Null) Types(JsonElement schema)
    {
        var types = new List<string>();
        if (schema.Text("type"u8) is { } single)
            types.Add(single);
        foreach (var type in schema.Items("type"u8))
        {
            if (type.ValueKind == JsonValueKind.String)
                types.Add(type.Decode());
        }
        var withNull = types.RemoveAll(t => t == "null") > 0 || schema.Flag("nullable"u8);
        return (types, withNull);
    }

    private static string Guess(JsonElement schema) =>
        schema.Member("properties"u8) is not null ? "object" : schema.Member("items"u8) is not null ? "array"
        : schema.Member("enum"u8) is not null || schema.Member("const"u8) is not null ? "string" : "object";

    // Limits of another type than the branch's own are noise the vendor refuses.
    private static bool Fits(string keyword, string type) => keyword switch
    {
        "minimum" or "maximum" => type is "number" or "integer",
        "minItems" or "maxItems" => type == "array",
        "minLength" or "maxLength" or "pattern" => type == "string",
        "required" or "minProperties" or "maxProperties" => type == "object",
        _ => true,
    };
}
