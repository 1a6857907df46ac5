using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fairlead.Protocols.Tests.Recordings;

/// <summary>
/// What a chat client makes of an answer: text, reasoning, calls, images, citations, finish, usage. Built from the bytes alone, once from a
/// whole answer and once from the chunks of a stream, the way the usual clients gather them.
/// </summary>
internal sealed partial class ClientView
{
    private readonly StringBuilder text = new();
    private readonly StringBuilder refusal = new();
    private readonly StringBuilder reasoning = new();
    private readonly SortedDictionary<int, JsonObject> calls = [];
    private readonly List<JsonObject> details = [];
    private readonly JsonArray images = [];
    private readonly JsonArray annotations = [];
    private string? finish;
    private string? native;
    private JsonObject? usage;
    private JsonNode? error;
    private bool isWhole;

    public static ClientView OfWhole(ReadOnlySpan<byte> body)
    {
        var answer = JsonNode.Parse(body)!.AsObject();
        Assert.Equal("chat.completion", (string?)answer["object"]);
        var view = new ClientView { isWhole = true };
        var choice = Assert.Single(answer["choices"]!.AsArray())!;
        view.Add(choice["message"]!.AsObject());
        view.finish = (string?)choice["finish_reason"];
        view.native = (string?)choice["native_finish_reason"];
        view.usage = answer["usage"]!.AsObject();
        return view;
    }

    /// <summary>Checks the order of chunks on the way: one finish, then usage without choices, then the terminator, then nothing.</summary>
    public static ClientView OfStream(string stream)
    {
        var events = ChatClient.Chat.Events(stream);
        Assert.Equal("[DONE]", events[^1]);
        var view = new ClientView();
        foreach (var chunk in events.SkipLast(1).Select(e => JsonNode.Parse(e)!.AsObject()))
        {
            Assert.Equal("chat.completion.chunk", (string?)chunk["object"]);
            Assert.Null(view.usage);
            if (chunk["error"] is { } failure)
                view.error = failure.DeepClone();
            if (chunk["usage"] is { } counts)
            {
                Assert.Empty(chunk["choices"]!.AsArray());
                view.usage = counts.AsObject();
                continue;
            }

            var choice = Assert.Single(chunk["choices"]!.AsArray())!;
            Assert.Null(view.finish);
            var delta = choice["delta"]!.AsObject();
            Assert.Equal("assistant", (string?)delta["role"]);
            view.Add(delta);
            view.finish = (string?)choice["finish_reason"];
            view.native = (string?)choice["native_finish_reason"];
        }

        Assert.NotNull(view.finish);
        return view;
    }

    /// <summary>The view as it is checked in. Ids that the recording does not hold were made by us: they are numbered.</summary>
    public JsonObject ToJson(string recording)
    {
        var json = new JsonObject();
        AddText(json, "text", text);
        AddText(json, "refusal", refusal);
        AddText(json, "reasoning", reasoning);
        var made = new Dictionary<string, string>(StringComparer.Ordinal);
        var callItems = calls.Values.Select(c => Named(c.DeepClone().AsObject(), recording, made)).ToArray();
        if (details.Count > 0)
            json["reasoning_details"] = new JsonArray([.. details.Select(d => Named(d.DeepClone().AsObject(), recording, made))]);
        if (callItems.Length > 0)
            json["tool_calls"] = new JsonArray([.. callItems]);
        if (images.Count > 0)
            json["images"] = images.DeepClone();
        if (annotations.Count > 0)
            json["annotations"] = annotations.DeepClone();
        json["finish_reason"] = finish;
        json["native_finish_reason"] = native;
        if (error is not null)
            json["error"] = error.DeepClone();
        if (usage is not null)
            json["usage"] = Counts(usage);
        return json;
    }

    private void Add(JsonObject message)
    {
        text.Append((string?)message["content"]);
        refusal.Append((string?)message["refusal"]);
        reasoning.Append((string?)message["reasoning"]);
        foreach (var detail in Items(message, "reasoning_details"))
            AddDetail(detail);
        foreach (var call in Items(message, "tool_calls"))
            AddCall(call);
        foreach (var image in Items(message, "images"))
            images.Add(image.DeepClone());
        foreach (var annotation in Items(message, "annotations"))
            annotations.Add(annotation.DeepClone());
    }

    /// <summary>Fragments with the type and index of the last block belong to it.</summary>
    private void AddDetail(JsonObject detail)
    {
        var open = details.FindLast(d => (string?)d["type"] == (string?)detail["type"] && (int?)d["index"] == (int?)detail["index"]);
        if (open is null)
        {
            details.Add(detail.DeepClone().AsObject());
            return;
        }

        foreach (var (name, value) in detail)
        {
            if (name is "text" or "summary" or "data" or "signature" && value is not null)
                open[name] = (string?)open[name] + (string?)value;
            else
                open[name] ??= value?.DeepClone();
        }
    }

    private void AddCall(JsonObject call)
    {
        // Chunks must number their calls; whole answers need not.
        var index = (int?)call["index"] ?? (isWhole ? calls.Count : throw new FormatException("A chunk's call has no index."));
        if (!calls.TryGetValue(index, out var open))
        {
            Assert.Equal(calls.Count, index);
            calls[index] = open = new JsonObject { ["id"] = (string)call["id"]!, ["name"] = (string)call["function"]!["name"]!, ["arguments"] = "" };
        }

        open["arguments"] = (string)open["arguments"]! + (string?)call["function"]?["arguments"];
    }

    private static IEnumerable<JsonObject> Items(JsonObject owner, string name)
    {
        if (!owner.TryGetPropertyValue(name, out var value))
            return [];
        Assert.NotNull(value);
        return value.AsArray().Select(i => i!.AsObject());
    }

    private static void AddText(JsonObject json, string name, StringBuilder value)
    {
        if (value.Length > 0)
            json[name] = value.ToString();
    }

    private static JsonObject Named(JsonObject item, string recording, Dictionary<string, string> made)
    {
        if ((string?)item["id"] is { } id && !recording.Contains(id, StringComparison.Ordinal))
        {
            Assert.Matches(MadeId(), id);
            made.TryAdd(id, $"(made {made.Count})");
            item["id"] = made[id];
        }

        return item;
    }

    /// <summary>Counts that are not 0, flattened; the cost is the harness's own.</summary>
    private static JsonObject Counts(JsonObject usage)
    {
        var counts = new JsonObject();
        foreach (var (name, value) in usage)
        {
            if (name is "cost" or "is_byok")
                continue;
            if (value is JsonObject inner)
            {
                foreach (var (innerName, count) in inner)
                    AddCount(counts, $"{name}.{innerName}", count);
            }
            else
            {
                AddCount(counts, name, value);
            }
        }

        return counts;
    }

    private static void AddCount(JsonObject counts, string name, JsonNode? count)
    {
        if (count is not null && long.Parse(count.ToJsonString(), CultureInfo.InvariantCulture) is not 0 and var number)
            counts[name] = number;
    }

    [GeneratedRegex("^call_[0-9A-Za-z]{24}$")]
    private static partial Regex MadeId();
}
