using System.Text;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicFailureTests
{
    private static UpstreamFailure Read(int status, string type, string message = "x", params (string Name, string Value)[] headers) =>
        AnthropicMessagesDialect.Instance.ReadFailure(status, name => headers.FirstOrDefault(h => h.Name == name).Value,
            Encoding.UTF8.GetBytes($$$"""{"type":"error","error":{"type":"{{{type}}}","message":"{{{message}}}"},"request_id":"req_1"}"""));

    [Theory]
    [InlineData(400, "invalid_request_error", "messages: bad", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData(400, "invalid_request_error", "Your credit balance is too low to access the API.", ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData(401, "authentication_error", "invalid x-api-key", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData(402, "billing_error", "x", ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData(403, "permission_error", "x", ErrorKind.PermissionDenied, RetryClass.Credentials)]
    [InlineData(404, "not_found_error", "model: claude-9", ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(413, "request_too_large", "x", ErrorKind.PayloadTooLarge, RetryClass.NextModel)]
    [InlineData(429, "rate_limit_error", "x", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData(502, "api_error", "x", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData(503, "api_error", "x", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData(500, "api_error", "x", ErrorKind.ProviderUnavailable, RetryClass.NextOrSame)]
    [InlineData(504, "timeout_error", "x", ErrorKind.Timeout, RetryClass.Next)]
    [InlineData(529, "overloaded_error", "Overloaded", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    public void EveryType_HasItsClass(int status, string type, string message, ErrorKind kind, RetryClass retry)
    {
        var failure = Read(status, type, message);
        Assert.Equal((kind, retry, status, type), (failure.Kind, failure.Retry, failure.Status, failure.ProviderCode));
        Assert.Equal(message, failure.Message);
    }

    [Theory]
    [InlineData("prompt is too long: 210000 tokens > 200000 maximum")]
    [InlineData("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000")]
    public void ContextOverflow_IsRecognised(string message) => Assert.Equal(ErrorKind.ContextLengthExceeded, Read(400, "invalid_request_error", message).Kind);

    [Fact]
    public void ContentFilter_IsRecognised() =>
        Assert.Equal(ErrorKind.ContentPolicyViolation, Read(400, "invalid_request_error", "Output blocked by content filtering policy").Kind);

    [Fact]
    public void RetryAfter_IsRead()
    {
        Assert.Equal(TimeSpan.FromSeconds(12), Read(429, "rate_limit_error", "x", ("retry-after", "12")).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(30), Read(429, "rate_limit_error", "x", ("retry-after", "Fri, 20 Nov 2026 12:00:30 GMT"), ("date", "Fri, 20 Nov 2026 12:00:00 GMT")).RetryAfter);
        Assert.Null(Read(429, "rate_limit_error").RetryAfter);
    }

    [Fact]
    public void BodiesThatAreNoJson_FallBackToTheStatus_AndRawIsShortAndWithoutKeys()
    {
        var body = Encoding.UTF8.GetBytes("<html>key sk-ant-api03-abcdefghijklmnop refused" + new string('é', 4000));
        var failure = AnthropicMessagesDialect.Instance.ReadFailure(502, _ => null, body);
        Assert.Equal((ErrorKind.ProviderUnavailable, RetryClass.Next), (failure.Kind, failure.Retry));
        Assert.DoesNotContain("abcdefghijklmnop", failure.Raw, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(failure.Raw!), 1, 2048);
    }

    [Theory]
    [InlineData("invalid x-api-key: abc123def456", "invalid x-api-key: ***")]
    [InlineData("sent Bearer abc.DEF-123 twice", "sent Bearer *** twice")]
    [InlineData("GET /v1?key=AAAA-BBBB&alt=sse", "GET /v1?key=***&alt=sse")]
    [InlineData("AIzaSyA1234567890bcdef is bad", "*** is bad")]
    [InlineData("tokens: 1000 > 500", "tokens: 1000 > 500")]
    public void Keys_AreMasked_AndOnlyThey(string message, string shown) => Assert.Equal(shown, Read(400, "invalid_request_error", message).Message);
}
