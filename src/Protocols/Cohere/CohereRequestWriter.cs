using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>Writes the body of <c>POST /v2/chat</c> (providers contract §9). What the format does not know is left out.</summary>
internal static class CohereRequestWriter
{
    private const int MostStops = 5;
    private const int LargestTopK = 500;

    public static GatewayError? Write(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        if (target.Supported.HasFlag(ParameterSet.Stop) && StopSequences.Check(request, MostStops) is { } unstoppable)
            return unstoppable;
        var conversation = request.Conversation;
        var maxTokens = call.Cap(request);
        var (thinking, error) = CohereThinking.For(request, target, maxTokens);
        if (error is not null)
            return error;
        (var messages, error) = CohereMessages.From(conversation, target);
        if (messages is null)
            return error;
        var format = CohereOutputFormat.For(request.ResponseFormat, hasTools: conversation.Tools.Count > 0, call.Schemas);
        if (format.Error is not null)
            return format.Error;

        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, target.Model);
        writer.WriteBoolean("stream"u8, call.Stream);
        writer.WriteStartArray("messages"u8);
        if (format.Instruction is { } instruction)
            CohereMessages.WriteSystem(writer, instruction);
        foreach (var message in messages)
            message.Write(writer);
        writer.WriteEndArray();
        CohereTools.Write(writer, conversation.Tools, request.ToolChoice);
        format.Write(writer);
        thinking.Write(writer);
        if ((maxTokens ?? thinking.MaxTokens) is { } most)
            writer.WriteNumber("max_tokens"u8, most);
        WriteSampling(writer, request, target);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    private static void WriteSampling(Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target)
    {
        bool Takes(ParameterSet parameter) => target.Supported.HasFlag(parameter);
        if (request.Temperature is { } temperature && Takes(ParameterSet.Temperature))
            writer.WriteNumber("temperature"u8, temperature);
        if (request.TopP is { } topP && Takes(ParameterSet.TopP))
            writer.WriteNumber("p"u8, Math.Clamp(topP, 0.01, 0.99));
        if (request.TopK is { } topK and > 0 && Takes(ParameterSet.TopK))
            writer.WriteNumber("k"u8, Math.Min(topK, LargestTopK));
        if (request.Seed is { } seed && Takes(ParameterSet.Seed))
            writer.WriteNumber("seed"u8, seed & long.MaxValue); // not negative there; folded, not refused
        // From 0 to 1 there: a larger wish is the largest, a negative one has no counterpart.
        if (request.FrequencyPenalty is { } frequency and >= 0 && Takes(ParameterSet.FrequencyPenalty))
            writer.WriteNumber("frequency_penalty"u8, Math.Min(frequency, 1));
        if (request.PresencePenalty is { } presence and >= 0 && Takes(ParameterSet.PresencePenalty))
            writer.WriteNumber("presence_penalty"u8, Math.Min(presence, 1));
        if (request.Stop.Count == 0 || !Takes(ParameterSet.Stop))
            return;
        writer.WriteStartArray("stop_sequences"u8);
        foreach (var sequence in request.Stop.Where(s => s.Length > 0))
            writer.WriteStringValue(sequence);
        writer.WriteEndArray();
    }
}
