using System.Text;

namespace Fairlead.Inference.Plugins.FileParser;

/// <summary>What kind of file it is.</summary>
internal enum FileKind
{
    Pdf,
    /// <summary>Text as it stands: txt, md, csv, json, html and the like .</summary>
    Text,
    /// <summary>Anything else: only a model can read it.</summary>
    Other,
}

/// <summary>Tells files apart, and reads those that are text.</summary>
internal static class FileContent
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly string[] TextTypes = ["application/json", "application/xml", "application/yaml", "application/csv", "application/xhtml+xml", "application/x-ndjson"];
    private static readonly string[] TextNames = [".txt", ".md", ".markdown", ".csv", ".json", ".html", ".htm"];

    /// <summary>The bytes of a PDF decide; else the type it came with; else its name.</summary>
    public static FileKind KindOf(ReadOnlySpan<byte> bytes, string? mediaType, string name)
    {
        if (bytes.StartsWith("%PDF-"u8) || mediaType == "application/pdf")
            return FileKind.Pdf;
        if (mediaType is null or "application/octet-stream" or "binary/octet-stream")
            return TextNames.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)) ? FileKind.Text : FileKind.Other;
        return mediaType.StartsWith("text/", StringComparison.Ordinal) || TextTypes.Contains(mediaType) ? FileKind.Text : FileKind.Other;
    }

    /// <summary>The text: UTF-8, or UTF-16 with its mark; null when it is neither.</summary>
    public static string? ReadText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes switch
            {
                [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(bytes[2..]),
                [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(bytes[2..]),
                [0xEF, 0xBB, 0xBF, ..] => StrictUtf8.GetString(bytes[3..]),
                _ => StrictUtf8.GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
