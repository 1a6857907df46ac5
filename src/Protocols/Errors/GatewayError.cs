using System.Text.Json.Nodes;

namespace Fairlead.Protocols.Errors;

/// <summary>
/// A failure as the caller will see it: kind, status, one plain sentence and the metadata of inference §13.3. A value, not an exception:
/// stages return it, the pipeline's edge writes it once.
/// </summary>
public sealed record GatewayError
{
    /// <summary>What went wrong.</summary>
    public required ErrorKind Kind { get; init; }
    /// <summary>HTTP status; by default the one of <see cref="Kind"/>.</summary>
    public int Status { get => field == 0 ? ErrorKinds.Status(Kind) : field; init; }
    /// <summary>One sentence: what was wrong and what to do. Never holds prompts or secrets.</summary>
    public required string Message { get; init; }
    /// <summary>The path of the member at fault (<c>messages[2].content</c>), or null.</summary>
    public string? Param { get; init; }
    /// <summary>Members of <c>error.metadata</c> beside <c>error_type</c>; null when none.</summary>
    public JsonObject? Metadata { get; init; }
    /// <summary>The <c>error.availability</c> object (§13.4); null when it does not apply.</summary>
    public JsonObject? Availability { get; init; }
    /// <summary>The <c>openrouter_metadata</c> object as JSON (routing §17); empty when the caller did not ask for it, or nothing was routed.</summary>
    public ReadOnlyMemory<byte> RouterMetadata { get; init; }
    /// <summary>Seconds for <c>Retry-After</c>; null when unknown.</summary>
    public int? RetryAfterSeconds { get; init; }
    /// <summary>The limit of this gateway that refused the request; null when none did.</summary>
    public RateLimitState? RateLimit { get; init; }

    /// <summary>A 400 about one member of the request.</summary>
    public static GatewayError Invalid(string message, string? param = null) => new() { Kind = ErrorKind.InvalidRequest, Message = message, Param = param };
}

/// <summary>Status and wire name of each <see cref="ErrorKind"/>.</summary>
public static class ErrorKinds
{
    /// <summary>The HTTP status of inference §13.2.</summary>
    public static int Status(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidRequest or ErrorKind.InvalidPrompt or ErrorKind.ContextLengthExceeded or ErrorKind.MaxTokensExceeded
            or ErrorKind.ContentPolicyViolation or ErrorKind.InvalidImage or ErrorKind.ImageDownloadFailed => 400,
        ErrorKind.Authentication => 401,
        ErrorKind.PaymentRequired => 402,
        ErrorKind.PermissionDenied => 403,
        ErrorKind.NotFound => 404,
        ErrorKind.RequestTimeout => 408,
        ErrorKind.PayloadTooLarge => 413,
        ErrorKind.Unprocessable => 422,
        ErrorKind.RateLimitExceeded => 429,
        ErrorKind.ProviderUnavailable => 502,
        ErrorKind.ProviderOverloaded => 503,
        ErrorKind.Timeout => 504,
        _ => 500,
    };

    /// <summary>The <c>error_type</c> of inference §13.2.</summary>
    public static string WireName(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidRequest => "invalid_request",
        ErrorKind.InvalidPrompt => "invalid_prompt",
        ErrorKind.ContextLengthExceeded => "context_length_exceeded",
        ErrorKind.MaxTokensExceeded => "max_tokens_exceeded",
        ErrorKind.ContentPolicyViolation => "content_policy_violation",
        ErrorKind.InvalidImage => "invalid_image",
        ErrorKind.ImageDownloadFailed => "image_download_failed",
        ErrorKind.Authentication => "authentication",
        ErrorKind.PaymentRequired => "payment_required",
        ErrorKind.PermissionDenied => "permission_denied",
        ErrorKind.NotFound => "not_found",
        ErrorKind.RequestTimeout => "timeout",
        ErrorKind.PayloadTooLarge => "payload_too_large",
        ErrorKind.Unprocessable => "unprocessable",
        ErrorKind.RateLimitExceeded => "rate_limit_exceeded",
        ErrorKind.ProviderUnavailable => "provider_unavailable",
        ErrorKind.ProviderOverloaded => "provider_overloaded",
        ErrorKind.Timeout => "timeout",
        _ => "server",
    };
}
