using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>Writes the body of <c>POST /responses</c> (providers contract §3.2). What the format does not know is left out.</summary>
internal static class ResponsesRequestWriter
{
    // The vendor refuses less.
    private const int SmallestOutput = 16;

    // Members that are ours to write, whatever an endpoint lets pass.
    private static readonly FrozenSet<string> Own = FrozenSet.Create(
        StringComparer.Ordinal, "model", "input", "instructions", "store", "stream", "stream_options", "include", "reasoning", "text", "tools", "tool_choice", "max_output_tokens");

    public static GatewayError? Write(RequestContext context, IBufferWriter<byte> output)
    {
        if (ReasoningMembers.Check(context) is { } impossible)
            return impossible;
        var (request, target) = (context.Request, context.Target);
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, target.Model);
        writer.WriteBoolean("stream"u8, context.Call.Stream);
        writer.WriteBoolean("store"u8, false);
        if (context.Call.Stream && context.Quirks.Obfuscates)
        {
            writer.WriteStartObject("stream_options"u8);
            writer.WriteBoolean("include_obfuscation"u8, false);
            writer.WriteEndObject();
        }

        var forwards = ResponsesForwarding.Applies(request, target, context.Call);
        if (forwards)
            ResponsesForwarding.Write(writer, context);
        else if (new ResponsesInput(context).Write(writer) is { } error)
            return error;
        WriteReasoning(writer, context);
        WriteText(writer, context);
        ResponsesTools.Write(writer, context, onlyChoice: forwards);
        if (context.MaxTokens is { } cap)
            writer.WriteNumber("max_output_tokens"u8, Math.Max(cap, SmallestOutput));
        if (!context.RefusesSampling)
        {
            if (request.Temperature is { } temperature && context.Supports(ParameterSet.Temperature))
                writer.WriteNumber("temperature"u8, temperature);
            if (request.TopP is { } topP && context.Supports(ParameterSet.TopP))
                writer.WriteNumber("top_p"u8, topP);
        }

        WriteAccount(writer, context);
        PassthroughMembers.Copy(forwards ? request.Original.Span : request.Body.Span, [.. target.Passthrough.Where(name => !Own.Contains(name))], writer);
        writer.WriteEndObject();
        return null;
    }

    private static void WriteReasoning(Utf8JsonWriter writer, RequestContext context)
    {
        if (context.Target.ReasoningForm == ReasoningForm.None)
            return;
        // Nothing is stored there, so what has to come back must be sent to us.
        writer.WriteStartArray("include"u8);
        writer.WriteStringValue("reasoning.encrypted_content"u8);
        writer.WriteEndArray();
        var asked = context.Request.Reasoning;
        var off = ReasoningEffort.IsOff(asked);
        var effort = off || ReasoningEffort.IsOn(asked) ? ReasoningMembers.EffortWord(context, off) : null;
        // Summaries are asked for only where reasoning was: the vendor gives them to verified accounts alone.
        var summary = off || asked is null || asked.Exclude ? null : asked.Summary ?? (ReasoningEffort.IsOn(asked) ? "auto" : null);
        if (effort is null && summary is null && !context.Family.ProMode)
            return;
        writer.WriteStartObject("reasoning"u8);
        if (context.Family.ProMode)
            writer.WriteString("mode"u8, "pro"u8);
        if (effort is not null)
            writer.WriteString("effort"u8, effort);
        if (summary is not null)
            writer.WriteString("summary"u8, summary);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, RequestContext context)
    {
        var request = context.Request;
        var format = request.ResponseFormat is { Kind: ResponseFormatKind.JsonObject or ResponseFormatKind.JsonSchema } asked && context.Supports(ParameterSet.ResponseFormat) ? asked : null;
        var verbosity = context.Supports(ParameterSet.Verbosity) ? request.Verbosity : null;
        if (format is null && verbosity is null)
            return;
        writer.WriteStartObject("text"u8);
        if (verbosity is not null)
            writer.WriteString("verbosity"u8, verbosity is "low" or "medium" ? verbosity : "high"); // xhigh and max are ours
        if (format is not null)
        {
            writer.WriteStartObject("format"u8);
            // I-19: a schema the endpoint cannot enforce is asked for in words, see ResponsesInput.
            if (format.Schema is { } schema && context.Supports(ParameterSet.StructuredOutputs))
                WriteSchema(writer, context, format, schema);
            else
                WriteLoose(writer, context, format);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteLoose(Utf8JsonWriter writer, RequestContext context, ResponseFormat format)
    {
        if (format.Schema is not null)
            context.Call.Schemas?.AddNotEnforced();
        writer.WriteString("type"u8, "json_object"u8);
    }

    private static void WriteSchema(Utf8JsonWriter writer, RequestContext context, ResponseFormat format, JsonElement schema)
    {
        var strict = StrictSchema.For(format.Strict == true, schema, context, SchemaReport.Answer);
        writer.WriteString("type"u8, "json_schema"u8);
        writer.WriteString("name"u8, format.Name ?? "answer");
        if (format.Description is not null)
            writer.WriteString("description"u8, format.Description);
        writer.WritePropertyName("schema"u8);
        if (strict.Compiled is { } compiled)
            compiled.Write(writer);
        else
            writer.WriteAsIs(schema);
        writer.WriteBoolean("strict"u8, strict.IsStrict);
    }

    private static void WriteAccount(Utf8JsonWriter writer, RequestContext context)
    {
        var (request, quirks) = (context.Request, context.Quirks);
        var key = quirks.PromptCacheKey ? request.PromptCacheKey : null;
        if (key is not null)
            writer.WriteString("prompt_cache_key"u8, key);
        if (context.CacheMarks == CacheMarks.Breakpoint && JsonMembers.Find(request.Body.Span, "prompt_cache_options"u8) is [(byte)'{', ..] options)
        {
            writer.WritePropertyName("prompt_cache_options"u8);
            writer.WriteRawValue(options, skipInputValidation: true);
        }

        if (context.Call.UserHash is { } hash)
        {
            foreach (var name in quirks.UserMembers)
            {
                if (key is null || name != "prompt_cache_key")
                    writer.WriteString(Encoding.UTF8.GetBytes(name), hash);
            }
        }

        if (context.Target.ServiceTier is { } own)
            writer.WriteString("service_tier"u8, own);
        else if (request.ServiceTier is { } tier && quirks.ServiceTiers.Contains(tier))
            writer.WriteString("service_tier"u8, tier);
    }
}
