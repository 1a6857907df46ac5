using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Mistral.Ocr;

/// <summary>What Mistral's OCR read in a document.</summary>
/// <param name="Content">Texts (Markdown) and pictures, in the order of the pages.</param>
/// <param name="Pages">How many pages it charges for.</param>
public sealed record OcrAnswer(IReadOnlyList<Part> Content, int Pages)
{
    // Beyond what one document may have there: more is nonsense, and would be charged.
    private const int MostPages = 10_000;

    /// <summary>Reads the body of a good answer; null when it is not one.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="mostImages">Further pictures are left out.</param>
    public static OcrAnswer? Read(ReadOnlySpan<byte> body, int mostImages)
    {
        using var document = JsonReading.TryParse(body);
        if (document?.RootElement.Member("pages"u8) is not { ValueKind: JsonValueKind.Array } pages)
            return null;
        var content = new List<Part>();
        var text = new StringBuilder();
        var images = 0;
        foreach (var page in pages.EnumerateArray())
        {
            if (page.Text("markdown"u8) is { Length: > 0 } markdown)
                text.Append(text.Length > 0 ? "\n\n" : "").Append(markdown);
            foreach (var image in page.Items("images"u8))
            {
                if (images == mostImages || UrlOf(image) is not { } url)
                    continue;
                Flush(text, content);
                content.Add(new ImagePart(url, null));
                images++;
            }
        }

        Flush(text, content);
        var charged = document.RootElement.Member("usage_info"u8)?.Whole("pages_processed"u8) ?? pages.GetArrayLength();
        return charged is >= 0 and <= MostPages ? new OcrAnswer(content, (int)charged) : null;
    }

    private static string? UrlOf(JsonElement image)
    {
        // Documented as base64, seen as a data URL.
        if (image.Text("image_base64"u8) is not { Length: > 0 } data)
            return null;
        return DataUrl.TryParse(data, out var parsed) || DataUrl.TrySniff(data, out parsed) ? $"data:{parsed.MediaType};base64,{parsed.Base64}" : null;
    }

    private static void Flush(StringBuilder text, List<Part> content)
    {
        if (text.Length == 0)
            return;
        content.Add(new TextPart(text.ToString()));
        text.Clear();
    }
}
