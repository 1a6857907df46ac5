using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Turns <c>citations</c> (addresses) and <c>search_results</c> (titles) of Perplexity and xAI into annotations (providers §4.3): one
/// <c>url_citation</c> each, places in the text unknown (0, I-20).
/// </summary>
internal static class CitationEditor
{
    private const int MostCitations = 128;

    /// <summary>Writes the array of annotations; nothing when there are no citations.</summary>
    public static void Write(ReadOnlySpan<byte> citations, ReadOnlySpan<byte> searchResults, PooledBuffer target)
    {
        var output = new JsonOutput(target);
        var written = 0;
        var addresses = new JsonElements(citations.IsEmpty ? "[]"u8 : citations);
        while (written < MostCitations && addresses.Next())
        {
            if (addresses.Value is not [(byte)'"', .., (byte)'"'])
                continue;
            if (written++ == 0)
                output.BeginArray();
            output.BeginObject();
            output.Name("type"u8);
            output.Raw("\"url_citation\""u8);
            output.Name("url_citation"u8);
            output.BeginObject();
            output.Member("url"u8, addresses.Value);
            output.Member("title"u8, Title(addresses.Value, searchResults));
            output.Member("start_index"u8, "0"u8);
            output.Member("end_index"u8, "0"u8);
            output.EndObject();
            output.EndObject();
        }
        if (written > 0)
            output.EndArray();
        output.Flush();
    }

    /// <summary>Adds annotations to an array of them, or to nothing.</summary>
    public static void Append(IReadOnlyList<AnswerEvent> notes, PooledBuffer target)
    {
        var earlier = target.Written.IsEmpty ? new JsonArray() : JsonNode.Parse(target.Written)!.AsArray();
        foreach (var note in notes)
            earlier.Add(AnswerPieces.Annotation(note));
        target.Clear();
        using var writer = JsonWriting.Create(target);
        earlier.WriteTo(writer);
    }

    private static ReadOnlySpan<byte> Title(ReadOnlySpan<byte> address, ReadOnlySpan<byte> searchResults)
    {
        var results = new JsonElements(searchResults.IsEmpty ? "[]"u8 : searchResults);
        while (results.Next())
        {
            if (JsonMembers.Find(results.Value, "url"u8).SequenceEqual(address) && JsonMembers.Find(results.Value, "title"u8) is [(byte)'"', ..] and var title)
                return title;
        }
        return "\"\""u8;
    }
}
