using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Ollama;

/// <summary>What an Ollama server says of its models: <c>GET /api/tags</c> and <c>POST /api/show</c>. Any other name is served too.</summary>
internal static class OllamaModels
{
    private static readonly (string Name, string[] Capabilities)[] Models =
    [
        ("sim-chat:latest", ["completion", "tools", "vision"]), ("sim-reasoner:8b", ["completion", "tools", "thinking"]), ("sim-embed:latest", ["embedding"]),
    ];

    public static BodyReply Tags() => new(StatusCodes.Status200OK, JsonBytes.Object(static w =>
    {
        w.WriteStartArray("models");
        foreach (var (name, _) in Models)
        {
            w.WriteStartObject();
            w.WriteString("name", name);
            w.WriteString("model", name);
            w.WriteNumber("size", 4_000_000_000);
            w.WriteStartObject("details");
            w.WriteString("family", "sim");
            w.WriteString("quantization_level", "Q4_K_M");
            w.WriteEndObject();
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }));

    public static async Task<BodyReply> ShowAsync(HttpRequest request, CancellationToken gone)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, gone);
        using var document = Json.Parse(buffer.ToArray());
        var name = document is not null && document.RootElement.IsObject() ? document.RootElement.Str("model") : null;
        if (Array.Find(Models, model => model.Name == name) is not { Name: not null } known)
        {
            return OllamaErrors.UnknownModel(name ?? "");
        }

        return new(StatusCodes.Status200OK, JsonBytes.Object(w =>
        {
            w.WriteStartArray("capabilities");
            foreach (var capability in known.Capabilities)
            {
                w.WriteStringValue(capability);
            }

            w.WriteEndArray();
            w.WriteStartObject("model_info");
            w.WriteString("general.architecture", "sim");
            w.WriteNumber("sim.context_length", 65_536);
            w.WriteEndObject();
        }));
    }
}
