namespace Fairlead.Protocols.Errors;

/// <summary>What an HTTP status alone says (providers contract §2.3); a dialect's own codes come first.</summary>
internal static class FailureByStatus
{
    /// <summary>Kind and retry class of <paramref name="status"/>.</summary>
    public static (ErrorKind Kind, RetryClass Retry) Classify(int status) => status switch
    {
        401 => (ErrorKind.Authentication, RetryClass.Credentials),
        402 => (ErrorKind.PaymentRequired, RetryClass.Credentials),
        403 => (ErrorKind.PermissionDenied, RetryClass.Credentials),
        451 => (ErrorKind.PermissionDenied, RetryClass.Next),
        404 or 410 => (ErrorKind.NotFound, RetryClass.UnknownModel),
        408 or 504 or 524 => (ErrorKind.Timeout, RetryClass.Next),
        413 => (ErrorKind.PayloadTooLarge, RetryClass.NextModel),
        422 => (ErrorKind.Unprocessable, RetryClass.NextOnce),
        429 => (ErrorKind.RateLimitExceeded, RetryClass.RateLimited),
        409 => (ErrorKind.ProviderUnavailable, RetryClass.Next),
        498 => (ErrorKind.ProviderOverloaded, RetryClass.Next),
        >= 400 and < 500 => (ErrorKind.InvalidRequest, RetryClass.NextOnce),
        500 => (ErrorKind.ProviderUnavailable, RetryClass.NextOrSame),
        503 or 529 => (ErrorKind.ProviderOverloaded, RetryClass.Next),
        _ => (ErrorKind.ProviderUnavailable, RetryClass.Next),
    };
}
