using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>What the configured model is asked: instructions with the slugs there are, the caller's last message, and the schema of the answer.</summary>
internal static class BodyPrompt
{
    // The newest. More would cost more than the rest of the prompt.
    private const int MostSlugs = 400;

    private const string Schema = """
        {"type":"object","additionalProperties":false,"required":["requests"],"properties":{"requests":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["model","messages"],
        "properties":{"model":{"type":"string"},"messages":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["role","content"],
        "properties":{"role":{"type":"string","enum":["user","assistant"]},"content":{"type":"string"}}}}}}}}}
        """;

    /// <summary>A body of <c>POST /chat/completions</c>.</summary>
    public static byte[] Write(CatalogSnapshot catalog, ReadOnlyMemory<byte> body)
    {
        using var asked = JsonDocument.Parse(body);
        var instructions = new StringBuilder("""
            You turn a wish into requests to language models. Answer with JSON only: {"requests": [{"model": "…", "messages": [{"role": "user", "content": "…"}]}]}.
            One request for each model the wish names, in its order; where it names a family, its newest model; where it names none, openrouter/auto. content is the task alone, in the wish's own
            words and language, without the words that name the models. Do not do the task. model must be one of these:

            """).Append(RouterSlugs.Auto);
        foreach (var model in catalog.Listed.Where(RouterFit.Talks).Take(MostSlugs))
            instructions.Append('\n').Append(model.Id);

        var output = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(output, RequestBodies.Readable))
        {
            json.WriteStartObject();
            json.WriteStartArray("messages");
            RequestBodies.Write(json, "system"u8, instructions.ToString());
            RequestBodies.Write(json, "user"u8, RequestBodies.LastOfUser(asked.RootElement));
            json.WriteEndArray();
            json.WriteNumber("temperature", 0);
            json.WriteStartObject("response_format");
            json.WriteString("type", "json_schema");
            json.WriteStartObject("json_schema");
            json.WriteString("name", "requests");
            json.WriteBoolean("strict", true);
            json.WritePropertyName("schema");
            json.WriteRawValue(Schema);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
