using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Ollama;

/// <summary>Writes the body of <c>POST /api/chat</c> (providers contract §10.1). What the format does not know is left out.</summary>
internal static class OllamaRequestWriter
{
    public static GatewayError? Write(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        // The server would drop the oldest messages without a word (P-08).
        if (target.ContextLength is { } window && request.Content.PromptTokens > window)
            return TooLong(request.Content.PromptTokens, window);
        var (think, error) = OllamaThink.For(request.Reasoning, target);
        if (error is not null)
            return error;
        (var messages, error) = OllamaMessages.From(request.Conversation, target);
        if (messages is null)
            return error;
        var tools = OllamaTools.Offered(request.Conversation.Tools, request.ToolChoice);
        var json = request.ResponseFormat is { Kind: ResponseFormatKind.JsonObject or ResponseFormatKind.JsonSchema } format ? format : null;
        var schema = tools.Count == 0 && json?.Schema is { ValueKind: JsonValueKind.Object } given ? SchemaCompiler.Compile(given, SchemaSubsets.Ollama).ReportTo(call.Schemas, SchemaReport.Answer) : null;
        if (schema?.Error(SchemaReport.Answer) is { } unusable)
            return unusable;
        if (schema is null && json?.Schema is not null)
            call.Schemas?.AddNotEnforced();

        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, target.Model);
        writer.WriteBoolean("stream"u8, call.Stream); // on unless said otherwise
        writer.WriteStartArray("messages"u8);
        // A constrained answer cannot be a call: beside tools the format is asked for in words.
        if (json is not null && tools.Count > 0)
            OllamaMessages.WriteSystem(writer, InWords(json));
        foreach (var message in messages)
            message.Write(writer);
        writer.WriteEndArray();
        OllamaTools.Write(writer, tools, call.Schemas);
        if (json is not null && tools.Count == 0)
            WriteFormat(writer, schema);
        think.Write(writer);
        // Rather an error, and an end by length, than text that silently went missing.
        writer.WriteBoolean("truncate"u8, false);
        writer.WriteBoolean("shift"u8, false);
        WriteOptions(writer, request, target, call);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    private static GatewayError TooLong(int prompt, int window) => new()
    {
        Kind = ErrorKind.ContextLengthExceeded,
        Message = $"This endpoint's maximum context length is {window} tokens, and the messages are about {prompt}. Please make them shorter.",
    };

    private static string InWords(ResponseFormat format) => format.Schema is { } schema
        ? "Unless you call a tool, answer with JSON that is valid against this JSON Schema, and with nothing else:\n" + schema.Compact()
        : "Unless you call a tool, answer with one valid JSON object and nothing else.";

    private static void WriteFormat(Utf8JsonWriter writer, CompiledSchema? schema)
    {
        writer.WritePropertyName("format"u8);
        if (schema is not null)
            schema.Write(writer);
        else
            writer.WriteStringValue("json"u8);
    }

    private static void WriteOptions(Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target, UpstreamCall call)
    {
        bool Takes(ParameterSet parameter) => target.Supported.HasFlag(parameter);
        var maxTokens = call.Cap(request);
        writer.WriteStartObject("options"u8);
        if (target.ContextLength is { } window)
            writer.WriteNumber("num_ctx"u8, window);
        if (maxTokens is { } max)
            writer.WriteNumber("num_predict"u8, max);
        if (request.Temperature is { } temperature && Takes(ParameterSet.Temperature))
            writer.WriteNumber("temperature"u8, temperature);
        if (request.TopP is { } topP && Takes(ParameterSet.TopP))
            writer.WriteNumber("top_p"u8, topP);
        if (request.TopK is { } topK and > 0 && Takes(ParameterSet.TopK))
            writer.WriteNumber("top_k"u8, topK);
        if (request.MinP is { } minP && Takes(ParameterSet.MinP))
            writer.WriteNumber("min_p"u8, minP);
        if (request.RepetitionPenalty is { } repetition && Takes(ParameterSet.RepetitionPenalty))
            writer.WriteNumber("repeat_penalty"u8, repetition);
        if (request.PresencePenalty is { } presence && Takes(ParameterSet.PresencePenalty))
            writer.WriteNumber("presence_penalty"u8, presence);
        if (request.FrequencyPenalty is { } frequency && Takes(ParameterSet.FrequencyPenalty))
            writer.WriteNumber("frequency_penalty"u8, frequency);
        if (request.Seed is { } seed && Takes(ParameterSet.Seed))
            writer.WriteNumber("seed"u8, unchecked((int)seed) & int.MaxValue); // 31 bits there; folded, not refused
        if (request.Stop.Count > 0 && Takes(ParameterSet.Stop))
        {
            writer.WriteStartArray("stop"u8);
            foreach (var sequence in request.Stop.Where(s => s.Length > 0))
                writer.WriteStringValue(sequence);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
