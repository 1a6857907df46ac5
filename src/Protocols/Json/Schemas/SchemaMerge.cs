using System.Buffers;
using System.Text.Json;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>
/// Joins schemas that all hold for a value into one: every property, everything required, and of other keywords the first said. A property that several
/// parts describe must fit each of them; <c>allOf</c> says so again.
/// </summary>
internal sealed class SchemaMerge(SchemaGraph graph, int most)
{
    private const int Deepest = 32;

    // More of what is said about one property is left out, which allows more.
    private const int MostOfOne = 16;

    private readonly Dictionary<string, List<JsonElement>> properties = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> others = new(StringComparer.Ordinal);
    private readonly List<string> required = [];
    private readonly HashSet<string> requiredNames = new(StringComparer.Ordinal);

    /// <summary>Parts visited; past the bound the rest is left out, which allows more.</summary>
    public int Nodes { get; private set; }

    /// <summary>Keywords two parts said differently: the first said stands.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Adds a part, what it refers to and what its <c>allOf</c> names.</summary>
    /// <param name="part">The part; no object adds nothing.</param>
    /// <param name="without">Members that are left out.</param>
    public SchemaMerge Add(JsonElement part, params ReadOnlySpan<string> without)
    {
        Gather(part, without, 0);
        return this;
    }

    /// <summary>The joined schema, for the caller to dispose.</summary>
    public JsonDocument Compose(out int bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = JsonWriting.Create(output))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in others)
            {
                writer.WritePropertyName(name);
                writer.WriteAsIs(value);
            }

            WriteProperties(writer);
            if (required.Count > 0)
                writer.WriteTexts("required"u8, required);
            writer.WriteEndObject();
        }

        bytes = output.WrittenCount;
        return JsonDocument.Parse(output.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1000 });
    }

    private void Gather(JsonElement part, scoped ReadOnlySpan<string> without, int depth)
    {
        if (part.ValueKind != JsonValueKind.Object || ++Nodes > most || depth > Deepest)
            return;
        foreach (var member in part.EnumerateObject())
        {
            var name = member.Label();
            if (without.Contains(name))
                continue;
            switch (name)
            {
                case "properties" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var property in member.Value.EnumerateObject())
                        AddProperty(property.Label(), property.Value);
                    break;
                case "required" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var one in member.Value.EnumerateArray())
                    {
                        if (one.ValueKind == JsonValueKind.String && requiredNames.Add(one.Decode()))
                            required.Add(one.Decode());
                    }

                    break;
                case "$ref" or "$defs" or "definitions" or "properties" or "required" or "allOf":
                    break;
                default:
                    AddOther(name, member.Value);
                    break;
            }
        }

        if (!without.Contains("$ref") && part.Text("$ref"u8) is { } reference && graph.Find(reference) is { } target)
            Gather(target, [], depth + 1);
        if (without.Contains("allOf"))
            return;
        foreach (var inner in part.Items("allOf"u8))
            Gather(inner, [], depth + 1);
    }

    private void AddProperty(string name, JsonElement schema)
    {
        if (!properties.TryGetValue(name, out var known))
            properties.Add(name, [schema]);
        else if (known.Count < MostOfOne && !known.Exists(one => one.IsSameAs(schema)))
            known.Add(schema);
    }

    private void AddOther(string name, JsonElement value)
    {
        if (others.TryAdd(name, value) || SchemaKeywords.IsNote(name))
            return;
        var first = others[name];
        if (name == "additionalProperties" && value.ValueKind == JsonValueKind.False)
            others[name] = value; // the stricter of the two
        else if (!first.IsSameAs(value) && !Lost.Contains(name) && first.ValueKind != JsonValueKind.False)
            Lost.Add(name);
    }

    private void WriteProperties(Utf8JsonWriter writer)
    {
        if (properties.Count == 0)
            return;
        writer.WriteStartObject("properties"u8);
        foreach (var (name, schemas) in properties)
        {
            writer.WritePropertyName(name);
            if (schemas is [var only])
            {
                writer.WriteAsIs(only);
                continue;
            }

            writer.WriteStartObject();
            writer.WriteStartArray("allOf"u8);
            foreach (var schema in schemas)
                writer.WriteAsIs(schema);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
