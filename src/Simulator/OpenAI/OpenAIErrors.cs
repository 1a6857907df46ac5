using System.Globalization;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>OpenAI's error bodies, worded as its API words them.</summary>
internal static class OpenAIErrors
{
    public static BodyReply Make(int status, string message, string type = "invalid_request_error", string? param = null, string? code = null) =>
        new(status, Body(message, type, param, code));

    public static byte[] Body(string message, string type, string? param, string? code) => JsonBytes.Object(w =>
    {
        w.WriteStartObject("error");
        w.WriteString("message", message);
        w.WriteString("type", type);
        w.WriteString("param", param);
        w.WriteString("code", code);
        w.WriteEndObject();
    });

    public static BodyReply UnknownUrl(string method, string path) => Make(404, $"Invalid URL ({method} {path})");

    public static BodyReply NoKey() => Make(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), "
        + "or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. "
        + "You can obtain an API key from https://platform.openai.com/account/api-keys.");

    public static BodyReply WrongKey(string key) => Make(
        401,
        $"Incorrect API key provided: {Masked(key)}. You can find your API key at https://platform.openai.com/account/api-keys.",
        code: "invalid_api_key");

    public static BodyReply UnknownModel(string model) => Make(
        404, $"The model `{model}` does not exist or you do not have access to it.", param: null, code: "model_not_found");

    public static BodyReply Failure(int status, FaultPlan faults)
    {
        var reply = status switch
        {
            400 => Make(400, "Invalid value: the request could not be processed.", code: "invalid_value"),
            401 => Make(401, "Incorrect API key provided: sim-****. You can find your API key at https://platform.openai.com/account/api-keys.", code: "invalid_api_key"),
            402 => Make(402, "Insufficient Balance", "unknown_error", null, "invalid_request_error"),
            403 => Make(403, "Country, region, or territory not supported", "request_forbidden", null, "unsupported_country_region_territory"),
            404 => Make(404, "The model `sim` does not exist or you do not have access to it.", code: "model_not_found"),
            413 => Make(413, "Request too large.", code: "request_too_large"),
            429 => Make(429, "Rate limit reached for requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.", "requests", null, "rate_limit_exceeded"),
            500 => Make(500, "The server had an error while processing your request. Sorry about that!", "server_error"),
            502 => Make(502, "Bad gateway.", "server_error"),
            503 => Make(503, "The engine is currently overloaded, please try again later", "server_error", null, "overloaded"),
            504 => Make(504, "The server timed out while processing your request.", "server_error", null, "timeout"),
            _ => Make(status, $"The request failed with status {status}.", status >= 500 ? "server_error" : "invalid_request_error"),
        };
        List<(string, string)> headers = [("x-request-id", "req_" + new string('0', 32))];
        if (status == 429)
        {
            headers.AddRange([
                ("x-ratelimit-limit-requests", "500"), ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "120ms"),
                ("x-ratelimit-limit-tokens", "200000"), ("x-ratelimit-remaining-tokens", "199000"), ("x-ratelimit-reset-tokens", "300ms"),
            ]);
        }

        if (faults.RetryAfter is { } seconds)
        {
            headers.Add(("retry-after", seconds.ToString(CultureInfo.InvariantCulture)));
            headers.Add(("retry-after-ms", (seconds * 1000L).ToString(CultureInfo.InvariantCulture)));
        }

        return reply with { Headers = headers };
    }

    private static string Masked(string key) => key.Length <= 8 ? new string('*', key.Length) : $"{key[..4]}****{key[^4..]}";
}
