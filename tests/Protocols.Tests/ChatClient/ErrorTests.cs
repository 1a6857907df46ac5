using System.Buffers;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class ErrorTests
{
    [Fact]
    public void PlainError_HasCodeMessageAndType() =>
        AssertBody(
            new GatewayError { Kind = ErrorKind.PaymentRequired, Message = "No credits." },
            null,
            """{"error":{"code":402,"message":"No credits.","metadata":{"error_type":"payment_required"}}}""");

    [Fact]
    public void WrongMember_IsNamedInParam() =>
        AssertBody(
            GatewayError.Invalid("top_k must be an integer.", "top_k"),
            "user_1",
            """
            {"error":{"code":400,"message":"top_k must be an integer.","type":"invalid_request_error","param":"top_k","metadata":{"error_type":"invalid_request"}},
             "user_id":"user_1"}
            """);

    [Fact]
    public void Metadata_IsKeptBesideTheType() =>
        AssertBody(
            new GatewayError
            {
                Kind = ErrorKind.ProviderUnavailable,
                Message = "Provider returned error",
                Metadata = new JsonObject { ["provider_name"] = null, ["raw"] = "…", ["error_type"] = "spoofed", ["previous_errors"] = new JsonArray(1) },
            },
            null,
            """
            {"error":{"code":502,"message":"Provider returned error",
             "metadata":{"error_type":"provider_unavailable","provider_name":null,"raw":"…","previous_errors":[1]}}}
            """);

    [Fact]
    public void Availability_AddsItsThreeMembers() =>
        AssertBody(
            new GatewayError
            {
                Kind = ErrorKind.NotFound,
                Message = "No endpoints found.",
                Availability = new JsonObject { ["code"] = "no_endpoints", ["retryable"] = false },
            },
            null,
            """
            {"error":{"code":404,"message":"No endpoints found.","metadata":{"error_type":"not_found"},"error_type":"not_found","http_status":404,
             "availability":{"code":"no_endpoints","retryable":false}}}
            """);

    [Fact]
    public void StatusBesideTheKind_Wins() =>
        AssertBody(
            new GatewayError { Kind = ErrorKind.ContentPolicyViolation, Status = 403, Message = "m" },
            null,
            """{"error":{"code":403,"message":"m","metadata":{"error_type":"content_policy_violation"}}}""");

    [Theory]
    [InlineData("", "")]
    [InlineData("Some", "\"provider\":\"Some\",")]
    public void ErrorAfterComments_IsOneChunkAndTheTerminator_OfTheModelAsked(string provider, string member)
    {
        var output = new ArrayBufferWriter<byte>();
        ChatCompletionsDialect.Default.WriteStreamError(
            new GatewayError { Kind = ErrorKind.Timeout, Message = "Too slow." }, new AnswerIdentity("gen-1", "author/model", provider, 1_700_000_000), "user_1", output);
        var events = Chat.Events(Chat.Text(output));
        Assert.Equal("[DONE]", events[1]);
        AssertSame(
            $$$"""
            {"id":"gen-1",{{{member}}}"model":"author/model","object":"chat.completion.chunk","created":1700000000,
             "error":{"code":504,"message":"Too slow.","metadata":{"error_type":"timeout"}},
             "choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"error","native_finish_reason":null}],"user_id":"user_1"}
            """,
            events[0]);
    }

    private static void AssertBody(GatewayError error, string? userId, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        ChatCompletionsDialect.Default.WriteError(error, "gen-1", userId, output);
        AssertSame(expected, Chat.Text(output));
    }

    private static void AssertSame(string expected, string actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
