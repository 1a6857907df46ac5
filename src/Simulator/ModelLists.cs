using System.Text.Json;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator;

/// <summary>What <c>GET /models</c> answers in each dialect. Any other name is served too.</summary>
internal static class ModelLists
{
    private static readonly string[] Names = ["sim-chat", "sim-reasoner"];

    public static BodyReply OpenAI() => List(w =>
    {
        w.WriteString("object", "list");
        Each(w, "data", name =>
        {
            w.WriteString("id", name);
            w.WriteString("object", "model");
            w.WriteNumber("created", 1735689600);
            w.WriteString("owned_by", "simulator");
        });
    });

    public static BodyReply Anthropic() => List(w =>
    {
        Each(w, "data", name =>
        {
            w.WriteString("type", "model");
            w.WriteString("id", name);
            w.WriteString("display_name", name);
            w.WriteString("created_at", "2025-01-01T00:00:00Z");
        });
        w.WriteBoolean("has_more", false);
        w.WriteString("first_id", Names[0]);
        w.WriteString("last_id", Names[^1]);
    });

    public static BodyReply Gemini() => List(w => Each(w, "models", name =>
    {
        w.WriteString("name", "models/" + name);
        w.WriteString("version", "001");
        w.WriteString("displayName", name);
        w.WriteNumber("inputTokenLimit", 1_000_000);
        w.WriteNumber("outputTokenLimit", 65_536);
        w.WriteStartArray("supportedGenerationMethods");
        w.WriteStringValue("generateContent");
        w.WriteEndArray();
    }));

    /// <summary>What llama.cpp's server says of itself at <c>/props</c>.</summary>
    public static BodyReply Properties() => List(w =>
    {
        w.WriteStartObject("default_generation_settings");
        w.WriteNumber("n_ctx", 32_768);
        w.WriteEndObject();
        w.WriteStartObject("modalities");
        w.WriteBoolean("vision", true);
        w.WriteEndObject();
    });

    private static BodyReply List(Action<Utf8JsonWriter> members) => new(StatusCodes.Status200OK, JsonBytes.Object(members));

    private static void Each(Utf8JsonWriter w, string list, Action<string> members)
    {
        w.WriteStartArray(list);
        foreach (var name in Names)
        {
            w.WriteStartObject();
            members(name);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }
}
