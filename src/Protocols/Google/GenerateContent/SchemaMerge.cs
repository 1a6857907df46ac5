using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Joins a schema with all that its <c>allOf</c> names: every property, everything required, and of other keywords the first said.</summary>
internal sealed class SchemaMerge
{
    private const int Deepest = 32;

    private readonly Dictionary<string, JsonElement> properties = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> others = new(StringComparer.Ordinal);
    private readonly HashSet<string> required = new(StringComparer.Ordinal);

    /// <summary>
    /// The joined schema. <paramref name="nodes"/> counts the parts visited; past <paramref name="most"/> the rest is left out.
    /// </summary>
    public static JsonDocument AllOf(JsonElement root, JsonElement schema, ref int nodes, int most, out long bytes)
    {
        var merge = new SchemaMerge();
        merge.Gather(root, schema, 0, ref nodes, most);
        return merge.Compose(out bytes);
    }

    private void Gather(JsonElement root, JsonElement part, int depth, ref int nodes, int most)
    {
        if (++nodes > most || depth > Deepest)
            return;
        var resolved = part.Text("$ref"u8) is { } reference && SchemaReferences.Find(root, reference) is { } definition ? definition : part;
        if (resolved.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in resolved.EnumerateObject())
        {
            switch (member.Label())
            {
                case "properties" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var property in member.Value.EnumerateObject())
                        properties.TryAdd(property.Label(), property.Value);
                    break;
                case "required" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var name in member.Value.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String))
                        required.Add(name.Decode());
                    break;
                case "allOf" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var inner in member.Value.EnumerateArray())
                        Gather(root, inner, depth + 1, ref nodes, most);
                    break;
                case "$ref" or "$defs" or "definitions" or "properties" or "required" or "allOf":
                    break;
                default:
                    others.TryAdd(member.Label(), member.Value);
                    break;
            }
        }
    }

    private JsonDocument Compose(out long bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = JsonWriting.Create(output))
        {
            writer.WriteStartObject();
            WriteAll(writer, others);
            if (properties.Count > 0)
            {
                writer.WriteStartObject("properties"u8);
                WriteAll(writer, properties);
                writer.WriteEndObject();
            }
            if (required.Count > 0)
            {
                writer.WriteStartArray("required"u8);
                foreach (var name in required)
                    writer.WriteStringValue(name);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        bytes = output.WrittenCount;
        return JsonDocument.Parse(output.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1000 });
    }

    private static void WriteAll(Utf8JsonWriter writer, Dictionary<string, JsonElement> members)
    {
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            writer.WriteAsIs(value);
        }
    }
}
