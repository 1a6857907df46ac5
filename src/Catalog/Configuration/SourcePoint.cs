namespace Fairlead.Catalog.Configuration;

/// <summary>Where something was written, kept so that a mistake found after merging can still name its line.</summary>
internal readonly record struct SourcePoint(ConfigurationDocument Document, long Offset, string Path)
{
    public ConfigurationMistake Mistake(string reason, string? member = null)
    {
        var (line, column) = LineAndColumn(Document.Json.Span, Offset);
        return new(Document.Name, line, column, member is null ? Path : Path.Length == 0 ? member : $"{Path}.{member}", reason);
    }

    /// <summary>Line and column, both from 1, of a byte offset; the column counts characters, not bytes.</summary>
    public static (int Line, int Column) LineAndColumn(ReadOnlySpan<byte> text, long offset)
    {
        var before = text[..(int)Math.Clamp(offset, 0, text.Length)];
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        var column = 1;
        foreach (var octet in before[lineStart..])
        {
            if ((octet & 0xC0) != 0x80)
                column++;
        }

        return (before.Count((byte)'\n') + 1, column);
    }
}
