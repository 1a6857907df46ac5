using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary><c>/completions</c>: text only, so most wishes cannot be said (<c>impossible.txt</c>).</summary>
internal sealed class CompletionsSurface : Surface
{
    public override string Name => "completions";

    public override string Path => "api/v1/completions";

    public override JsonObject Body(string model, string text, bool stream) => new() { ["model"] = model, ["prompt"] = text, ["stream"] = stream };

    public override void System(JsonObject body, string text) => throw Unsayable();

    public override void Image(JsonObject body, string dataUrl, string text) => throw Unsayable();

    public override void Tools(JsonObject body, params string[] names) => throw Unsayable();

    public override void Schema(JsonObject body, JsonNode schema) => body["response_format"] = new JsonObject
    {
        ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "place", ["strict"] = true, ["schema"] = schema },
    };

    public override void Reason(JsonObject body) => throw Unsayable();

    public override void Stop(JsonObject body, string sequence) => body["stop"] = sequence;

    public override void Draw(JsonObject body) => throw Unsayable();

    public override void Length(JsonObject body, int tokens) => body["max_tokens"] = tokens;

    public override void Continue(JsonObject body, SurfaceAnswer answer, string[] results, string? text) => throw Unsayable();

    protected override SurfaceAnswer Read(int status, string text, bool streamed)
    {
        var chunks = streamed ? Data(text) : [JsonNode.Parse(text)!];
        var choices = chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => choice!).ToList();
        return new SurfaceAnswer(
            status, Join(choices.Select(choice => choice["text"])), (string?)choices.Select(choice => choice["finish_reason"]).LastOrDefault(reason => reason is not null), [], "", "",
            chunks.Exists(chunk => chunk["error"] is not null), text);
    }

    private static InvalidOperationException Unsayable() => new("This surface has no word for it: list the cell in impossible.txt.");
}
