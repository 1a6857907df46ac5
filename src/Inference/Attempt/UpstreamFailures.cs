using System.Net.Sockets;
using Fairlead.Inference.Attempt.Credentials;
using Fairlead.Protocols.Errors;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Attempt;

/// <summary>Failures the gateway itself observes, rather than reads from a provider's answer.</summary>
internal static class UpstreamFailures
{
    /// <summary>What an exception of an attempt means; null when it means that the caller left.</summary>
    public static UpstreamFailure? Of(Exception trouble, AttemptWatch watch, TimeSpan firstToken, bool gotHeaders) => watch.End switch
    {
        AttemptEnd.ClientGone => null,
        AttemptEnd.NoFirstToken => NoFirstToken(firstToken.TotalSeconds),
        AttemptEnd.Stalled => Stalled(),
        AttemptEnd.Overlong => Overlong(),
        _ when gotHeaders => Cut(),
        _ => Connection(trouble),
    };

    public static UpstreamFailure NoFirstToken(double seconds) => new()
    {
        Kind = ErrorKind.Timeout,
        Retry = RetryClass.Next,
        Message = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The provider sent nothing within {seconds:0.###} s."),
    };

    public static UpstreamFailure Stalled() => new() { Kind = ErrorKind.Timeout, Retry = RetryClass.Next, Message = "The provider stopped sending in the middle of the answer." };

    public static UpstreamFailure Overlong() => new() { Kind = ErrorKind.Timeout, Retry = RetryClass.Next, Message = "The provider's answer took longer than allowed." };

    public static UpstreamFailure Cut() => new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Message = "The provider's answer ended early." };

    public static UpstreamFailure Unreadable() => new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Message = "The provider sent an answer that could not be read." };

    public static UpstreamFailure WrongType(string? mediaType) => new()
    {
        Kind = ErrorKind.ProviderUnavailable,
        Retry = RetryClass.Next,
        Message = $"The provider answered with content type {mediaType ?? "(none)"}, which is not the expected one.",
    };

    public static UpstreamFailure TooLarge() => new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Message = "The provider's answer is larger than this gateway accepts." };

    public static UpstreamFailure Empty() => new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Message = "The provider sent an empty answer." };

    public static UpstreamFailure ErrorFinish(string? native) => new()
    {
        Kind = ErrorKind.ProviderUnavailable,
        Retry = RetryClass.Next,
        ProviderCode = native,
        Message = "The provider ended the answer with an error.",
    };

    /// <summary>A request that cannot be said in the endpoint's format: another endpoint may speak one that can.</summary>
    public static UpstreamFailure Unsayable(GatewayError error) => new() { Kind = error.Kind, Retry = RetryClass.NextOnce, Status = error.Status, Message = error.Message };

    /// <summary>Trouble on the connection. Before the first byte of an answer the same endpoint may be tried once more.</summary>
    public static UpstreamFailure Connection(Exception trouble) => trouble switch
    {
        HttpRequestException { InnerException: AddressRefusedException refused } =>
            new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Credentials, Message = refused.Message },
        CredentialsException { Refused: true } => new() { Kind = ErrorKind.Authentication, Retry = RetryClass.Credentials, Message = trouble.Message },
        CredentialsException => new() { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Message = trouble.Message },
        _ => new()
        {
            Kind = ErrorKind.ProviderUnavailable,
            Retry = RetryClass.NextOrSame,
            ProviderCode = Code(trouble),
            Message = "The provider could not be reached.",
        },
    };

    private static string? Code(Exception trouble) => trouble switch
    {
        HttpRequestException { InnerException: SocketException socket } => socket.SocketErrorCode.ToString(),
        HttpRequestException request => request.HttpRequestError.ToString(),
        _ => null,
    };
}
