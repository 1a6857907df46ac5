using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.Tests.ChatUpstream;

/// <summary>A stream going through the editor, and what came out of it.</summary>
internal sealed class EditedStream(bool exclude = false)
{
    public ChatStreamEditor Editor { get; } = new(new AnswerIdentity("gen-1", "acme/model", "Acme", 42, exclude));

    public ArrayBufferWriter<byte> Buffer { get; } = new();

    public string Output => Encoding.UTF8.GetString(Buffer.WrittenSpan);

    public StreamStep Feed(string data, string eventName = "") => Editor.Translate(Encoding.UTF8.GetBytes(eventName), Encoding.UTF8.GetBytes(data), Buffer);

    public bool Complete() => Editor.Complete(Buffer);

    public void End() => Editor.WriteEnd(new AnswerCharge { Usage = Editor.Usage ?? default, Cost = 0.5m }, Buffer);

    public List<JsonObject> Chunks() =>
    [
        .. Output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(e => e != "data: [DONE]")
            .Select(e => JsonNode.Parse(e["data: ".Length..])!.AsObject()),
    ];

    public List<JsonObject> Deltas() =>
        [.. Chunks().SelectMany(c => c["choices"]!.AsArray()).Select(c => c!["delta"]!.AsObject())];

    /// <summary>The calls as a client puts them together: <c>id name arguments; …</c>, ids of our making shortened.</summary>
    public string Calls()
    {
        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        foreach (var fragment in Deltas().SelectMany(d => d["tool_calls"]?.AsArray() ?? []))
        {
            var index = (int)fragment!["index"]!;
            var call = calls.GetValueOrDefault(index, (Id: "", Name: "", Arguments: ""));
            call.Id += (string?)fragment["id"];
            call.Name += (string?)fragment["function"]!["name"];
            call.Arguments += (string?)fragment["function"]!["arguments"];
            calls[index] = call;
        }
        Assert.Equal(Enumerable.Range(0, calls.Count), calls.Keys);
        return string.Join("; ", calls.Values.Select(c => $"{(c.Id.StartsWith("call_", StringComparison.Ordinal) && c.Id.Length == 29 ? "call_" : c.Id)} {c.Name} {c.Arguments}"));
    }
}
