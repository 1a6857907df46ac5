namespace Fairlead.Protocols.Errors.Classification;

/// <summary>Turns status, headers and body of a failed attempt into an <see cref="UpstreamFailure"/> (providers §2.3, architecture §4).</summary>
internal static class FailureClassifier
{
    /// <summary>Classifies a non-2xx answer.</summary>
    public static UpstreamFailure Classify(int status, Func<string, string?> header, ReadOnlySpan<byte> body) =>
        Classify(status, ErrorBody.Read(body), RetryHints.Read(header), UpstreamText.Raw(body));

    /// <summary>Classifies an error told inside a 200: its own status word or code decides.</summary>
    public static UpstreamFailure ClassifyInBand(ReadOnlySpan<byte> body)
    {
        var error = ErrorBody.Read(body);
        return Classify(0, error, null, UpstreamText.Raw(body));
    }

    /// <summary>The shared end of both.</summary>
    /// <param name="status">HTTP status; 0 for an error inside a 200.</param>
    /// <param name="error">What the body said.</param>
    /// <param name="retryAfter">How long the provider asked to wait.</param>
    /// <param name="raw">The body for the caller's metadata, trimmed and masked.</param>
    public static UpstreamFailure Classify(int status, ErrorBody error, TimeSpan? retryAfter, string? raw)
    {
        var (kind, retry) = ErrorSignals.Find(status, error) is { } signal ? (signal.Kind, signal.Retry) : FailureByStatus.Classify(status > 0 ? status : StatusTold(error));
        return new UpstreamFailure
        {
            Kind = kind,
            Retry = retry,
            Status = status,
            ProviderCode = error.Code ?? error.Type,
            Message = UpstreamText.Message(error.Message, status > 0 ? $"The provider answered with status {status}." : "The provider reported an error without a message."),
            Raw = raw,
            RetryAfter = retryAfter,
        };
    }

    /// <summary>An answer nobody can read: wrong type, broken JSON, none of the members an answer has.</summary>
    public static UpstreamFailure Unreadable(string what, ReadOnlySpan<byte> body) => new()
    {
        Kind = ErrorKind.ProviderUnavailable,
        Retry = RetryClass.Next,
        Message = what,
        Raw = UpstreamText.Raw(body),
    };

    private static int StatusTold(ErrorBody error)
    {
        if (error.Status > 0)
            return error.Status;
        return error.Type?.ToUpperInvariant() switch
        {
            "INVALID_REQUEST_ERROR" or "INVALID_ARGUMENT" or "BADREQUESTERROR" => 400,
            "AUTHENTICATION_ERROR" or "UNAUTHENTICATED" => 401,
            "PERMISSION_ERROR" or "PERMISSION_DENIED" => 403,
            "NOT_FOUND_ERROR" or "NOT_FOUND" => 404,
            "RESOURCE_EXHAUSTED" => 429,
            "UNAVAILABLE" => 503,
            "DEADLINE_EXCEEDED" => 504,
            _ => 502,
        };
    }
}
