using System.Text;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.OpenAI.Responses.Upstream;

namespace Fairlead.Protocols.Tests.ChatUpstream;

public sealed class FailureClassifierTests
{
    [Theory]
    [InlineData(500, ErrorKind.ProviderUnavailable, RetryClass.NextOrSame)]
    [InlineData(502, ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData(520, ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData(503, ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData(529, ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData(498, ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData(408, ErrorKind.Timeout, RetryClass.Next)]
    [InlineData(504, ErrorKind.Timeout, RetryClass.Next)]
    [InlineData(524, ErrorKind.Timeout, RetryClass.Next)]
    [InlineData(429, ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData(401, ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData(402, ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData(403, ErrorKind.PermissionDenied, RetryClass.Credentials)]
    [InlineData(451, ErrorKind.PermissionDenied, RetryClass.Next)]
    [InlineData(404, ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(410, ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(400, ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData(422, ErrorKind.Unprocessable, RetryClass.NextOnce)]
    [InlineData(413, ErrorKind.PayloadTooLarge, RetryClass.NextModel)]
    [InlineData(302, ErrorKind.ProviderUnavailable, RetryClass.Next)]
    public void StatusAlone_Decides(int status, ErrorKind kind, RetryClass retry)
    {
        var failure = Classify(status, "");
        Assert.Equal((kind, retry, status), (failure.Kind, failure.Retry, failure.Status));
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.Raw);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"x","code":"context_length_exceeded"}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"BadRequestError","code":400}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8"}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"error":{"type":"x","message":"input length and `max_tokens` exceed context limit: 1 + 2 > 2"}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"The input token count (9) exceeds the maximum number of tokens allowed (8)."}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"message":"Input is too long for requested model."}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"message":"Too many input tokens."}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(422, """{"message":"too many tokens: total 9"}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"object":"error","message":"Prompt contains 9 tokens, too large for model with 8 maximum context length","type":"invalid_request_error","code":"3051"}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"message":"size exceeds model limit"}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"error":{"message":"Range of input length should be [1, 30720]"}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, """{"error":{"code":"content_policy_violation","message":"no"}}""", ErrorKind.ContentPolicyViolation, RetryClass.NextModel)]
    [InlineData(403, """{"error":{"code":"content_policy_violation","message":"no"}}""", ErrorKind.ContentPolicyViolation, RetryClass.Unmoderated)]
    [InlineData(400, """{"error":{"code":"data_inspection_failed","message":"no"}}""", ErrorKind.ContentPolicyViolation, RetryClass.NextModel)]
    [InlineData(429, """{"error":{"code":"insufficient_quota","message":"no"}}""", ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData(403, """{"error":{"code":"unsupported_country_region_territory","message":"no"}}""", ErrorKind.PermissionDenied, RetryClass.Next)]
    [InlineData(400, """{"error":{"code":"model_not_found","message":"no"}}""", ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(400, """{"error":{"code":"tool_use_failed","message":"no","failed_generation":"<x>"}}""", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData(500, """{"error":{"code":"1302","message":"concurrency"}}""", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData(429, """{"error":{"code":"1113","message":"balance"}}""", ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData(401, """{"error":{"code":"1002","message":"token"}}""", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData(503, """{"error":{"code":"slow_down","message":"slow down"}}""", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    public void ProvidersWord_DecidesBeforeTheStatus(int status, string body, ErrorKind kind, RetryClass retry)
    {
        var failure = Classify(status, body);
        Assert.Equal((kind, retry), (failure.Kind, failure.Retry));
    }

    /// <summary>A caller's prompt must never pass for a refused key: that would close the endpoint to everybody.</summary>
    [Theory]
    [InlineData("""{"code":"The caller does not have permission","error":"Content violates usage guidelines."}""")]
    [InlineData("""{"error":{"message":"Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_CSAM","type":"permission_error","code":403}}""")]
    [InlineData("""{"error":{"message":"Your request was flagged by moderation"}}""")]
    [InlineData("""{"error":{"message":"The input was flagged for: violence","type":"forbidden"}}""")]
    [InlineData("""{"error":"This prompt was flagged as a violation of our content policy."}""")]
    [InlineData("""{"error":{"message":"Your request was rejected as a result of our safety system."}}""")]
    public void RefusalOfContent_IsNeverTheKeys(string body)
    {
        var forbidden = Classify(403, body);
        Assert.Equal((ErrorKind.ContentPolicyViolation, RetryClass.Unmoderated), (forbidden.Kind, forbidden.Retry));
        var bad = Classify(400, body);
        Assert.Equal((ErrorKind.ContentPolicyViolation, RetryClass.NextModel), (bad.Kind, bad.Retry));
        // Servers of Anthropic's form, and xAI behind Responses, are read by the same list.
        Assert.Equal(ErrorKind.ContentPolicyViolation, ResponsesDialect.Instance.ReadFailure(403, _ => null, Encoding.UTF8.GetBytes(body)).Kind);
        Assert.Equal(RetryClass.Unmoderated, AnthropicMessagesDialect.Instance.ReadFailure(403, _ => null, Encoding.UTF8.GetBytes(body)).Retry);
    }

    [Theory]
    [InlineData("""{"code":"The caller does not have permission","error":"Team 1 is not authorized to use this model."}""")]
    [InlineData("""{"error":{"message":"Your account was suspended for violating our usage policies"}}""")]
    [InlineData("""{"error":{"message":"Your organization was flagged. Contact support about its content."}}""")]
    [InlineData("""{"error":{"message":"Forbidden"}}""")]
    public void RefusalOfTheAccount_IsTheKeys_WhateverItSpeaksOf(string body)
    {
        var failure = Classify(403, body);
        Assert.Equal((ErrorKind.PermissionDenied, RetryClass.Credentials), (failure.Kind, failure.Retry));
    }

    [Theory]
    [InlineData("""{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}""", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData("""{"base_resp":{"status_code":1001,"status_msg":"x"}}""", ErrorKind.Timeout, RetryClass.Next)]
    [InlineData("""{"base_resp":{"status_code":1004,"status_msg":"x"}}""", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData("""{"base_resp":{"status_code":2049,"status_msg":"x"}}""", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData("""{"base_resp":{"status_code":1008,"status_msg":"x"}}""", ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData("""{"base_resp":{"status_code":1026,"status_msg":"x"}}""", ErrorKind.ContentPolicyViolation, RetryClass.NextModel)]
    [InlineData("""{"base_resp":{"status_code":1039,"status_msg":"x"}}""", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData("""{"base_resp":{"status_code":2013,"status_msg":"x"}}""", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData("""{"base_resp":{"status_code":1000,"status_msg":"x"}}""", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData("""{"error":{"message":"overloaded","type":"overloaded_error"}}""", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData("""{"error":{"message":"x","code":429}}""", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData("""{"error":{"message":"x","type":"invalid_request_error"}}""", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData("""{"error":"something broke"}""", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    public void ErrorInsideA200_IsReadByItsOwnWord(string body, ErrorKind kind, RetryClass retry)
    {
        var failure = FailureClassifier.ClassifyInBand(Encoding.UTF8.GetBytes(body));
        Assert.Equal((kind, retry, 0), (failure.Kind, failure.Retry, failure.Status));
    }

    [Theory]
    [InlineData("""{"error":{"message":"nested","type":"t","code":"c","param":"p"}}""", "nested", "c")]
    [InlineData("""{"error":"bare text"}""", "bare text", null)]
    [InlineData("""{"code":"Some resource","error":"xAI text"}""", "xAI text", "Some resource")]
    [InlineData("""{"message":"flat","type":"too_many","param":"quota","code":"queue"}""", "flat", "queue")]
    [InlineData("""{"object":"error","message":"sglang","type":"BadRequest","param":null,"code":400}""", "sglang", "400")]
    [InlineData("""{"code":20012,"message":"siliconflow","data":null}""", "siliconflow", "20012")]
    [InlineData("""{"detail":"text"}""", "text", null)]
    [InlineData("""{"detail":[{"loc":["body","messages",0],"msg":"Field required","type":"missing"}]}""", "body.messages.0: Field required", "missing")]
    [InlineData("""{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","foo"],"msg":"Extra inputs"}]},"type":"invalid_request_error","code":null}""", "body.foo: Extra inputs", "invalid_request_error")]
    [InlineData("""{"success":false,"errors":[{"code":7000,"message":"No route"},{"code":1,"message":"more"}],"result":null}""", "No route; more", "7000")]
    [InlineData("""{"error":{"code":"1301","message":"z.ai"}}""", "z.ai", "1301")]
    [InlineData("""{"error":{"error":{"message":"twice"}}}""", "twice", null)]
    [InlineData("\"only a string\"", "only a string", null)]
    [InlineData("upstream connect error", "upstream connect error", null)]
    [InlineData("""[{"error":{"code":400,"message":"in a list"}}]""", "in a list", "400")]
    public void EveryBodyShape_GivesMessageAndCode(string body, string message, string? code)
    {
        var failure = Classify(418, body);
        Assert.Equal(message, failure.Message);
        Assert.Equal(code, failure.ProviderCode);
        Assert.Equal(body, failure.Raw);
    }

    [Theory]
    [InlineData("<html><body>502 Bad Gateway</body></html>")]
    [InlineData("{}")]
    [InlineData("{\"error\":null}")]
    [InlineData("   ")]
    [InlineData("[]")]
    public void NothingReadable_GivesAMessageOfOurs(string body) => Assert.Equal("The provider answered with status 502.", Classify(502, body).Message);

    [Theory]
    [InlineData("retry-after", "7", 7.0)]
    [InlineData("retry-after", "0.5", 0.5)]
    [InlineData("retry-after-ms", "250", 0.25)]
    [InlineData("retry-after", "Fri, 20 Nov 2026 19:31:30 GMT", 90.0)]
    [InlineData("retry-after", "Fri, 20 Nov 2026 19:00:00 GMT", 0.0)]
    [InlineData("retry-after", "999999", 172800.0)]
    [InlineData("retry-after", "soon", null)]
    [InlineData("retry-after", "-3", null)]
    [InlineData("x-ratelimit-reset-requests", "6m0s", 360.0)]
    [InlineData("x-ratelimit-reset-tokens", "12ms", 0.012)]
    [InlineData("x-ratelimit-reset-requests", "1h2m3.5s", 3723.5)]
    [InlineData("x-ratelimit-reset-tokens-minute", "33.4", 33.4)]
    [InlineData("x-ratelimit-reset", "1795203090000", null)]
    [InlineData("x-ratelimit-reset-tokens", "6 minutes", null)]
    [InlineData("x-other", "1", null)]
    public void RetryHint_IsRead(string name, string value, double? seconds)
    {
        var failure = FailureClassifier.Classify(429, n => n == name ? value : n == "date" ? "Fri, 20 Nov 2026 19:30:00 GMT" : null, default);
        Assert.Equal(seconds, failure.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public void ResetOfABudgetThatIsNotUsedUp_IsNoHint()
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["x-ratelimit-remaining-requests"] = "99",
            ["x-ratelimit-reset-requests"] = "6m0s",
            ["x-ratelimit-remaining-tokens"] = "0",
            ["x-ratelimit-reset-tokens"] = "2s",
        };
        Assert.Equal(TimeSpan.FromSeconds(2), FailureClassifier.Classify(429, n => headers.GetValueOrDefault(n), default).RetryAfter);
    }

    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-abcdefghijklmnop1234. See")]
    [InlineData("Incorrect API key provided: sk-abcd********************wxyz.")]
    [InlineData("Invalid key gsk_abcdefghijklmnop1234")]
    [InlineData("header Authorization: Bearer abcdefghijklmnop1234 refused")]
    [InlineData("key=AIzaSyabcdefghijklmnop1234")]
    [InlineData("token eyJhbGciOi.abcdefghijklmnop1234.sig")]
    public void Keys_AreMaskedInMessageAndRaw(string message)
    {
        var failure = Classify(401, $$$"""{"error":{"message":"{{{message}}}"}}""");
        Assert.Contains("***", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefghijklmnop1234", failure.Message + failure.Raw, StringComparison.Ordinal);
        Assert.DoesNotContain("wxyz", failure.Message + failure.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public void LongBody_IsCutAtTwoKibibytes()
    {
        var failure = Classify(400, $$$"""{"error":{"message":"{{{new string('é', 50_000)}}}"}}""");
        Assert.True(Encoding.UTF8.GetByteCount(failure.Raw!) <= 2048);
        Assert.True(failure.Message.Length < 2048);
    }

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(7);
        var pieces = new[] { "{", "}", "[", "]", "\"error\"", "\"message\"", ":", ",", "\"code\"", "\"\\ud800\"", "1e999", "null", "\"detail\"", "\"loc\"", "\u0000", "é" };
        for (var round = 0; round < 3000; round++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.NotNull(Classify(400, body).Message);
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            Assert.NotNull(FailureClassifier.Classify(400, _ => Encoding.UTF8.GetString(bytes), bytes).Message);
        }
        Assert.NotNull(Classify(400, new string('[', 100_000)).Message);
        Assert.NotNull(Classify(400, string.Concat(Enumerable.Repeat("{\"error\":", 100_000))).Message);
    }

    private static UpstreamFailure Classify(int status, string body) => FailureClassifier.Classify(status, _ => null, Encoding.UTF8.GetBytes(body));
}
