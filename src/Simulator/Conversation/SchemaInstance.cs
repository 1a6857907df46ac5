using System.Text.Json;

namespace Fairlead.Simulator.Conversation;

/// <summary>
/// Makes a valid instance of a JSON schema: every property, arrays as short as allowed. Strings take the texts the user put in double quotes, in order, then
/// <c>sample &lt;name&gt;</c>. Reads plain JSON Schema and Gemini's upper-case subset.
/// </summary>
internal sealed class SchemaInstance(JsonElement root, IEnumerable<string> quoted)
{
    private const int Deepest = 24;
    private const int FullDepth = 6;
    private const int LongestArray = 1000;

    private readonly Queue<string> _quoted = new(quoted);

    public static string Write(JsonElement schema, IEnumerable<string> quoted) =>
        JsonBytes.Text(w => new SchemaInstance(schema, quoted).Any(w, schema, "value", 0));

    private void Any(Utf8JsonWriter w, JsonElement schema, string name, int depth)
    {
        schema = Resolve(schema, 0);
        if (depth > Deepest || schema.ValueKind != JsonValueKind.Object)
        {
            if (schema.ValueKind == JsonValueKind.Object || depth > Deepest)
            {
                w.WriteNullValue();
            }
            else
            {
                w.WriteStringValue(Word(name));
            }

            return;
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            constant.WriteTo(w);
            return;
        }

        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0)
        {
            choices[0].WriteTo(w);
            return;
        }

        foreach (var key in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(key, out var options) && options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0)
            {
                var chosen = options.EnumerateArray().FirstOrDefault(o => TypeOf(Resolve(o, 0)) != "null", options[0]);
                Any(w, chosen, name, depth + 1);
                return;
            }
        }

        switch (TypeOf(schema))
        {
            case "object":
                Object(w, schema, depth);
                break;
            case "array":
                Array(w, schema, name, depth);
                break;
            case "integer":
                w.WriteNumberValue((long)Number(schema, 1));
                break;
            case "number":
                w.WriteNumberValue(Number(schema, 1.5m));
                break;
            case "boolean":
                w.WriteBooleanValue(true);
                break;
            case "null":
                w.WriteNullValue();
                break;
            default:
                w.WriteStringValue(String(schema, name));
                break;
        }
    }

    private void Object(Utf8JsonWriter w, JsonElement schema, int depth)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        var required = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in Merged(schema))
        {
            if (part.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array)
            {
                required.UnionWith(names.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!));
            }
        }

        w.WriteStartObject();
        foreach (var part in Merged(schema))
        {
            if (part.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in properties.EnumerateObject())
                {
                    if ((depth < FullDepth || required.Contains(property.Name)) && written.Add(property.Name))
                    {
                        w.WritePropertyName(property.Name);
                        Any(w, property.Value, property.Name, depth + 1);
                    }
                }
            }
        }

        foreach (var name in required.Where(written.Add))
        {
            w.WriteString(name, Word(name));
        }

        w.WriteEndObject();
    }

    private void Array(Utf8JsonWriter w, JsonElement schema, string name, int depth)
    {
        var least = Integer(schema, "minItems") ?? (Integer(schema, "maxItems") == 0 || depth >= FullDepth ? 0 : 1);
        schema.TryGetProperty("items", out var items);
        w.WriteStartArray();
        for (var i = 0; i < Math.Min(least, LongestArray); i++)
        {
            Any(w, items, name, depth + 1);
        }

        w.WriteEndArray();
    }

    private static decimal Number(JsonElement schema, decimal start)
    {
        var value = start;
        if (Decimal(schema, "minimum") is { } least && value < least)
        {
            value = least;
        }

        if (Decimal(schema, "exclusiveMinimum") is { } above && value <= above)
        {
            value = above + 1;
        }

        if (Decimal(schema, "maximum") is { } most && value > most)
        {
            value = most;
        }

        if (Decimal(schema, "exclusiveMaximum") is { } below && value >= below)
        {
            value = below - 1;
        }

        return Decimal(schema, "multipleOf") is { } step and > 0 ? Math.Ceiling(value / step) * step : value;
    }

    private string String(JsonElement schema, string name)
    {
        var format = schema.TryGetProperty("format", out var f) && f.ValueKind == JsonValueKind.String ? f.GetString() : null;
        var text = format switch
        {
            "date-time" => "2025-01-02T03:04:05Z",
            "date" => "2025-01-02",
            "time" => "03:04:05Z",
            "duration" => "PT1H",
            "email" => "user@example.com",
            "hostname" => "example.com",
            "uri" or "url" => "https://example.com/",
            "uuid" => "00000000-0000-4000-8000-000000000000",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            _ => Word(name),
        };
        if (Integer(schema, "minLength") is { } least && text.Length < least)
        {
            text = text.PadRight((int)Math.Min(least, LongestArray), 'x');
        }

        return Integer(schema, "maxLength") is { } most && text.Length > most ? text[..(int)most] : text;
    }

    private string Word(string name) => _quoted.TryDequeue(out var given) ? given : $"sample {name}";

    /// <summary>The schema itself and what its allOf adds.</summary>
    private IEnumerable<JsonElement> Merged(JsonElement schema)
    {
        yield return schema;
        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in all.EnumerateArray())
            {
                var resolved = Resolve(part, 0);
                if (resolved.ValueKind == JsonValueKind.Object)
                {
                    yield return resolved;
                }
            }
        }
    }

    private JsonElement Resolve(JsonElement schema, int hops)
    {
        if (hops > Deepest || schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$ref", out var reference)
            || reference.GetString() is not { } path || !path.StartsWith('#'))
        {
            return schema;
        }

        var at = root;
        foreach (var step in path.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step.Replace("~1", "/").Replace("~0", "~"), out at))
            {
                return default;
            }
        }

        return Resolve(at, hops + 1);
    }

    private static string TypeOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return "string";
        }

        if (schema.TryGetProperty("type", out var type))
        {
            if (type.ValueKind == JsonValueKind.Array)
            {
                var names = type.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!);
                return names.FirstOrDefault(t => t != "null") ?? "null";
            }

            if (type.ValueKind == JsonValueKind.String)
            {
                return type.GetString()!.ToLowerInvariant();
            }
        }

        return schema.TryGetProperty("properties", out _) || schema.TryGetProperty("allOf", out _) || schema.TryGetProperty("required", out _) ? "object"
            : schema.TryGetProperty("items", out _) ? "array"
            : "string";
    }

    // Gemini's schema writes integers as strings.
    private static long? Integer(JsonElement schema, string name) => Decimal(schema, name) is { } d and >= 0 and < long.MaxValue ? (long)d : null;

    private static decimal? Decimal(JsonElement schema, string name) =>
        !schema.TryGetProperty(name, out var v) ? null
        : v.ValueKind == JsonValueKind.Number && v.TryGetDecimal(out var n) ? n
        : v.ValueKind == JsonValueKind.String && decimal.TryParse(v.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var s) ? s
        : null;
}
