using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Writes the body of <c>generateContent</c> (providers contract §6.2). What the format or the model generation does not know is left out.</summary>
internal static class GeminiRequestWriter
{
    private const int MostStops = 5;

    public static GatewayError? Write(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        if (target.Supported.HasFlag(ParameterSet.Stop) && StopSequences.Check(request, MostStops) is { } unstoppable)
            return unstoppable;
        var conversation = request.Conversation;
        var model = GeminiModels.For(target);
        var (turns, error) = GeminiTurns.From(conversation, model, withSignatures: !call.WithoutSignatures);
        if (turns is null)
            return error;
        var maxTokens = call.Cap(request);
        (var thinking, error) = GeminiThinking.For(request, target, model, maxTokens);
        if (thinking is null)
            return error;
        var json = request.ResponseFormat is { Kind: ResponseFormatKind.JsonObject or ResponseFormatKind.JsonSchema } format ? format : null;
        if (json is not null && conversation.Tools.Count > 0 && !model.JsonWithTools)
        {
            turns.System.Add(new TextPiece(InWords(json)));
            if (json.Schema is not null)
                call.Schemas?.AddNotEnforced();
            json = null;
        }

        (var schemas, error) = GeminiSchemas.From(conversation.Tools, json, model, call.Schemas);
        if (schemas is null)
            return error;

        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        if (turns.System.Count > 0)
        {
            writer.WriteStartObject("systemInstruction"u8);
            WriteParts(writer, turns.System);
            writer.WriteEndObject();
        }
        writer.WriteStartArray("contents"u8);
        foreach (var turn in turns.Turns)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, turn.Model ? "model"u8 : "user"u8);
            WriteParts(writer, turn.Parts);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        GeminiTools.Write(writer, request, conversation.Tools, schemas, model);
        WriteGenerationConfig(writer, request, target, model, thinking, maxTokens ?? thinking.MaxTokens, isJson: json is not null, schemas.Answer);
        // What the endpoint's prices are for, whatever was asked.
        if (target.ServiceTier is { } tier)
            writer.WriteString("serviceTier"u8, tier);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    private static string InWords(ResponseFormat format) => format.Schema is { } schema
        ? "Answer with JSON that is valid against this JSON Schema, and with nothing else:\n" + schema.Compact()
        : "Answer with one valid JSON object and nothing else.";

    private static void WriteParts(Utf8JsonWriter writer, List<GeminiPart> parts)
    {
        writer.WriteStartArray("parts"u8);
        foreach (var part in parts)
            part.Write(writer);
        writer.WriteEndArray();
    }

    private static void WriteGenerationConfig(
        Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target, GeminiModel model, GeminiThinking thinking, int? maxTokens, bool isJson, CompiledSchema? schema)
    {
        bool Takes(ParameterSet parameter) => target.Supported.HasFlag(parameter);
        writer.WriteStartObject("generationConfig"u8);
        if (maxTokens is { } max)
            writer.WriteNumber("maxOutputTokens"u8, max);
        if (request.Temperature is { } temperature && Takes(ParameterSet.Temperature))
            writer.WriteNumber("temperature"u8, temperature);
        if (request.TopP is { } topP && Takes(ParameterSet.TopP))
            writer.WriteNumber("topP"u8, topP);
        if (request.TopK is { } topK and > 0 && Takes(ParameterSet.TopK))
            writer.WriteNumber("topK"u8, topK);
        if (request.Seed is { } seed && Takes(ParameterSet.Seed))
            writer.WriteNumber("seed"u8, unchecked((int)seed)); // 32 bits there; folded, not refused
        if (request.Stop.Count > 0 && Takes(ParameterSet.Stop))
        {
            writer.WriteStartArray("stopSequences"u8);
            foreach (var sequence in request.Stop.Where(s => s.Length > 0))
                writer.WriteStringValue(sequence);
            writer.WriteEndArray();
        }
        if (model.Penalties && request.PresencePenalty is { } presence && Takes(ParameterSet.PresencePenalty))
            writer.WriteNumber("presencePenalty"u8, presence);
        if (model.Penalties && request.FrequencyPenalty is { } frequency && Takes(ParameterSet.FrequencyPenalty))
            writer.WriteNumber("frequencyPenalty"u8, frequency);
        WriteModalities(writer, request, target);
        if (isJson)
            writer.WriteString("responseMimeType"u8, "application/json"u8);
        if (schema is not null)
        {
            writer.WritePropertyName(model.JsonSchema ? "responseJsonSchema"u8 : "responseSchema"u8);
            schema.Write(writer);
        }

        thinking.Write(writer);
        writer.WriteEndObject();
    }

    // Speech needs a voice this version cannot be told. Models that make images make them unasked too: what is said is sent, what is not is theirs to choose.
    private static void WriteModalities(Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target)
    {
        if (!target.WritesImages)
            return;
        if (request.Modalities.Count > 0)
        {
            writer.WriteStartArray("responseModalities"u8);
            if (request.Modalities.Contains("text"))
                writer.WriteStringValue("TEXT"u8);
            if (request.Modalities.Contains("image"))
                writer.WriteStringValue("IMAGE"u8);
            writer.WriteEndArray();
        }

        if (!PassthroughMembers.TryFind(request.Body.Span, "image_config", out var raw))
            return;
        using var config = JsonReading.TryParse(raw);
        var ratio = config?.RootElement.Text("aspect_ratio"u8);
        var size = config?.RootElement.Text("image_size"u8);
        if (ratio is null && size is null)
            return;
        writer.WriteStartObject("imageConfig"u8);
        if (ratio is not null)
            writer.WriteString("aspectRatio"u8, ratio);
        if (size is not null)
            writer.WriteString("imageSize"u8, size);
        writer.WriteEndObject();
    }
}
