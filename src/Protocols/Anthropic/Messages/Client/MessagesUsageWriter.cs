using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>The <c>usage</c> object of this format (inference §12.2). Its <c>input_tokens</c> are those neither read from a cache nor written to one.</summary>
internal static class MessagesUsageWriter
{
    /// <summary>Usage and cost, as a value.</summary>
    public static void Write(Utf8JsonWriter writer, AnswerCharge charge)
    {
        writer.WriteStartObject();
        WriteCounts(writer, charge.Usage, charge.ServiceTier, charge.ToolUse);
        ChatUsageWriter.WriteCost(writer, charge);
        writer.WriteEndObject();
    }

    /// <summary>What is known when the answer begins, as a value.</summary>
    public static void WriteStart(Utf8JsonWriter writer, in Usage prompt)
    {
        writer.WriteStartObject();
        WriteCounts(writer, prompt with { CompletionTokens = 0, ReasoningTokens = 0 }, tier: null, tools: null);
        writer.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter writer, in Usage usage, string? tier, ServerToolUse? tools)
    {
        writer.WriteNumber("input_tokens"u8, Math.Max(0, usage.PromptTokens - usage.CachedTokens - usage.CacheWriteTokens));
        writer.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWriteTokens);
        writer.WriteNumber("cache_read_input_tokens"u8, usage.CachedTokens);
        writer.WriteStartObject("cache_creation"u8);
        writer.WriteNumber("ephemeral_5m_input_tokens"u8, Math.Max(0, usage.CacheWriteTokens - usage.CacheWrite1hTokens));
        writer.WriteNumber("ephemeral_1h_input_tokens"u8, usage.CacheWrite1hTokens);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, usage.CompletionTokens);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("thinking_tokens"u8, usage.ReasoningTokens);
        writer.WriteEndObject();
        if (usage.WebSearchRequests > 0 || tools is not null)
        {
            writer.WriteStartObject("server_tool_use"u8);
            writer.WriteNumber("web_search_requests"u8, usage.WebSearchRequests + (tools?.Searches ?? 0));
            writer.WriteNumber("web_fetch_requests"u8, tools?.Fetches ?? 0);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("server_tool_use"u8);
        }

        writer.WriteString("service_tier"u8, tier ?? "standard");
    }
}
