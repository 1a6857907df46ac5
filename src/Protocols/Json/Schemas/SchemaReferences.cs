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

    /// <summary>True when following references from <paramref name="root"/> comes back to one that is being followed, or leads nowhere.</summary>
    public static bool AreRecursive(JsonElement root) => Walk(root, root, [], [], 0);

    // Each reference is followed once: definitions that name one another many times would multiply otherwise.
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
            if (member.Label() is "$defs" or "definitions")
                continue; // reached through the references to them
            if (member.Label() == "$ref" && member.Value.ValueKind == JsonValueKind.String)
            {
                var reference = member.Value.Decode();
                if (cleared.Contains(reference))
                    continue;
                if (!open.Add(reference) || Find(root, reference) is not { } target || Walk(root, target, open, cleared, depth + 1))
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
