using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Classifies what the vendor reports as an error (providers contract §5.6).</summary>
internal static class AnthropicFailures
{
    /// <summary>A non-2xx answer.</summary>
    public static UpstreamFailure FromResponse(int status, Func<string, string?> header, ReadOnlySpan<byte> body)
    {
        using var document = JsonReading.TryParse(body);
        var failure = FromBody(status, document?.RootElement ?? default, body);
        return failure with { RetryAfter = RetryAfterHeader.Read(header) };
    }

    /// <summary>An error body, or the error event of a stream (then <paramref name="status"/> is 200).</summary>
    public static UpstreamFailure FromBody(int status, JsonElement body, ReadOnlySpan<byte> raw)
    {
        var error = body.Member("error"u8);
        var type = error?.Text("type"u8);
        var message = error?.Text("message"u8) ?? (error is { ValueKind: JsonValueKind.String } text ? text.Decode() : null);
        var (kind, retry) = Classify(status, type, message ?? "");
        return new UpstreamFailure
        {
            Kind = kind,
            Retry = retry,
            Status = status,
            ProviderCode = type,
            Message = UpstreamText.Message(
                message, status == 200 ? "The provider reported an error without saying which." : $"The provider answered with status {status}."),
            Raw = UpstreamText.Raw(raw),
            BadSignatures = type == "invalid_request_error" && message is not null && message.Contains("signature", StringComparison.OrdinalIgnoreCase)
                && message.Contains("thinking", StringComparison.OrdinalIgnoreCase),
        };
    }

    // The vendor has one type for everything wrong with a request; only its sentences tell more, and those are in the shared list.
    private static (ErrorKind, RetryClass) Classify(int status, string? type, string message)
    {
        if (ErrorSignals.Find(status == 200 ? 0 : status, new ErrorBody(message, Type: type)) is { } signal)
            return (signal.Kind, signal.Retry);
        return type switch
        {
            "invalid_request_error" => status == 413 ? (ErrorKind.PayloadTooLarge, RetryClass.NextModel) : (ErrorKind.InvalidRequest, RetryClass.NextOnce),
            "authentication_error" => (ErrorKind.Authentication, RetryClass.Credentials),
            "billing_error" => (ErrorKind.PaymentRequired, RetryClass.Credentials),
            "permission_error" => (ErrorKind.PermissionDenied, RetryClass.Credentials),
            "not_found_error" => (ErrorKind.NotFound, RetryClass.UnknownModel),
            "conflict_error" => (ErrorKind.ProviderUnavailable, RetryClass.Next),
            "request_too_large" => (ErrorKind.PayloadTooLarge, RetryClass.NextModel),
            "rate_limit_error" => (ErrorKind.RateLimitExceeded, RetryClass.RateLimited),
            // Their word for any fault of theirs: a gateway's 502, 503 and 504 in between carry it too.
            "api_error" => status is 200 or 500 ? (ErrorKind.ProviderUnavailable, RetryClass.NextOrSame) : FailureByStatus.Classify(status),
            "timeout_error" => (ErrorKind.Timeout, RetryClass.Next),
            "overloaded_error" => (ErrorKind.ProviderOverloaded, RetryClass.Next),
            _ => FailureByStatus.Classify(status),
        };
    }
}
