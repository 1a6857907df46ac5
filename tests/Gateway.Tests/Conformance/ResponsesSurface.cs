using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Responses;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary><c>/responses</c></summary>
internal sealed class ResponsesSurface : Surface
{
    public override string Name => "responses";

    public override string Path => "api/v1/responses";

    public override JsonObject Body(string model, string text, bool stream) => ResponsesCaller.Body(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }), stream, model);

    public override void System(JsonObject body, string text) => body["instructions"] = text;

    public override void Image(JsonObject body, string dataUrl, string text) => body["input"]![0]!["content"] = new JsonArray(
        new JsonObject { ["type"] = "input_image", ["image_url"] = dataUrl }, new JsonObject { ["type"] = "input_text", ["text"] = text });

    public override void Tools(JsonObject body, params string[] names) =>
        body["tools"] = new JsonArray([.. names.Select(name => new JsonObject { ["type"] = "function", ["name"] = name, ["description"] = name, ["parameters"] = Parameters() })]);

    public override void Schema(JsonObject body, JsonNode schema) =>
        body["text"] = new JsonObject { ["format"] = new JsonObject { ["type"] = "json_schema", ["name"] = "place", ["strict"] = true, ["schema"] = schema } };

    public override void Reason(JsonObject body) => (body["reasoning"], body["max_output_tokens"]) = (new JsonObject { ["max_tokens"] = 1024 }, 4000);

    public override void Stop(JsonObject body, string sequence) => throw new InvalidOperationException("This surface has no word for it: list the cell in impossible.txt.");

    public override void Draw(JsonObject body) => body["modalities"] = new JsonArray("image", "text");

    public override void Length(JsonObject body, int tokens) => body["max_output_tokens"] = tokens;

    public override void Continue(JsonObject body, SurfaceAnswer answer, string[] results, string? text)
    {
        var input = body["input"]!.AsArray();
        foreach (var item in answer.Turn)
            input.Add(item.DeepClone());
        for (var i = 0; i < results.Length; i++)
            input.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = answer.Calls[i].Id, ["output"] = results[i] });
        if (text is not null)
            input.Add(new JsonObject { ["role"] = "user", ["content"] = text });
    }

    protected override SurfaceAnswer Read(int status, string text, bool streamed)
    {
        var reply = new ResponsesReply(status, null!, streamed ? "text/event-stream" : "application/json", text);
        var response = reply.Response;
        var output = response["output"]!.AsArray().Select(item => item!).ToList();
        var parts = output.Where(item => (string?)item["type"] == "message").SelectMany(item => item["content"]!.AsArray()).ToList();
        var thoughts = output.Where(item => (string?)item["type"] == "reasoning").SelectMany(item => (item["content"]?.AsArray() ?? []).Concat(item["summary"]!.AsArray()));
        var calls = output.Where(item => (string?)item["type"] == "function_call").Select(item => ((string)item["call_id"]!, (string)item["name"]!, (string)item["arguments"]!)).ToList();
        var finish = (string?)response["status"] switch
        {
            "completed" => calls.Count > 0 ? "tool_calls" : "stop",
            "incomplete" => (string?)response["incomplete_details"]!["reason"] == "max_output_tokens" ? "length" : "content_filter",
            _ => "error",
        };
        return new SurfaceAnswer(
            status, Join(parts.Select(part => part!["text"])), finish, calls, Join(thoughts.Select(part => part!["text"])), Join(parts.Select(part => part!["refusal"])), finish == "error", text)
        {
            Turn = output,
            Images = [.. output.Where(item => (string?)item["type"] == "image_generation_call").Select(item => (string)item["result"]!)],
        };
    }
}
