using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>The parts that stand for a file in the prompt .</summary>
internal static class FileText
{
    /// <summary>The most pictures out of the files of one request.</summary>
    public const int MostPictures = 8;

    /// <summary>A line with its name, then what was read of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pictures">How many pictures may still be given; surplus is left out, its text stays.</param>
    public static IReadOnlyList<Part> Of(ParsedFile file, ref int pictures)
    {
        var header = $"File: {file.Name}\n\n";
        var parts = new List<Part>(file.Content.Count);
        foreach (var part in file.Content)
        {
            if (part is TextPart text)
                parts.Add(parts.Count == 0 ? new TextPart(header + text.Text) : text);
            else if (pictures > 0)
            {
                if (parts.Count == 0)
                    parts.Add(new TextPart(header.TrimEnd()));
                parts.Add(part);
                pictures--;
            }
        }

        return parts.Count > 0 ? parts : [new TextPart(header + "(Nothing could be read in this file.)")];
    }
}
