using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// Turns grounding metadata into citations. The vendor counts UTF-8 bytes of the visible text, clients count characters (UTF-16), so the places
/// where the two counts part are remembered while the text goes by.
/// </summary>
internal sealed class GeminiCitations
{
    // About half a megabyte of marks; text with more non-ASCII characters than this before a citation loses only the citation.
    private const int MostMarks = 65_536;
    private const int MostCitations = 1_024;

    private readonly List<(int Bytes, int Characters)> marks = [];
    private readonly HashSet<(string, int, int)> seen = [];
    private int bytes;
    private int characters;

    /// <summary>Web searches the provider billed, as far as reported.</summary>
    public int Searches { get; private set; }

    /// <summary>Visible text went by.</summary>
    public void Pass(string text)
    {
        if (Ascii.IsValid(text))
        {
            bytes += text.Length;
            characters += text.Length;
            return;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            characters += rune.Utf16SequenceLength;
            if (rune.Utf8SequenceLength != rune.Utf16SequenceLength && marks.Count < MostMarks)
                marks.Add((bytes, characters));
        }
    }

    /// <summary>Reads one candidate's metadata; supports repeated in later events are told once.</summary>
    public void Read(JsonElement metadata, List<AnswerEvent> events)
    {
        if (metadata.Member("webSearchQueries"u8) is { ValueKind: JsonValueKind.Array } queries)
            Searches = Math.Max(Searches, queries.GetArrayLength());
        var chunks = metadata.Items("groundingChunks"u8).Select(chunk => chunk.Member("web"u8)).ToList();
        foreach (var support in metadata.Items("groundingSupports"u8))
        {
            var segment = support.Member("segment"u8) ?? default;
            var from = ToCharacters(segment.Whole("startIndex"u8) ?? 0);
            var to = ToCharacters(segment.Whole("endIndex"u8) ?? 0);
            foreach (var index in support.Items("groundingChunkIndices"u8))
            {
                if (index.ValueKind != JsonValueKind.Number || !index.TryGetInt32(out var at) || at < 0 || at >= chunks.Count || from is null || to is null)
                    continue;
                if (chunks[at] is not { } web || web.Text("uri"u8) is not { Length: > 0 } uri || seen.Count >= MostCitations || !seen.Add((uri, from.Value, to.Value)))
                    continue;
                events.Add(new UrlCitation(uri, web.Text("title"u8) ?? "", segment.Text("text"u8), from.Value, to.Value));
            }
        }
    }

    private int? ToCharacters(long offset)
    {
        if (marks.Count == MostMarks && offset > marks[^1].Bytes)
            return null;
        var low = 0;
        for (var high = marks.Count; low < high;)
        {
            var middle = (low + high) / 2;
            if (marks[middle].Bytes <= offset)
                low = middle + 1;
            else
                high = middle;
        }
        var (markBytes, markCharacters) = low == 0 ? (0, 0) : marks[low - 1];
        return (int)Math.Clamp(markCharacters + (offset - markBytes), 0, characters);
    }
}
