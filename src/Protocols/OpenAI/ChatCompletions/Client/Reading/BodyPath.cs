using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// Names the place of a token in a body (<c>messages[2].content[0].image_url.url</c>). Works by reading the body a second time up to the
/// token, so that a good request pays nothing for paths.
/// </summary>
internal static class BodyPath
{
    private const int LongestName = 64;

    /// <summary>The path of the token that starts at <paramref name="tokenStart"/>; empty for the body itself.</summary>
    public static string At(ReadOnlySpan<byte> body, long tokenStart)
    {
        var levels = new List<Level>();
        var reader = new Utf8JsonReader(body, RequestCursor.Options);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                levels.RemoveAt(levels.Count - 1);
                continue;
            }

            if (reader.TokenType == JsonTokenType.PropertyName)
                levels[^1].Name = reader.GetString();
            else if (levels.Count > 0 && levels[^1].IsArray)
                levels[^1].Index++;
            if (reader.TokenStartIndex >= tokenStart)
                break;
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                levels.Add(new Level { IsArray = reader.TokenType == JsonTokenType.StartArray });
        }

        return Describe(levels);
    }

    private static string Describe(List<Level> levels)
    {
        var path = new StringBuilder();
        foreach (var level in levels)
        {
            if (level.IsArray)
            {
                path.Append(CultureInfo.InvariantCulture, $"[{level.Index}]");
                continue;
            }

            if (path.Length > 0)
                path.Append('.');
            path.Append(level.Name is { Length: > LongestName } name ? string.Concat(name.AsSpan(0, LongestName), "…") : level.Name);
        }

        return path.ToString();
    }

    private sealed class Level
    {
        public bool IsArray { get; init; }
        public int Index { get; set; } = -1;
        public string? Name { get; set; }
    }
}
