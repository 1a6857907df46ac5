using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions;

/// <summary>
/// The <c>usage</c> object of a chat answer (inference §5). Always whole (I-31): counts that are nothing are written as 0, because clients read
/// them as integers; only <c>cost_details</c> is left out when what the provider charges is not known.
/// </summary>
internal static class ChatUsageWriter
{
    private static ReadOnlySpan<byte> PromptCost => "upstream_inference_prompt_cost"u8;
    private static ReadOnlySpan<byte> ToolUseDetails => "server_tool_use_details"u8;
    private static ReadOnlySpan<byte> CompletionCost => "upstream_inference_completions_cost"u8;

    /// <summary>Writes the object as a value: the caller has written the member's name, or writes onto an empty writer.</summary>
    public static void Write(Utf8JsonWriter writer, AnswerCharge charge)
    {
        var buffer = new PooledBuffer();
        var output = new JsonOutput(buffer);
        Write(charge, ref output);
        output.Flush();
        writer.WriteRawValue(buffer.Written, skipInputValidation: true);
        buffer.Release();
    }

    /// <summary>Writes the object as a value.</summary>
    public static void Write(AnswerCharge charge, ref JsonOutput output)
    {
        var usage = charge.Usage;
        output.BeginObject();
        output.Number("prompt_tokens"u8, usage.PromptTokens);
        output.Number("completion_tokens"u8, usage.CompletionTokens);
        output.Number("total_tokens"u8, usage.TotalTokens);
        output.Amount("cost"u8, charge.Cost);
        output.Name("is_byok"u8);
        output.Boolean(charge.IsByok);
        WritePromptDetails(usage, ref output);
        WriteCostDetails(charge, ref output);
        WriteCompletionDetails(usage, ref output);
        WriteToolUse(charge, ref output);
        output.EndObject();
    }

    /// <summary>What it cost: members of the usage object in every dialect.</summary>
    public static void WriteCost(Utf8JsonWriter writer, AnswerCharge charge) =>
        WriteCost(writer, charge, PromptCost, CompletionCost);

    /// <summary>The same where the two halves have other names.</summary>
    public static void WriteCost(Utf8JsonWriter writer, AnswerCharge charge, ReadOnlySpan<byte> promptName, ReadOnlySpan<byte> completionName)
    {
        writer.WriteNumber("cost"u8, WithoutTrailingZeros(charge.Cost));
        writer.WriteBoolean("is_byok"u8, charge.IsByok);
        WriteCostDetails(writer, charge, promptName, completionName);
    }

    /// <summary>Searches under both names they have (inference §5); calls of tools only where the gateway ran some, since a provider's own are not counted as such.</summary>
    private static void WriteToolUse(AnswerCharge charge, ref JsonOutput output)
    {
        var searches = charge.Usage.WebSearchRequests + (charge.ToolUse?.Searches ?? 0);
        if (searches > 0)
        {
            output.Name("server_tool_use"u8);
            output.BeginObject();
            output.Number("web_search_requests"u8, searches);
            output.EndObject();
        }

        if (searches == 0 && charge.ToolUse is null)
            return;
        output.Name(ToolUseDetails);
        output.BeginObject();
        output.Number("web_search_requests"u8, searches);
        if (charge.ToolUse is { } use)
        {
            output.Number("tool_calls_requested"u8, use.Requested);
            output.Number("tool_calls_executed"u8, use.Executed);
        }

        output.EndObject();
    }

    /// <summary>What tools did, where anything was: a member of the usage object.</summary>
    public static void WriteToolUseDetails(Utf8JsonWriter writer, AnswerCharge charge)
    {
        var searches = charge.Usage.WebSearchRequests + (charge.ToolUse?.Searches ?? 0);
        if (searches == 0 && charge.ToolUse is null)
            return;
        writer.WriteStartObject(ToolUseDetails);
        writer.WriteNumber("web_search_requests"u8, searches);
        if (charge.ToolUse is { } use)
        {
            writer.WriteNumber("tool_calls_requested"u8, use.Requested);
            writer.WriteNumber("tool_calls_executed"u8, use.Executed);
        }

        writer.WriteEndObject();
    }

    private static void WritePromptDetails(in Usage usage, ref JsonOutput output)
    {
        output.Name("prompt_tokens_details"u8);
        output.BeginObject();
        output.Number("cached_tokens"u8, usage.CachedTokens);
        output.Number("cache_write_tokens"u8, usage.CacheWriteTokens);
        output.Number("audio_tokens"u8, usage.AudioPromptTokens);
        output.Number("video_tokens"u8, usage.VideoPromptTokens);
        output.EndObject();
    }

    private static void WriteCompletionDetails(in Usage usage, ref JsonOutput output)
    {
        output.Name("completion_tokens_details"u8);
        output.BeginObject();
        output.Number("reasoning_tokens"u8, usage.ReasoningTokens);
        output.Number("audio_tokens"u8, usage.AudioCompletionTokens);
        output.Number("image_tokens"u8, usage.ImageCompletionTokens);
        output.Number("accepted_prediction_tokens"u8, usage.AcceptedPredictionTokens ?? 0);
        output.Number("rejected_prediction_tokens"u8, usage.RejectedPredictionTokens ?? 0);
        output.EndObject();
    }

    private static void WriteCostDetails(AnswerCharge charge, ref JsonOutput output)
    {
        if (charge.UpstreamPromptCost is not { } prompt || charge.UpstreamCompletionCost is not { } completion)
            return;
        output.Name("cost_details"u8);
        output.BeginObject();
        if (charge.UpstreamCost is { } total)
            output.Amount("upstream_inference_cost"u8, total);
        else
            output.Member("upstream_inference_cost"u8, "null"u8);
        output.Amount(PromptCost, prompt);
        output.Amount(CompletionCost, completion);
        output.EndObject();
    }

    /// <summary>Clients want both halves whenever the object is there (inference §16), so one unknown half leaves the object out.</summary>
    private static void WriteCostDetails(Utf8JsonWriter writer, AnswerCharge charge, ReadOnlySpan<byte> promptName, ReadOnlySpan<byte> completionName)
    {
        if (charge.UpstreamPromptCost is not { } prompt || charge.UpstreamCompletionCost is not { } completion)
            return;
        writer.WriteStartObject("cost_details"u8);
        if (charge.UpstreamCost is { } total)
            writer.WriteNumber("upstream_inference_cost"u8, WithoutTrailingZeros(total));
        else
            writer.WriteNull("upstream_inference_cost"u8);
        writer.WriteNumber(promptName, WithoutTrailingZeros(prompt));
        writer.WriteNumber(completionName, WithoutTrailingZeros(completion));
        writer.WriteEndObject();
    }

    /// <summary>Division by a one of the greatest scale drops trailing zeros. A decimal is never written with an exponent.</summary>
    private static decimal WithoutTrailingZeros(decimal value) => value / 1.0000000000000000000000000000m;
}
