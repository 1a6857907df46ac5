using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>
/// A schema that must be an object without unions at its root and is taken in full below it. Every branch of a union there gives its properties, and only what
/// all branches require is required.
/// </summary>
internal sealed class FlatObject
{
    // Where branches say more than these of one property, any value will do.
    private const int MostOfOne = 64;

    // Unions in unions beyond these are not looked into: then any value will do for all their properties.
    private const int Deepest = 16;
    private const int MostParts = 5_000;

    private static readonly string[] Unions = ["anyOf", "oneOf"];

    private readonly JsonElement root;
    private readonly Dictionary<string, List<JsonElement>> properties = new(StringComparer.Ordinal);
    private readonly HashSet<string> settled = new(StringComparer.Ordinal);
    private bool isLoose;
    private int parts;

    private FlatObject(JsonElement root) => this.root = root;

    public static CompiledSchema Compile(JsonElement schema)
    {
        var union = Unions.Append("allOf").FirstOrDefault(keyword => schema.Member(keyword) is { ValueKind: JsonValueKind.Array });
        var output = new ArrayBufferWriter<byte>();
        using var writer = JsonWriting.Create(output);
        if (union is null && schema.Text("type"u8) == "object")
            writer.WriteAsIs(schema);
        else
            new FlatObject(schema).Write(writer, hasUnion: union is not null);
        writer.Flush();
        return new CompiledSchema { Json = output.WrittenMemory, Changes = union is null or "allOf" ? [] : [("#", union, SchemaChangeKind.Widened)] };
    }

    private void Write(Utf8JsonWriter writer, bool hasUnion)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Label() is "type" or "anyOf" or "oneOf" or "allOf" || (hasUnion && member.Label() is "properties" or "required"))
                continue;
            writer.WritePropertyName(member.Label());
            writer.WriteAsIs(member.Value);
        }

        if (hasUnion)
            WriteMerged(writer);
        writer.WriteEndObject();
    }

    private void WriteMerged(Utf8JsonWriter writer)
    {
        var required = Collect(root, isCertain: true, 0);
        writer.WriteStartObject("properties"u8);
        foreach (var (name, schemas) in properties)
        {
            writer.WritePropertyName(name);
            WriteAny(writer, name, schemas);
        }

        writer.WriteEndObject();
        writer.WriteTexts("required"u8, required);
    }

    /// <summary>Takes in what a schema says of properties; returns what it requires. What is not certain holds in one branch of a union only.</summary>
    private List<string> Collect(JsonElement schema, bool isCertain, int depth)
    {
        if (depth > Deepest || ++parts > MostParts)
        {
            isLoose = true;
            return [];
        }

        foreach (var (name, property) in Properties(schema))
        {
            if (isCertain)
                Settle(name, property);
            else
                Gather(name, property);
        }

        var required = Required(schema).ToHashSet(StringComparer.Ordinal);
        if (schema.Text("$ref"u8) is { } reference && SchemaReferences.Find(root, reference) is { } target)
            required.UnionWith(Collect(target, isCertain, depth + 1));
        foreach (var part in schema.Items("allOf"u8))
            required.UnionWith(Collect(part, isCertain, depth + 1));
        foreach (var union in Unions)
        {
            HashSet<string>? common = null;
            foreach (var branch in schema.Member(union) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default)
            {
                var ofBranch = Collect(branch, isCertain: false, depth + 1);
                if (common is null)
                    common = [.. ofBranch];
                else
                    common.IntersectWith(ofBranch);
            }

            required.UnionWith(common ?? []);
        }

        return [.. required];
    }

    // What branches say differently about a property is a union below the root, where it is taken.
    private void WriteAny(Utf8JsonWriter writer, string name, List<JsonElement> schemas)
    {
        var isAny = schemas.Count > MostOfOne || (isLoose && !settled.Contains(name));
        if (!isAny && schemas is [var only])
        {
            writer.WriteAsIs(only);
            return;
        }

        writer.WriteStartObject();
        if (isAny)
        {
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartArray("anyOf"u8);
        foreach (var schema in schemas)
            writer.WriteAsIs(schema);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // What holds for every value: branches have no say in it.
    private void Settle(string name, JsonElement property)
    {
        if (settled.Add(name))
            properties.TryAdd(name, [property]);
    }

    private void Gather(string name, JsonElement property)
    {
        if (settled.Contains(name))
            return;
        if (!properties.TryGetValue(name, out var known))
            properties.Add(name, [property]);
        else if (known.Count <= MostOfOne && !known.Exists(one => one.IsSameAs(property)))
            known.Add(property);
    }

    private static IEnumerable<(string Name, JsonElement Schema)> Properties(JsonElement schema) =>
        schema.Member("properties"u8) is { ValueKind: JsonValueKind.Object } own ? own.EnumerateObject().Select(static one => (one.Label(), one.Value)) : [];

    private static IEnumerable<string> Required(JsonElement schema)
    {
        foreach (var name in schema.Items("required"u8))
        {
            if (name.ValueKind == JsonValueKind.String)
                yield return name.Decode();
        }
    }
}
