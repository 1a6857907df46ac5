using System.Text;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Classifies what Bedrock reports as an error (providers contract §7.5).</summary>
internal static class BedrockFailures
{
    private const int LongestType = 100;

    /// <summary>A non-2xx answer. The type of the exception stands in a header, else in the body.</summary>
    public static UpstreamFailure FromResponse(int status, Func<string, string?> header, ReadOnlySpan<byte> body)
    {
        using var document = JsonReading.TryParse(body);
        var type = Plain(header("x-amzn-errortype")) ?? Plain(document?.RootElement.Text("__type"u8));
        var message = document?.RootElement.Text("message"u8) ?? document?.RootElement.Text("Message"u8);
        return Failure(status, type, message, body) with { RetryAfter = RetryAfterHeader.Read(header) };
    }

    /// <summary>The failure an event of a stream stands for; null when it is no exception.</summary>
    public static UpstreamFailure? FromEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload)
    {
        if (name.SequenceEqual("error"u8))
            return Failure(200, Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, LongestType)]), null, []);
        if (!name.EndsWith("Exception"u8))
            return null;
        using var document = JsonReading.TryParse(payload);
        var message = document?.RootElement.Text("originalMessage"u8) ?? document?.RootElement.Text("message"u8);
        return Failure(200, Encoding.UTF8.GetString(name[..Math.Min(name.Length, LongestType)]), message, payload);
    }

    private static UpstreamFailure Failure(int status, string? type, string? message, ReadOnlySpan<byte> raw)
    {
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
        };
    }

    private static (ErrorKind Kind, RetryClass Retry) Classify(int status, string? type, string message)
    {
        // An inference profile is wanted where a model's own id was configured: this endpoint will never answer.
        if (message.Contains("on-demand throughput", StringComparison.OrdinalIgnoreCase))
            return (ErrorKind.NotFound, RetryClass.UnknownModel);
        if (ErrorSignals.Find(status == 200 ? 400 : status, new ErrorBody(message, type)) is { } signal)
            return (signal.Kind, signal.Retry);
        // Streams write the same names with a small first letter.
        return (type is { Length: > 0 } ? char.ToUpperInvariant(type[0]) + type[1..] : null) switch
        {
            "ValidationException" => (ErrorKind.InvalidRequest, RetryClass.NextOnce),
            "AccessDeniedException" => (ErrorKind.PermissionDenied, RetryClass.Credentials),
            "UnrecognizedClientException" or "InvalidSignatureException" or "SignatureDoesNotMatch" or "ExpiredTokenException" or "RequestExpired"
                or "MissingAuthenticationTokenException" or "IncompleteSignatureException" => (ErrorKind.Authentication, RetryClass.Credentials),
            "ResourceNotFoundException" => (ErrorKind.NotFound, RetryClass.UnknownModel),
            "ModelTimeoutException" => (ErrorKind.Timeout, RetryClass.Next),
            "ModelErrorException" or "ModelStreamErrorException" => (ErrorKind.ProviderUnavailable, RetryClass.Next),
            "ThrottlingException" or "ServiceQuotaExceededException" => (ErrorKind.RateLimitExceeded, RetryClass.RateLimited),
            "ModelNotReadyException" or "ServiceUnavailableException" => (ErrorKind.ProviderOverloaded, RetryClass.Next),
            "InternalServerException" or "InternalFailure" => (ErrorKind.ProviderUnavailable, RetryClass.NextOrSame),
            _ => status == 200 ? (ErrorKind.ProviderUnavailable, RetryClass.Next) : FailureByStatus.Classify(status),
        };
    }

    // "ValidationException:http://internal.amazon.com/…" and "com.amazon.coral.service#ValidationException"
    private static string? Plain(string? type)
    {
        if (string.IsNullOrEmpty(type))
            return null;
        var end = type.IndexOf(':', StringComparison.Ordinal);
        var name = end < 0 ? type : type[..end];
        name = name[(name.LastIndexOf('#') + 1)..];
        return name.Length <= LongestType ? name : name[..LongestType];
    }
}
