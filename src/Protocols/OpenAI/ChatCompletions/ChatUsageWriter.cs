using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions;

/// <summary>
/// The <c>usage</c> object of a chat answer (inference §5). Always whole (I-31): counts that are nothing are written as 0, because clients read
/// them as integers; only <c>cost_details</c> is left out when what the provider charges is not known.
/// </summary>
internal static class ChatUsageWriter
{
    private static ReadOnlySpan<byte> PromptCost => "upstream_inference_prompt_cost"u8;
    private static ReadOnlySpan<byte> CompletionCost => "upstream_inference_completions_cost"u8;

    /// <summary>Writes the object as a value: the caller has written the member's name, or writes onto an empty writer.</summary>
    public static void Write(Utf8JsonWriter writer, AnswerCharge charge)
    {
        var usage = charge.Usage;
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, usage.PromptTokens);
        writer.WriteNumber("completion_tokens"u8, usage.CompletionTokens);
        writer.WriteNumber("total_tokens"u8, usage.TotalTokens);
        writer.WriteNumber("cost"u8, WithoutTrailingZeros(charge.Cost));
        writer.WriteBoolean("is_byok"u8, charge.IsByok);
        WritePromptDetails(writer, usage);
        WriteCostDetails(writer, charge, PromptCost, CompletionCost);
        WriteCompletionDetails(writer, usage);
        if (usage.WebSearchRequests > 0)
        {
            writer.WriteStartObject("server_tool_use"u8);
            writer.WriteNumber("web_search_requests"u8, usage.WebSearchRequests);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
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

    private static void WritePromptDetails(Utf8JsonWriter writer, in Usage usage)
    {
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedTokens);
        writer.WriteNumber("cache_write_tokens"u8, usage.CacheWriteTokens);
        writer.WriteNumber("audio_tokens"u8, usage.AudioPromptTokens);
        writer.WriteNumber("video_tokens"u8, usage.VideoPromptTokens);
        writer.WriteEndObject();
    }

    private static void WriteCompletionDetails(Utf8JsonWriter writer, in Usage usage)
    {
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        writer.WriteNumber("audio_tokens"u8, usage.AudioCompletionTokens);
        writer.WriteNumber("image_tokens"u8, usage.ImageCompletionTokens);
        writer.WriteNumber("accepted_prediction_tokens"u8, usage.AcceptedPredictionTokens ?? 0);
        writer.WriteNumber("rejected_prediction_tokens"u8, usage.RejectedPredictionTokens ?? 0);
        writer.WriteEndObject();
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
