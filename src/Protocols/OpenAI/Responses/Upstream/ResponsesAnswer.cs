using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>
/// Turns the items of one answer into events (providers contract §3.3), whether they come in pieces, whole, or both: what a delta told is not told again when
/// the whole follows.
/// </summary>
internal sealed class ResponsesAnswer(string reasoningFormat)
{
    // No answer has near as many; past this, items and parts are ignored.
    private const int Most = 4096;

    private readonly CallIds ids = new();
    private readonly ResponsesReasoning reasoning = new(reasoningFormat);
    private readonly Dictionary<long, Call> calls = [];
    private readonly Dictionary<(long Item, long Part), Part> parts = [];
    private readonly HashSet<long> closed = [];
    private string? answerId;
    private int characters;
    private int searches;

    private sealed class Call(int number)
    {
        public int Number { get; } = number;
        public bool HasArguments { get; set; }
        public bool Closed { get; set; }
    }

    private sealed class Part(int start)
    {
        /// <summary>Where its text begins in the answer's.</summary>
        public int Start { get; } = start;
        public bool Said { get; set; }
        public bool Cited { get; set; }
    }

    /// <summary>Where events go; the stream reader sets it anew for every read.</summary>
    public List<AnswerEvent> Events { get; set; } = [];

    /// <summary>The end was told.</summary>
    public bool Finished { get; private set; }

    public void Start(JsonElement response)
    {
        if (answerId is not null)
            return;
        answerId = response.Text("id"u8) ?? "";
        Events.Add(new AnswerStarted(answerId, response.Text("model"u8)));
    }

    /// <summary>An item begins: only a call has something to tell then.</summary>
    public void Open(long index, JsonElement item)
    {
        reasoning.Name(index, item.Text("id"u8));
        if (item.Text("type"u8) != ResponsesItemTypes.FunctionCall || calls.ContainsKey(index) || calls.Count >= Most)
            return;
        var call = new Call(calls.Count);
        calls[index] = call;
        Events.Add(new ToolCallStarted(call.Number, ids.Next(item.Text("call_id"u8), answerId), item.Text("name"u8) ?? ""));
    }

    /// <summary>An item, whole.</summary>
    public void Close(long index, JsonElement item)
    {
        if (closed.Count >= Most || !closed.Add(index))
            return;
        switch (item.Text("type"u8))
        {
            case ResponsesItemTypes.FunctionCall:
                Open(index, item);
                CloseCall(index, item.Text("arguments"u8));
                break;
            case ResponsesItemTypes.Message:
                CloseMessage(index, item);
                break;
            case ResponsesItemTypes.Reasoning:
                reasoning.Close(index, item, Events);
                break;
            case ResponsesItemTypes.ImageGenerationCall when item.Text("result"u8) is { Length: > 0 } image:
                Events.Add(new ImageProduced($"data:image/{item.Text("output_format"u8) ?? "png"};base64,{image}"));
                break;
            case ResponsesItemTypes.WebSearchCall:
                searches++;
                break;
        }
    }

    public void AddArguments(long index, string? piece)
    {
        if (string.IsNullOrEmpty(piece) || !calls.TryGetValue(index, out var call) || call.Closed)
            return;
        call.HasArguments = true;
        Events.Add(new ToolCallArguments(call.Number, piece));
    }

    /// <summary>A call's arguments, whole; those of none are <c>{}</c>.</summary>
    public void CloseCall(long index, string? arguments)
    {
        if (!calls.TryGetValue(index, out var call) || call.Closed)
            return;
        if (!call.HasArguments)
            Events.Add(new ToolCallArguments(call.Number, string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments));
        call.Closed = true;
    }

    public void Say(long index, long part, string? piece)
    {
        if (string.IsNullOrEmpty(piece) || PartOf(index, part) is not { } said)
            return;
        said.Said = true;
        characters += piece.Length;
        Events.Add(new TextDelta(piece));
    }

    public void SaidAll(long index, long part, string? text)
    {
        if (PartOf(index, part) is { Said: false })
            Say(index, part, text);
    }

    public void Refuse(long index, long part, string? piece)
    {
        if (string.IsNullOrEmpty(piece) || PartOf(index, part) is not { } said)
            return;
        said.Said = true;
        Events.Add(new RefusalDelta(piece));
    }

    public void RefusedAll(long index, long part, string? text)
    {
        if (PartOf(index, part) is { Said: false })
            Refuse(index, part, text);
    }

    /// <summary>A citation. Those of files have no address, and so no place in a chat answer.</summary>
    public void Cite(long index, long part, JsonElement annotation)
    {
        if (annotation.Text("type"u8) != ResponsesItemTypes.UrlCitation || annotation.Text("url"u8) is not { } url || PartOf(index, part) is not { } cited)
            return;
        cited.Cited = true;
        var (start, end) = (0, 0);
        // Some hosts tell no places.
        if (annotation.Whole("end_index"u8) is { } last)
            (start, end) = (cited.Start + Place(annotation.Whole("start_index"u8) ?? 0), cited.Start + Place(last));
        Events.Add(new UrlCitation(url, annotation.Text("title"u8) ?? "", null, start, end));
    }

    public void Summarize(long index, long part, string? piece) => reasoning.Add(index, ResponsesReasoning.Summary, part, piece, Events);

    public void SummarizedAll(long index, long part, string? text) => reasoning.AddAll(index, ResponsesReasoning.Summary, part, text, Events);

    public void Think(long index, long part, string? piece) => reasoning.Add(index, ResponsesReasoning.Text, part, piece, Events);

    public void ThoughtAll(long index, long part, string? text) => reasoning.AddAll(index, ResponsesReasoning.Text, part, text, Events);

    /// <summary>The answer ends. Its items are repeated here; they are read only where none came before.</summary>
    public void Finish(JsonElement response)
    {
        if (Finished)
            return;
        Start(response);
        if (response.Text("status"u8) is "failed" or "cancelled" || response.Member("error"u8) is not null)
        {
            Events.Add(new AnswerFailed(ResponsesFailures.OfAnswer(response)));
            return;
        }

        Finished = true;
        if (closed.Count == 0 && parts.Count == 0 && calls.Count == 0 && !reasoning.Any)
        {
            var index = 0;
            foreach (var item in response.Items("output"u8))
                Close(index++, item);
        }

        CloseAll();
        var cut = response.Member("incomplete_details"u8)?.Text("reason"u8);
        Events.Add(new AnswerFinished(ToFinish(cut), cut ?? response.Text("status"u8)));
        if (ResponsesUsage.Read(response.Member("usage"u8), searches) is { } counted)
            Events.Add(new UsageReported(counted));
    }

    /// <summary>Closes what was left open, in order.</summary>
    public void CloseAll()
    {
        foreach (var index in calls.Keys.Order().ToList())
            CloseCall(index, null);
    }

    private void CloseMessage(long index, JsonElement item)
    {
        var number = 0;
        foreach (var content in item.Items("content"u8))
        {
            SaidAll(index, number, content.Text("text"u8));
            RefusedAll(index, number, content.Text("refusal"u8));
            if (PartOf(index, number) is { Cited: false })
            {
                foreach (var annotation in content.Items("annotations"u8))
                    Cite(index, number, annotation);
            }

            number++;
        }
    }

    private Part? PartOf(long index, long part)
    {
        if (parts.TryGetValue((index, part), out var known))
            return known;
        if (parts.Count >= Most)
            return null;
        return parts[(index, part)] = new Part(characters);
    }

    private static int Place(long offset) => (int)Math.Clamp(offset, 0, int.MaxValue / 2);

    // Providers contract §2.1; P-02: calls decide between stop and tool_calls, nothing else is overridden.
    private FinishReason ToFinish(string? cut) => cut switch
    {
        "max_output_tokens" => FinishReason.Length,
        "content_filter" => FinishReason.ContentFilter,
        _ => calls.Count > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
    };
}
