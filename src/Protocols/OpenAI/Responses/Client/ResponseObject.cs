using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>How an answer stands: what of the response object follows from it.</summary>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>incomplete</c> or <c>failed</c>.</param>
/// <param name="Why"><c>incomplete_details.reason</c>, or null.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Charge">Usage and cost once known, or null.</param>
internal readonly record struct ResponseState(string Status, string? Why = null, GatewayError? Error = null, AnswerCharge? Charge = null)
{
    public static ResponseState InProgress => new("in_progress");

    /// <summary>An answer that came to its end.</summary>
    public static ResponseState Ended(FinishReason finish, AnswerCharge charge) => finish switch
    {
        FinishReason.Length => new("incomplete", "max_output_tokens", Charge: charge),
        FinishReason.ContentFilter => new("incomplete", "content_filter", Charge: charge),
        _ => new("completed", Charge: charge),
    };
}

/// <summary>
/// Writes the response object (inference §10.3). It repeats what was asked, from the caller's own bytes; members that are required and nullable are there.
/// </summary>
internal static class ResponseObject
{
    /// <summary>What is repeated, and what stands there when it was not said.</summary>
    public static readonly (string Name, string Default)[] Asked =
    [
        ("instructions", "null"), ("metadata", "{}"), ("temperature", "1"), ("top_p", "1"), ("tools", "[]"), ("tool_choice", "\"auto\""), ("parallel_tool_calls", "true"),
        ("max_output_tokens", "null"), ("max_tool_calls", "null"), ("reasoning", """{"effort":null,"summary":null}"""), ("text", """{"format":{"type":"text"}}"""),
        ("truncation", "\"disabled\""), ("service_tier", "\"default\""), ("user", "null"), ("prompt_cache_key", "null"), ("safety_identifier", "null"), ("top_logprobs", "0"),
        ("frequency_penalty", "0"), ("presence_penalty", "0"),
    ];

    /// <summary>The names of <see cref="Asked"/>.</summary>
    public static IEnumerable<string> AskedNames => Asked.Select(static member => member.Name);

    public static void Write(Utf8JsonWriter writer, AnswerIdentity identity, Output output, in ResponseState state)
    {
        writer.WriteStartObject();
        WriteHead(writer, identity, output.ResponseId, state);
        writer.WriteStartArray("output"u8);
        if (state.Status != "in_progress")
        {
            var itemStatus = state.Status == "completed" ? "completed" : "incomplete";
            for (var i = 0; i < output.Items.Count; i++)
                output.Items[i].Write(writer, i == output.Items.Count - 1 ? itemStatus : "completed");
        }

        writer.WriteEndArray();
        writer.WriteString("output_text"u8, string.Concat(output.Items.Where(item => item.Kind == OutputKind.Message).Select(item => item.Text.ToString())));
        WriteOutcome(writer, state);
        WriteAsked(writer, identity.Asked, state.Charge);
        WriteStateless(writer);
        WriteUsage(writer, state.Charge, reported: default);
        writer.WriteEndObject();
    }

    /// <summary>Who answers, and how the answer stands.</summary>
    public static void WriteHead(Utf8JsonWriter writer, AnswerIdentity identity, string id, in ResponseState state)
    {
        writer.WriteString("id"u8, id);
        writer.WriteString("object"u8, "response"u8);
        writer.WriteNumber("created_at"u8, identity.Created);
        if (state.Charge is null)
            writer.WriteNull("completed_at"u8);
        else
            writer.WriteNumber("completed_at"u8, identity.Created + state.Charge.TookSeconds);
        writer.WriteString("model"u8, identity.Model);
        if (identity.Provider.Length > 0)
            writer.WriteString("provider"u8, identity.Provider);
        writer.WriteString("status"u8, state.Status);
    }

    /// <summary>Nothing is kept here, whatever the provider keeps.</summary>
    public static void WriteStateless(Utf8JsonWriter writer)
    {
        writer.WriteBoolean("store"u8, false);
        writer.WriteNull("previous_response_id"u8);
        writer.WriteBoolean("background"u8, false);
    }

    /// <summary>Why it failed, or is not whole.</summary>
    public static void WriteOutcome(Utf8JsonWriter writer, in ResponseState state)
    {
        if (state.Error is { } error)
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("code"u8, ResponsesErrorWriter.CodeOf(error.Kind));
            writer.WriteString("message"u8, error.Message);
            writer.WriteEndObject();
            writer.WriteString("error_type"u8, ErrorKinds.WireName(error.Kind));
        }
        else
        {
            writer.WriteNull("error"u8);
        }

        if (state.Why is null)
        {
            writer.WriteNull("incomplete_details"u8);
            return;
        }

        writer.WriteStartObject("incomplete_details"u8);
        writer.WriteString("reason"u8, state.Why);
        writer.WriteEndObject();
    }

    private static void WriteAsked(Utf8JsonWriter writer, ReadOnlyMemory<byte> asked, AnswerCharge? charge)
    {
        foreach (var (name, otherwise) in Asked)
        {
            writer.WritePropertyName(name);
            if (charge is not null && name == "service_tier")
                writer.WriteStringValue(charge.ServiceTier ?? "default");
            else if (PassthroughMembers.TryFind(asked.Span, name, out var value) && value is not [(byte)'n', ..])
                writer.WriteRawValue(value, skipInputValidation: true);
            else
                writer.WriteRawValue(otherwise, skipInputValidation: true);
        }
    }

    /// <summary>Counts and cost. Members of <paramref name="reported"/>, the provider's own object, that are not known here are copied.</summary>
    public static void WriteUsage(Utf8JsonWriter writer, AnswerCharge? charge, ReadOnlySpan<byte> reported)
    {
        if (charge is null)
        {
            writer.WriteNull("usage"u8);
            return;
        }

        var usage = charge.Usage;
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, usage.PromptTokens);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedTokens);
        writer.WriteNumber("cache_write_tokens"u8, usage.CacheWriteTokens);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, usage.CompletionTokens);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, usage.TotalTokens);
        ChatUsageWriter.WriteCost(writer, charge, "upstream_inference_input_cost"u8, "upstream_inference_output_cost"u8);
        ChatUsageWriter.WriteToolUseDetails(writer, charge);
        CopyUnknown(writer, reported);
        writer.WriteEndObject();
        if (!charge.RouterMetadata.IsEmpty)
        {
            writer.WritePropertyName("openrouter_metadata"u8);
            writer.WriteRawValue(charge.RouterMetadata.Span, skipInputValidation: true);
        }
    }

    private static void CopyUnknown(Utf8JsonWriter writer, ReadOnlySpan<byte> reported)
    {
        var members = new JsonMembers(reported);
        while (members.Next())
        {
            if (System.Text.Encoding.UTF8.GetString(members.Name) is not ("input_tokens" or "input_tokens_details" or "output_tokens" or "output_tokens_details" or "total_tokens" or "cost"
                or "is_byok" or "cost_details" or "server_tool_use_details"))
            {
                writer.WritePropertyName(members.Name);
                writer.WriteRawValue(members.Value, skipInputValidation: true);
            }
        }
    }
}
