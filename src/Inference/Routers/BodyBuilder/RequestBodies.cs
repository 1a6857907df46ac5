using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>
/// The answer of <c>openrouter/bodybuilder</c> (R-29): <c>{"requests":[{"model","messages"}]}</c>, a request for each model the user's last message names, each with the
/// system messages and the task. Nobody named: the auto router. By rules; the caller sends them.
/// </summary>
internal static class RequestBodies
{
    // Every request repeats the system messages and the task: what they may come to together.
    private const int MostBytes = 4 << 20;

    // Longer texts are tasks with something to work on; models are named at the beginning or the end.
    private const int MostSearched = 8000;

    public static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The answer to a chat completion's body; null when it would be too long.</summary>
    public static string? Build(CatalogSnapshot catalog, ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var said = LastOfUser(document.RootElement);
        var mentions = ModelMentions.Of(catalog).Find(said.Length <= MostSearched ? said : said[..MostSearched]);
        var task = said.Length <= MostSearched ? TaskText.Of(said, mentions) : said;
        var models = mentions.Select(static mention => mention.Model).Distinct(StringComparer.OrdinalIgnoreCase).DefaultIfEmpty(RouterSlugs.Auto);

        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteStartArray("requests"u8);
            foreach (var model in models)
            {
                json.WriteStartObject();
                json.WriteString("model"u8, model);
                json.WriteStartArray("messages"u8);
                if (json.BytesCommitted + json.BytesPending > MostBytes)
                    return null;
                WriteInstructions(json, document.RootElement);
                Write(json, "user"u8, task);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The text of the user's last message in a chat completion's body.</summary>
    public static string LastOfUser(JsonElement body)
    {
        var said = "";
        foreach (var message in body.GetProperty("messages"u8).EnumerateArray())
        {
            if (IsOf(message, "user"u8))
                said = TextOf(message);
        }

        return said;
    }

    /// <summary>The system messages of a chat completion's body, which every request repeats.</summary>
    public static void WriteInstructions(Utf8JsonWriter json, JsonElement body)
    {
        foreach (var message in body.GetProperty("messages"u8).EnumerateArray())
        {
            if (IsOf(message, "system"u8) || IsOf(message, "developer"u8))
                Write(json, "system"u8, TextOf(message));
        }
    }

    /// <summary>A message.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, content);
        json.WriteEndObject();
    }

    /// <summary>A message has a role.</summary>
    public static bool IsOf(JsonElement message, ReadOnlySpan<byte> role) => message.TryGetProperty("role"u8, out var found) && found.ValueEquals(role);

    private static string TextOf(JsonElement message)
    {
        if (!message.TryGetProperty("content"u8, out var content))
            return "";
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Join('\n', content.EnumerateArray()
                .Where(static part => part.TryGetProperty("text"u8, out var text) && text.ValueKind == JsonValueKind.String).Select(static part => part.GetProperty("text"u8).GetString())),
            _ => "",
        };
    }
}
