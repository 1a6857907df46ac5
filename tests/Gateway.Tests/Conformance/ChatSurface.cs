using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary><c>/chat/completions</c></summary>
internal sealed class ChatSurface : Surface
{
    public override string Name => "chat";

    public override string Path => "api/v1/chat/completions";

    public override JsonObject Body(string model, string text, bool stream) =>
        new() { ["model"] = model, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }), ["stream"] = stream };

    public override void System(JsonObject body, string text) => body["messages"]!.AsArray().Insert(0, new JsonObject { ["role"] = "system", ["content"] = text });

    public override void Image(JsonObject body, string dataUrl, string text) => body["messages"]![0]!["content"] = new JsonArray(
        new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = dataUrl } }, new JsonObject { ["type"] = "text", ["text"] = text });

    public override void Tools(JsonObject body, params string[] names) => body["tools"] = new JsonArray(
        [.. names.Select(name => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["description"] = name, ["parameters"] = Parameters() } })]);

    public override void Schema(JsonObject body, JsonNode schema) => body["response_format"] = new JsonObject
    {
        ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "place", ["strict"] = true, ["schema"] = schema },
    };

    public override void Reason(JsonObject body) => (body["reasoning"], body["max_tokens"]) = (new JsonObject { ["max_tokens"] = 1024 }, 4000);

    public override void Stop(JsonObject body, string sequence) => body["stop"] = new JsonArray(sequence);

    public override void Draw(JsonObject body) => body["modalities"] = new JsonArray("image", "text");

    public override void Length(JsonObject body, int tokens) => body["max_tokens"] = tokens;

    public override void Continue(JsonObject body, SurfaceAnswer answer, string[] results, string? text)
    {
        var messages = body["messages"]!.AsArray();
        messages.Add(answer.Turn[0].DeepClone());
        for (var i = 0; i < results.Length; i++)
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = answer.Calls[i].Id, ["content"] = results[i] });
        if (text is not null)
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = text });
    }

    protected override SurfaceAnswer Read(int status, string text, bool streamed)
    {
        var chunks = streamed ? Data(text) : [JsonNode.Parse(text)!];
        var choices = chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => choice!).ToList();
        var pieces = choices.Select(choice => choice["delta"] ?? choice["message"]!).ToList();
        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        foreach (var call in pieces.SelectMany(piece => piece["tool_calls"]?.AsArray() ?? []))
        {
            var known = calls.GetValueOrDefault((int)call!["index"]!, ("", "", ""));
            calls[(int)call["index"]!] = (known.Item1 + (string?)call["id"], known.Item2 + (string?)call["function"]!["name"], known.Item3 + (string?)call["function"]!["arguments"]);
        }

        // Fragments of reasoning go back as they came: the gateway joins them.
        var details = new JsonArray([.. pieces.SelectMany(piece => piece["reasoning_details"]?.AsArray() ?? []).Select(detail => detail!.DeepClone())]);
        var content = Join(pieces.Select(piece => piece["content"]));
        var turn = new JsonObject { ["role"] = "assistant", ["content"] = content };
        if (details.Count > 0)
            turn["reasoning_details"] = details;
        var images = pieces.SelectMany(piece => piece["images"]?.AsArray() ?? []).Select(image => image!).ToList();
        if (images.Count > 0)
            turn["images"] = new JsonArray([.. images.Select(image => image.DeepClone())]);
        if (calls.Count > 0)
        {
            turn["tool_calls"] = new JsonArray([.. calls.Values.Select(call => new JsonObject
            {
                ["id"] = call.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
            })]);
        }

        return new SurfaceAnswer(
            status, content, (string?)choices.Select(choice => choice["finish_reason"]).LastOrDefault(reason => reason is not null), [.. calls.Values],
            Join(pieces.Select(piece => piece["reasoning"])), Join(pieces.Select(piece => piece["refusal"])), chunks.Exists(chunk => chunk["error"] is not null), text)
        {
            Turn = [turn],
            Images = [.. images.Select(image => ((string)image["image_url"]!["url"]!).Split(',')[1])],
        };
    }
}
