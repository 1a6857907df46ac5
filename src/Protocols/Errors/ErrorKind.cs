namespace Fairlead.Protocols.Errors;

/// <summary>
/// Every way a request can fail, as the contract names it (inference §13.2, <c>error_type</c>). A closed list;
/// <see cref="ErrorKinds"/> gives status and wire name of each.
/// </summary>
public enum ErrorKind
{
    /// <summary>The body or a parameter is wrong. 400</summary>
    InvalidRequest,
    /// <summary>The prompt itself cannot be used. 400</summary>
    InvalidPrompt,
    /// <summary>Prompt and output do not fit the model. 400</summary>
    ContextLengthExceeded,
    /// <summary>More output asked than any endpoint can produce. 400</summary>
    MaxTokensExceeded,
    /// <summary>The provider's or our moderation refused. 400, or 403 where the contract says so</summary>
    ContentPolicyViolation,
    /// <summary>An image could not be used. 400</summary>
    InvalidImage,
    /// <summary>A remote image or file could not be fetched. 400</summary>
    ImageDownloadFailed,
    /// <summary>No key, or a bad one. 401</summary>
    Authentication,
    /// <summary>No credits. 402</summary>
    PaymentRequired,
    /// <summary>The key may not do this. 403</summary>
    PermissionDenied,
    /// <summary>No such thing, or no endpoint left. 404</summary>
    NotFound,
    /// <summary>The caller was too slow. 408</summary>
    RequestTimeout,
    /// <summary>The body is too large. 413</summary>
    PayloadTooLarge,
    /// <summary>Well-formed but impossible. 422</summary>
    Unprocessable,
    /// <summary>Too many requests, here or at every provider. 429</summary>
    RateLimitExceeded,
    /// <summary>Our own fault. 500</summary>
    Server,
    /// <summary>The provider failed or sent garbage. 502</summary>
    ProviderUnavailable,
    /// <summary>The provider is overloaded. 503</summary>
    ProviderOverloaded,
    /// <summary>The provider was too slow. 504</summary>
    Timeout,
}
