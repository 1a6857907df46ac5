using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary>What one client surface made of an answer, in the same words for all.</summary>
internal sealed record SurfaceAnswer(int Status, string Text, string? Finish, IReadOnlyList<(string Id, string Name, string Arguments)> Calls, string Thought, string Refusal, bool Failed, string Raw)
{
    /// <summary>The turn as the surface sends it back.</summary>
    public IReadOnlyList<JsonNode> Turn { get; init; } = [];

    /// <summary>Its images, in base64.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];
}

/// <summary>A client surface: how the same wishes are said on it, and its answers read. Bodies are <see cref="JsonObject"/>s that the wishes are added to.</summary>
internal abstract class Surface
{
    public static readonly Surface[] All = [new ChatSurface(), new CompletionsSurface(), new MessagesSurface(), new ResponsesSurface()];

    public abstract string Name { get; }

    public abstract string Path { get; }

    public abstract JsonObject Body(string model, string text, bool stream);

    public abstract void System(JsonObject body, string text);

    public abstract void Image(JsonObject body, string dataUrl, string text);

    public abstract void Tools(JsonObject body, params string[] names);

    public abstract void Schema(JsonObject body, JsonNode schema);

    public abstract void Reason(JsonObject body);

    public abstract void Stop(JsonObject body, string sequence);

    /// <summary>Images are wanted in the answer.</summary>
    public abstract void Draw(JsonObject body);

    public abstract void Length(JsonObject body, int tokens);

    /// <summary>The answer, the results of its calls, and perhaps a further question become part of the conversation.</summary>
    public abstract void Continue(JsonObject body, SurfaceAnswer answer, string[] results, string? text);

    protected abstract SurfaceAnswer Read(int status, string text, bool streamed);

    public async Task<SurfaceAnswer> SendAsync(HttpClient client, JsonObject body)
    {
        using var request = Request(body);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (int)response.StatusCode == 200
            ? Read(200, text, response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            : new SurfaceAnswer((int)response.StatusCode, "", null, [], "", "", Failed: JsonNode.Parse(text)!["error"]!["message"] is not null, text);
    }

    public HttpRequestMessage Request(JsonObject body) => new(HttpMethod.Post, Path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    protected static JsonNode Parameters() => JsonNode.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""")!;

    protected static List<JsonNode> Data(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line["data: ".Length..])!)];

    protected static string Join(IEnumerable<JsonNode?> pieces) => string.Concat(pieces.Select(piece => (string?)piece));
}
