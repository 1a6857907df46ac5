using System.Text.Json;

namespace Fairlead.Catalog.Discovery;

/// <summary>Reads lists of models from servers nobody vouches for: whatever is not as expected is not there.</summary>
internal static class ListReading
{
    private const int MostModels = 200;
    private const int LongestName = 200;
    private const int MostTokens = 100_000_000;

    /// <summary>The objects of a list, at most 200; null where there is no list.</summary>
    public static IEnumerable<JsonElement>? Entries(JsonElement root, string list)
    {
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(list, out var inner))
            root = inner;
        return root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object).Take(MostModels) : null;
    }

    /// <summary>The names of a list's entries, each once.</summary>
    public static IReadOnlyList<string>? Names(JsonElement root, string list, string member) =>
        Entries(root, list) is { } entries ? [.. entries.Select(entry => Name(entry, member)).OfType<string>().Distinct(StringComparer.Ordinal)] : null;

    /// <summary>A name that can be sent back; null where there is none.</summary>
    public static string? Name(JsonElement entry, string member) =>
        entry.TryGetProperty(member, out var name) && Text(name) is { Length: > 0 and < LongestName } text && !text.Any(char.IsControl) ? text : null;

    /// <summary>Tokens of context; null where it is no sensible number.</summary>
    public static int? Tokens(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens is > 0 and <= MostTokens ? tokens : null;

    /// <summary>The texts of a list in a member; null where there is none.</summary>
    public static HashSet<string>? Texts(JsonElement entry, string member) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(member, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(Text).OfType<string>()]
            : null;

    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair
        }
    }
}
