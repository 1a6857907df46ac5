using static Fairlead.Protocols.Errors.ErrorKind;
using static Fairlead.Protocols.Errors.RetryClass;

namespace Fairlead.Protocols.Errors.Classification;

/// <summary>
/// What providers say beyond the HTTP status, as data (P-05). Facts of the providers contract §2.3, §3.4, §4.3, §5.6, §6.6, §9, §10.1, as of 2026-08. The first
/// matching row decides; none: the status does.
/// </summary>
internal static class ErrorSignals
{
    // Words about whoever pays: what such a message refuses is the key, whatever else it speaks of.
    private const string OfTheAccount = "account|organization|organisation|api key|your team";

    /// <summary>The rows, in order.</summary>
    public static IReadOnlyList<ErrorSignal> All { get; } =
    [
        // Context overflow has no common code (§2.3): codes first, then fragments of messages.
        new("openai, azure, groq, together, vllm §2.3", 4, "context_length_exceeded", null, ContextLengthExceeded, NextModel),
        new("llama.cpp §2.3", 4, "exceed_context_size_error", null, ContextLengthExceeded, NextModel),
        new("openai, vllm, deepseek §2.3", 4, null, "maximum context length", ContextLengthExceeded, NextModel),
        new("anthropic, bedrock §2.3", 400, null, "prompt is too long", ContextLengthExceeded, NextModel),
        new("anthropic §2.3", 400, null, "input length and `max_tokens` exceed context limit", ContextLengthExceeded, NextModel),
        new("gemini §2.3", 400, null, "input token count|exceeds the maximum", ContextLengthExceeded, NextModel),
        new("bedrock §2.3", 400, null, "input is too long", ContextLengthExceeded, NextModel),
        new("bedrock §2.3", 400, null, "too many input tokens", ContextLengthExceeded, NextModel),
        new("cohere §2.3", 4, null, "too many tokens", ContextLengthExceeded, NextModel),
        new("ollama §10.1", 400, null, "input length exceeds|context length", ContextLengthExceeded, NextModel),
        new("mistral §2.3", 400, null, "too large for model", ContextLengthExceeded, NextModel),
        new("mistral §2.3", 400, null, "exceeds model limit", ContextLengthExceeded, NextModel),
        new("alibaba §2.3", 400, null, "range of input length should be", ContextLengthExceeded, NextModel),
        new("minimax §4.3", 200, "1039", null, ContextLengthExceeded, NextModel),

        // The provider's own moderation: as a 403 another provider's endpoint may do, as a 400 it is the model (architecture §4).
        .. Moderated("openai, azure §3.4", "content_policy_violation", null),
        new("azure §8", 4, "content_filter", null, ContentPolicyViolation, NextModel),
        new("anthropic §5.6", 400, null, "content filtering policy", ContentPolicyViolation, NextModel),
        new("alibaba §4.3", 400, "data_inspection_failed", null, ContentPolicyViolation, NextModel),
        new("minimax §4.3", 200, "1026", null, ContentPolicyViolation, NextModel),
        new("minimax §4.3", 200, "1027", null, ContentPolicyViolation, NextModel),
        new("cohere §2.3", 498, null, "token", ContentPolicyViolation, Unmoderated),
        // Said in words only, often with the status of a refused key: taken for one, a caller's prompt would close the endpoint to everybody.
        .. Moderated("xai §4.3", null, "content violates usage guidelines"),
        .. Moderated("any §2.3", null, "flagged|moderation"),
        .. Moderated("any §2.3", null, "flagged|content"),
        .. Moderated("any §2.3", null, "flagged|input"),
        .. Moderated("any §2.3", null, "flagged|prompt"),
        .. Moderated("any §2.3", null, "content policy"),
        .. Moderated("openai §2.3", null, "safety system"),
        new("any §2.3", 403, null, "violat|content", ContentPolicyViolation, Unmoderated, OfTheAccount),
        new("any §2.3", 403, null, "flagged", ContentPolicyViolation, Unmoderated, OfTheAccount),
        new("any §2.3", 403, null, "moderation", ContentPolicyViolation, Unmoderated, OfTheAccount),
        new("any §2.3", 403, null, "usage guidelines", ContentPolicyViolation, Unmoderated, OfTheAccount),
        new("any §2.3", 403, null, "usage polic", ContentPolicyViolation, Unmoderated, OfTheAccount),
        new("any §2.3", 403, null, "content filter", ContentPolicyViolation, Unmoderated, OfTheAccount),

        // Our account or key at the provider.
        new("openai §2.3", 429, "insufficient_quota", null, PaymentRequired, Credentials),
        new("anthropic §2.3", 4, "billing_error", null, PaymentRequired, Credentials),
        new("anthropic §5.6", 400, null, "credit balance is too low", PaymentRequired, Credentials),
        new("cohere §9", 429, null, "trial key|month", PaymentRequired, Credentials),
        new("minimax §4.3", 200, "1008", null, PaymentRequired, Credentials),
        new("z-ai §4.3", 0, "1113", null, PaymentRequired, Credentials),
        new("minimax §4.3", 200, "1004", null, Authentication, Credentials),
        new("minimax §4.3", 200, "2049", null, Authentication, Credentials),
        new("gemini §2.3", 400, "API_KEY_INVALID", null, Authentication, Credentials),
        new("gemini §6.6", 400, null, "api key not valid", Authentication, Credentials),
        new("gemini §6.6", 400, null, "api key expired", Authentication, Credentials),
        new("openai §3.4", 4, "invalid_api_key", null, Authentication, Credentials),
        new("openai §3.4", 403, "unsupported_country_region_territory", null, PermissionDenied, Next),
        new("openai §3.4", 403, null, "country, region, or territory", PermissionDenied, Next),

        // The model is not known there, under a status that would say something else.
        new("openai §3.4", 4, "model_not_found", null, NotFound, UnknownModel),

        // Rates and load, in bodies whose status is another or none.
        new("openai §3.4", 0, "rate_limit_exceeded", null, RateLimitExceeded, RateLimited),
        new("z-ai §4.3", 0, "1302", null, RateLimitExceeded, RateLimited),
        new("minimax §4.3", 200, "1002", null, RateLimitExceeded, RateLimited),
        new("anthropic §5.6", 0, "rate_limit_error", null, RateLimitExceeded, RateLimited),
        new("anthropic §5.6", 0, "overloaded_error", null, ProviderOverloaded, Next),
        new("openai §3.4", 0, "slow_down", null, ProviderOverloaded, Next),
        new("minimax §4.3", 200, "1001", null, ErrorKind.Timeout, Next),
        new("minimax §4.3", 200, "1000", null, ProviderUnavailable, Next),
        new("minimax §4.3", 200, "2013", null, InvalidRequest, NextOnce),

        // The model wrote an invalid call: the provider failed, not the caller.
        new("groq §4.3", 400, "tool_use_failed", null, ProviderUnavailable, Next),
    ];

    /// <summary>The rows of a refusal by the provider's moderation: with a 403 another provider may answer, with any other 4xx it is the model.</summary>
    private static ErrorSignal[] Moderated(string source, string? code, string? fragments) =>
    [
        new(source, 403, code, fragments, ContentPolicyViolation, Unmoderated, OfTheAccount),
        new(source, 4, code, fragments, ContentPolicyViolation, NextModel, OfTheAccount),
    ];

    /// <summary>The first row that matches, or null.</summary>
    public static ErrorSignal? Find(int status, ErrorBody error)
    {
        foreach (var signal in All)
        {
            if (signal.Matches(status, error))
                return signal;
        }
        return null;
    }
}
