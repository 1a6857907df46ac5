using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>
/// The reasoning items of one answer as blocks: summary, text, and the encrypted whole that goes back byte for byte. Blocks of one item share its id and number.
/// </summary>
internal sealed class ResponsesReasoning(string format)
{
    public const string Summary = "reasoning.summary";
    public const string Text = "reasoning.text";
    public const string Encrypted = "reasoning.encrypted";

    // No answer has near as many; past this they are ignored.
    private const int Most = 4096;

    private readonly Dictionary<long, string?> names = [];
    private readonly HashSet<(long Item, string Type, long Part)> said = [];
    private readonly Dictionary<long, int> numbers = [];
    private (long Item, string Type, long Part)? open;

    /// <summary>Something was told.</summary>
    public bool Any => numbers.Count > 0;

    /// <summary>An item has this id.</summary>
    public void Name(long item, string? id)
    {
        if (names.Count < Most)
            names.TryAdd(item, id);
    }

    /// <summary>A piece of a part. Parts of one block are set apart by a blank line.</summary>
    public void Add(long item, string type, long part, string? piece, List<AnswerEvent> events)
    {
        if (string.IsNullOrEmpty(piece) || said.Count >= Most)
            return;
        said.Add((item, type, part));
        if (open is { } last && last.Item == item && last.Type == type && last.Part != part)
            piece = "\n\n" + piece;
        open = (item, type, part);
        var detail = Block(item, type);
        events.Add(new ReasoningDelta(type == Summary ? detail with { Summary = piece } : detail with { Text = piece }));
    }

    /// <summary>A part, whole.</summary>
    public void AddAll(long item, string type, long part, string? text, List<AnswerEvent> events)
    {
        if (!said.Contains((item, type, part)))
            Add(item, type, part, text, events);
    }

    /// <summary>An item, whole.</summary>
    public void Close(long index, JsonElement item, List<AnswerEvent> events)
    {
        Name(index, item.Text("id"u8));
        var number = 0;
        foreach (var part in item.Items("summary"u8))
            AddAll(index, Summary, number++, part.Text("text"u8), events);
        number = 0;
        foreach (var part in item.Items("content"u8))
            AddAll(index, Text, number++, part.Text("text"u8), events);
        if (item.Text("encrypted_content"u8) is not { Length: > 0 } data || numbers.Count >= Most)
            return;
        events.Add(new ReasoningDelta(Block(index, Encrypted) with { Data = data }));
    }

    private ReasoningDetail Block(long item, string type)
    {
        if (!numbers.TryGetValue(item, out var number))
            numbers[item] = number = numbers.Count;
        return new() { Type = type, Format = format, Id = names.GetValueOrDefault(item), Index = number };
    }
}
