using System.Globalization;
using System.Text;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;

namespace Fairlead.Protocols.Tests.Google;

public class GeminiFailureTests
{
    private static UpstreamFailure Read(int status, string body, params (string Name, string Value)[] headers) =>
        GeminiDialect.Instance.ReadFailure(status, name => headers.FirstOrDefault(h => h.Name == name).Value, Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData(400, "INVALID_ARGUMENT", "Unknown name", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData(400, "INVALID_ARGUMENT", "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).", ErrorKind.ContextLengthExceeded, null)]
    [InlineData(400, "FAILED_PRECONDITION", "User location is not supported for the API use.", ErrorKind.PermissionDenied, RetryClass.Credentials)]
    [InlineData(401, "UNAUTHENTICATED", "x", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData(403, "PERMISSION_DENIED", "x", ErrorKind.PermissionDenied, RetryClass.Credentials)]
    [InlineData(404, "NOT_FOUND", "x", ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "x", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData(413, "FAILED_PRECONDITION", "x", ErrorKind.PayloadTooLarge, RetryClass.NextModel)]
    [InlineData(500, "INTERNAL", "x", ErrorKind.ProviderUnavailable, RetryClass.NextOrSame)]
    [InlineData(503, "UNAVAILABLE", "The model is overloaded.", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData(504, "DEADLINE_EXCEEDED", "x", ErrorKind.Timeout, RetryClass.Next)]
    public void EveryStatus_HasItsClass_InObjectAndArrayForm(int status, string code, string message, ErrorKind kind, RetryClass? retry)
    {
        var body = $$$"""{"error":{"code":{{{status}}},"message":"{{{message}}}","status":"{{{code}}}"}}""";
        foreach (var failure in new[] { Read(status, body), Read(status, $"[{body}]") })
        {
            Assert.Equal((kind, code, message), (failure.Kind, failure.ProviderCode, failure.Message));
            if (retry is not null)
                Assert.Equal(retry, failure.Retry);
        }
    }

    [Fact]
    public void BadKey_IsOurCredentialsAlthoughTheStatusIs400() => Assert.Equal((ErrorKind.Authentication, RetryClass.Credentials), Read(400,
        """{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}""") is var f ? (f.Kind, f.Retry) : default);

    [Fact]
    public void RetryInfo_IsTheWait_UnlessTheDayIsUsedUp()
    {
        const string Body = """{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPer%DAY%PerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}""";
        Assert.Equal(TimeSpan.FromSeconds(34.4), Read(429, Body.Replace("%DAY%", "Minute", StringComparison.Ordinal)).RetryAfter);
        var day = Body.Replace("%DAY%", "Day", StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(1), Read(429, day).RetryAfter);
        Assert.Equal(TimeSpan.FromHours(3.5), Read(429, day, ("date", "Fri, 20 Nov 2026 04:30:00 GMT")).RetryAfter);
    }

    [Theory]
    [InlineData("2026-07-01T06:00:00Z", 1.0)] // daylight saving: UTC−7
    [InlineData("2026-03-08T09:00:00Z", 23.0)] // the hour before the clocks change
    [InlineData("2026-03-08T11:00:00Z", 20.0)]
    [InlineData("2026-11-01T10:00:00Z", 22.0)]
    public void PacificMidnight_FollowsDaylightSaving(string utc, double hours) => Assert.Equal(TimeSpan.FromHours(hours),
        GeminiFailures.ToPacificMidnight(DateTime.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)));
}
