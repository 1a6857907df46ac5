using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>Classifies what the vendor reports as an error: <c>{id?, message}</c> (providers contract §9).</summary>
internal static class CohereFailures
{
    /// <summary>A non-2xx answer.</summary>
    public static UpstreamFailure FromResponse(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => status switch
    {
        // A word the account's owner denied, in the request or in the answer; elsewhere this status means another thing.
        498 => FailureClassifier.Classify(status, header, body) with { Kind = ErrorKind.ContentPolicyViolation, Retry = RetryClass.Unmoderated },
        // "Client closed request", while we had not: their side gave up.
        499 => FailureClassifier.Classify(status, header, body) with { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next },
        _ => FailureClassifier.Classify(status, header, body),
    };

    /// <summary>An error inside a 200: a body or event that has a message in words, or an error, where an answer would be; null when the value is none.</summary>
    public static UpstreamFailure? InBand(JsonElement body, ReadOnlySpan<byte> raw) =>
        body.Text("message"u8) is not null || body.Member("error"u8) is not null ? FailureClassifier.ClassifyInBand(raw) with { Status = 200 } : null;

    /// <summary>The answer was ended with an error.</summary>
    public static UpstreamFailure AtEnd(string? finish, string message) => new()
    {
        Kind = finish == "TIMEOUT" ? ErrorKind.Timeout : ErrorKind.ProviderUnavailable,
        Retry = RetryClass.Next,
        Status = 200,
        ProviderCode = finish,
        Message = UpstreamText.Message(message, "The provider ended the answer with an error."),
    };

    /// <summary>An answer nobody can read.</summary>
    public static UpstreamFailure Unreadable(string why) => new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Status = 200, Message = why };
}
