using System.Text.Json;
using System.Text.Unicode;

namespace Fairlead.Protocols.Json;

/// <summary>Checks JSON from outside once; what walks over it afterwards may trust it.</summary>
internal static class JsonCheck
{
    /// <summary>Exactly one valid JSON value in valid UTF-8, not nested deeper than <see cref="JsonLimits.Depth"/>.</summary>
    public static bool IsValid(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return false;
        try
        {
            var reader = new Utf8JsonReader(json, JsonLimits.Reader);
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
