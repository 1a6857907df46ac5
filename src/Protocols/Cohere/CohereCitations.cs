using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>
/// Citations with an address. The vendor counts characters (code points) of the visible text, clients UTF-16 units, so the places where the two counts part are
/// remembered while the text goes by. Citations of documents and tool results without an address have no place in a chat answer.
/// </summary>
internal sealed class CohereCitations
{
    // Text with more characters outside the basic plane than this before a citation loses only the citation's exact place.
    private const int MostMarks = 65_536;
    private const int MostCitations = 1_024;

    private readonly List<int> pairs = [];
    private int characters;
    private int told;

    /// <summary>Visible text went by.</summary>
    public void Pass(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Utf16SequenceLength == 2 && pairs.Count < MostMarks)
                pairs.Add(characters);
            characters++;
        }
    }

    /// <summary>Reads one citation.</summary>
    public void Read(JsonElement citation, List<AnswerEvent> events)
    {
        // Thoughts and plans are cited too; their offsets are of a text that is not the answer's.
        if (citation.Text("type"u8) is { } type && type != "TEXT_CONTENT")
            return;
        var (start, end) = (ToUnits(citation.Whole("start"u8) ?? 0), ToUnits(citation.Whole("end"u8) ?? 0));
        foreach (var source in citation.Items("sources"u8))
        {
            var origin = source.Member("document"u8) ?? source.Member("tool_output"u8) ?? default;
            if (origin.Text("url"u8) is not { } url || !WebAddress.IsWeb(url) || told >= MostCitations)
                continue;
            told++;
            events.Add(new UrlCitation(url, origin.Text("title"u8) ?? "", citation.Text("text"u8), start, end));
        }
    }

    private int ToUnits(long offset)
    {
        var at = (int)Math.Clamp(offset, 0, characters);
        var before = pairs.BinarySearch(at);
        return at + (before < 0 ? ~before : before);
    }
}
