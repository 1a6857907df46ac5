using System.Text.Json;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>Follows the <c>$ref</c>s of a JSON Schema inside itself.</summary>
internal static class SchemaReferences
{
    /// <summary>The schema a reference such as <c>#/$defs/name</c> or <c>#/properties/a</c> points to; null when it leads nowhere or outside.</summary>
    public static JsonElement? Find(JsonElement root, string reference)
    {
        if (reference == "#")
            return root;
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
            return null;
        var at = root;
        foreach (var step in reference[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.Member(name) is { } member)
                at = member;
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < at.GetArrayLength())
                at = at[index];
            else
                return null;
        }
        return at;
    }
}
