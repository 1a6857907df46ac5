using System.Text.Json;

namespace Fairlead.Simulator;

/// <summary>Reads members of a JSON value that may be of any kind; what is not there is undefined, null or empty, never an exception.</summary>
internal static class Json
{
    /// <summary>Parses a request body; null when it is not one JSON value of well-formed text, or nested too deep.</summary>
    public static JsonDocument? Parse(byte[] body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    // Throws on a lone surrogate, which a JsonElement would only do when read.
                    _ = reader.GetString();
                }
            }

            return JsonDocument.Parse(body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public static JsonElement Get(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    /// <summary>The member under either of its names: Gemini takes camelCase and snake_case.</summary>
    public static JsonElement Get(this JsonElement value, string name, string otherName) =>
        value.Get(name) is { ValueKind: not JsonValueKind.Undefined } found ? found : value.Get(otherName);

    public static string? Str(this JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static string? Str(this JsonElement value, string name) => value.Get(name).Str();

    public static bool True(this JsonElement value, string name) => value.Get(name).ValueKind == JsonValueKind.True;

    public static decimal? Number(this JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var n) ? n : null;

    public static decimal? Number(this JsonElement value, string name) => value.Get(name).Number();

    public static bool Given(this JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static bool IsObject(this JsonElement value) => value.ValueKind == JsonValueKind.Object;

    public static bool IsArray(this JsonElement value) => value.ValueKind == JsonValueKind.Array;

    public static IReadOnlyList<JsonElement> Items(this JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];

    public static IReadOnlyList<JsonElement> Items(this JsonElement value, string name) => value.Get(name).Items();

    public static IReadOnlyList<string> Names(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject().Select(m => m.Name)] : [];

    /// <summary>The value written without spaces and with its members in the order of their names, so that two writings of one value are equal.</summary>
    public static string Canonical(this JsonElement value) => JsonBytes.Text(w => WriteCanonical(w, value));

    private static void WriteCanonical(Utf8JsonWriter w, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                w.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    w.WritePropertyName(member.Name);
                    WriteCanonical(w, member.Value);
                }

                w.WriteEndObject();
                break;
            case JsonValueKind.Array:
                w.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteCanonical(w, item);
                }

                w.WriteEndArray();
                break;
            case JsonValueKind.Undefined:
                w.WriteNullValue();
                break;
            case JsonValueKind.String:
                w.WriteStringValue(value.GetString());
                break;
            default:
                value.WriteTo(w);
                break;
        }
    }
}
