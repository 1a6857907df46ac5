using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Messages;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary><c>/messages</c></summary>
internal sealed class MessagesSurface : Surface
{
    public override string Name => "messages";

    public override string Path => "api/v1/messages";

    public override JsonObject Body(string model, string text, bool stream) => MessagesClient.Body(text, stream, model);

    public override void System(JsonObject body, string text) => body["system"] = text;

    public override void Image(JsonObject body, string dataUrl, string text)
    {
        var source = new JsonObject { ["type"] = "base64", ["media_type"] = dataUrl[5..dataUrl.IndexOf(';', StringComparison.Ordinal)], ["data"] = dataUrl[(dataUrl.IndexOf(',', StringComparison.Ordinal) + 1)..] };
        body["messages"]![0]!["content"] = new JsonArray(new JsonObject { ["type"] = "image", ["source"] = source }, new JsonObject { ["type"] = "text", ["text"] = text });
    }

    public override void Tools(JsonObject body, params string[] names) =>
        body["tools"] = new JsonArray([.. names.Select(name => new JsonObject { ["name"] = name, ["description"] = name, ["input_schema"] = Parameters() })]);

    public override void Schema(JsonObject body, JsonNode schema) => body["output_config"] = new JsonObject { ["format"] = new JsonObject { ["type"] = "json_schema", ["schema"] = schema } };

    public override void Reason(JsonObject body) => (body["thinking"], body["max_tokens"]) = (new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 1024 }, 4000);

    public override void Stop(JsonObject body, string sequence) => body["stop_sequences"] = new JsonArray(sequence);

    public override void Draw(JsonObject body) => throw new InvalidOperationException("This surface has no word for it: list the cell in impossible.txt.");

    public override void Length(JsonObject body, int tokens) => body["max_tokens"] = tokens;

    public override void Continue(JsonObject body, SurfaceAnswer answer, string[] results, string? text)
    {
        var messages = body["messages"]!.AsArray();
        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = answer.Turn[0].DeepClone() });
        var blocks = new JsonArray([.. results.Select((result, i) => new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = answer.Calls[i].Id, ["content"] = result })]);
        if (text is not null)
            blocks.Add(new JsonObject { ["type"] = "text", ["text"] = text });
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = blocks });
    }

    protected override SurfaceAnswer Read(int status, string text, bool streamed)
    {
        var reply = new MessagesReply(status, null!, streamed ? "text/event-stream" : "application/json", text);
        if (reply.Error is not null)
            return new SurfaceAnswer(status, "", null, [], "", "", Failed: true, text);
        var message = reply.Message;
        var content = message["content"]!.AsArray().Select(block => block!).ToList();
        return new SurfaceAnswer(
            status, reply.Content, (string?)message["stop_reason"] switch { "end_turn" or "stop_sequence" => "stop", "max_tokens" => "length", "tool_use" => "tool_calls", "refusal" => "content_filter", var other => other },
            [.. content.Where(block => (string?)block["type"] == "tool_use").Select(block => ((string)block["id"]!, (string)block["name"]!, block["input"]!.ToJsonString()))],
            Join(content.Select(block => block["thinking"])), "", Failed: false, text)
        {
            Turn = [message["content"]!],
        };
    }
}
