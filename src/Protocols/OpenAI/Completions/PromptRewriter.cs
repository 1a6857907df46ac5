using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>Says the body of <c>POST /completions</c> again as a chat completion (inference §9, I-44).</summary>
internal static class PromptRewriter
{
    private const int MostLogprobs = 5;
    private const int MostPrompts = 32;

    /// <summary>What members of the chat completion are called here.</summary>
    public static readonly (string Chat, string Theirs)[] Names = [("messages[0].content", "prompt"), ("top_logprobs", "logprobs")];

    // The same in both dialects, or the gateway's own.
    private static readonly string[] Same =
    [
        "model", "models", "provider", "plugins", "route", "session_id", "preset", "transforms", "n", "max_tokens", "temperature", "top_p", "top_k", "min_p", "top_a",
        "frequency_penalty", "presence_penalty", "repetition_penalty", "seed", "stop", "logit_bias", "user", "metadata", "response_format", "stream", "stream_options",
        "reasoning", "include_reasoning", "prompt_cache_key", "service_tier", "usage", "debug", "trace",
    ];

    /// <summary>Of several prompts the first: the others are requests like it.</summary>
    public static GatewayError? Write(JsonElement body, Utf8JsonWriter chat)
    {
        foreach (var name in Same)
        {
            if (body.Member(name) is { } value)
            {
                chat.WritePropertyName(name);
                chat.WriteAsIs(value);
            }
        }

        return NotOfChat(body) ?? WriteLogprobs(body, chat) ?? WritePrompt(body, chat);
    }

    /// <summary>What only a model that completes raw text can do.</summary>
    private static GatewayError? NotOfChat(JsonElement body)
    {
        if (body.Member("suffix"u8) is { } suffix && !(suffix.ValueKind == JsonValueKind.String && suffix.Decode().Length == 0))
            return GatewayError.Invalid("suffix is not possible: the models of this gateway take messages, not raw text.", "suffix");
        if (body.Flag("echo"u8))
            return GatewayError.Invalid("echo is not possible: the models of this gateway take messages, not raw text.", "echo");
        return body.Whole("best_of"u8) is > 1
            ? GatewayError.Invalid("best_of is not possible: the models of this gateway take messages, not raw text. Use n.", "best_of")
            : null;
    }

    private static GatewayError? WriteLogprobs(JsonElement body, Utf8JsonWriter chat)
    {
        if (body.Member("logprobs"u8) is not { } wanted)
            return null;
        if (body.Whole("logprobs"u8) is not (>= 0 and <= MostLogprobs and var count))
            return GatewayError.Invalid($"logprobs must be an integer between 0 and {MostLogprobs}, not {wanted.Compact()}.", "logprobs");
        chat.WriteBoolean("logprobs"u8, true);
        if (count > 0)
            chat.WriteNumber("top_logprobs"u8, count);
        return null;
    }

    private static GatewayError? WritePrompt(JsonElement body, Utf8JsonWriter chat)
    {
        var prompt = body.Member("prompt"u8);
        if (prompt is { ValueKind: JsonValueKind.Array } several)
        {
            if (several.GetArrayLength() == 0 || several[0].ValueKind != JsonValueKind.String)
                return GatewayError.Invalid("prompt must be a string: lists of tokens mean nothing to the models of this gateway, which take messages.", "prompt");
            for (var i = 1; i < several.GetArrayLength(); i++)
            {
                if (i == MostPrompts)
                    return GatewayError.Invalid($"prompt[{i}] is one too many: at most {MostPrompts} are accepted here.", $"prompt[{i}]");
                if (several[i].ValueKind != JsonValueKind.String)
                    return GatewayError.Invalid($"prompt[{i}] must be a string.", $"prompt[{i}]");
            }

            prompt = several[0];
        }

        if (prompt is not { ValueKind: JsonValueKind.String } text)
            return GatewayError.Invalid("prompt is required and must be a string.", "prompt");
        chat.WriteStartArray("messages"u8);
        chat.WriteStartObject();
        chat.WriteString("role"u8, "user"u8);
        chat.WritePropertyName("content"u8);
        chat.WriteAsIs(text);
        chat.WriteEndObject();
        chat.WriteEndArray();
        return null;
    }
}
