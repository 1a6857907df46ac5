using System.Globalization;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Anthropic;

/// <summary>Anthropic's error bodies, worded as its API words them.</summary>
internal static class AnthropicErrors
{
    private const string RequestId = "req_011CSimulated0000000000";

    public static BodyReply Make(int status, string type, string message) =>
        new(status, Body(type, message)) { Headers = [("request-id", RequestId), ("x-should-retry", status is 408 or 409 or 429 or >= 500 ? "true" : "false")] };

    public static BodyReply Invalid(string message) => Make(400, "invalid_request_error", message);

    public static byte[] Body(string type, string message) => JsonBytes.Object(w =>
    {
        w.WriteString("type", "error");
        w.WriteStartObject("error");
        w.WriteString("type", type);
        w.WriteString("message", message);
        w.WriteEndObject();
        w.WriteString("request_id", RequestId);
    });

    public static BodyReply Failure(int status, FaultPlan faults, DateTimeOffset now)
    {
        var (type, message) = status switch
        {
            400 => ("invalid_request_error", "The request could not be processed."),
            401 => ("authentication_error", "invalid x-api-key"),
            402 => ("billing_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."),
            403 => ("permission_error", "Your API key does not have permission to use the specified resource."),
            404 => ("not_found_error", "model: sim"),
            409 => ("conflict_error", "The request conflicts with another one."),
            413 => ("request_too_large", "Request exceeds the maximum size"),
            429 => ("rate_limit_error", "This request would exceed your organization's rate limit of 50 requests per minute."),
            504 => ("timeout_error", "The request timed out."),
            529 => ("overloaded_error", "Overloaded"),
            >= 500 => ("api_error", "Internal server error"),
            _ => ("invalid_request_error", $"The request failed with status {status}."),
        };
        var reply = Make(status, type, message);
        List<(string, string)> headers = [.. reply.Headers];
        if (status == 429)
        {
            headers.AddRange(RateLimits(now.AddSeconds(faults.RetryAfter ?? 12), remaining: 0));
        }

        if (faults.RetryAfter is { } seconds)
        {
            headers.Add(("retry-after", seconds.ToString(CultureInfo.InvariantCulture)));
        }

        return reply with { Headers = headers };
    }

    public static IEnumerable<(string, string)> RateLimits(DateTimeOffset reset, int remaining)
    {
        var at = reset.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        foreach (var (what, limit) in ((string, int)[])[("requests", 50), ("input-tokens", 400_000), ("output-tokens", 80_000), ("tokens", 480_000)])
        {
            yield return ($"anthropic-ratelimit-{what}-limit", limit.ToString(CultureInfo.InvariantCulture));
            yield return ($"anthropic-ratelimit-{what}-remaining", Math.Min(remaining, limit).ToString(CultureInfo.InvariantCulture));
            yield return ($"anthropic-ratelimit-{what}-reset", at);
        }
    }
}
