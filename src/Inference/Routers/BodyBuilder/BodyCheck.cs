using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Json.Repair;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>
/// What a model wrote, made the answer of <c>openrouter/bodybuilder</c>: models that are in the catalog, messages of the user and the assistant, and nothing else, with the
/// caller's own system messages before them. What a model adds is not sent on; what it leaves out is missing.
/// </summary>
internal static class BodyCheck
{
    private const int MostRequests = 20;
    private const int MostBytes = 4 << 20;

    /// <summary>The answer; null where it cannot be made from that.</summary>
    public static string? Rewrite(CatalogSnapshot catalog, string said, ReadOnlyMemory<byte> body)
    {
        using var written = Parse(said);
        if (written is null || written.RootElement.ValueKind != JsonValueKind.Object || !written.RootElement.TryGetProperty("requests"u8, out var requests)
            || requests.ValueKind != JsonValueKind.Array || requests.GetArrayLength() is < 1 or > MostRequests)
            return null;
        using var asked = JsonDocument.Parse(body);
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, RequestBodies.Readable))
        {
            json.WriteStartObject();
            json.WriteStartArray("requests"u8);
            foreach (var request in requests.EnumerateArray())
            {
                if (!TryWrite(catalog, request, asked.RootElement, json) || json.BytesCommitted + json.BytesPending > MostBytes)
                    return null;
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static bool TryWrite(CatalogSnapshot catalog, JsonElement request, JsonElement asked, Utf8JsonWriter json)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("model"u8, out var model) || model.ValueKind != JsonValueKind.String || catalog.Find(model.GetString()) is null
            || !request.TryGetProperty("messages"u8, out var messages) || messages.ValueKind != JsonValueKind.Array)
            return false;
        json.WriteStartObject();
        json.WriteString("model"u8, model.GetString());
        json.WriteStartArray("messages"u8);
        RequestBodies.WriteInstructions(json, asked);
        var fromUser = false;
        foreach (var message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content"u8, out var content) || content.ValueKind != JsonValueKind.String || content.GetString() is not { Length: > 0 } text)
                return false;
            var isUser = RequestBodies.IsOf(message, "user"u8);
            fromUser |= isUser;
            if (isUser || RequestBodies.IsOf(message, "assistant"u8))
                RequestBodies.Write(json, isUser ? "user"u8 : "assistant"u8, text);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return fromUser;
    }

    /// <summary>Models wrap JSON in fences and words at times, whatever they were asked.</summary>
    private static JsonDocument? Parse(string said)
    {
        try
        {
            return JsonDocument.Parse(JsonRepair.Repair(said) ?? said);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
