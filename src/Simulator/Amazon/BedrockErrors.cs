using System.Globalization;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Amazon;

/// <summary>Bedrock's error bodies: the message in the body, the type in a header.</summary>
internal static class BedrockErrors
{
    public static BodyReply Make(int status, string type, string message) => new(status, Body(message))
    {
        Headers = [("x-amzn-errortype", type + ":http://internal.amazon.com/coral/com.amazon.bedrock/"), ("x-amzn-requestid", "00000000-0000-4000-8000-000000000000")],
    };

    public static BodyReply Invalid(string message) => Make(400, "ValidationException", message);

    public static byte[] Body(string message) => JsonBytes.Object(w => w.WriteString("message", message));

    public static BodyReply Failure(int status, FaultPlan faults)
    {
        var (type, message) = status switch
        {
            400 => ("ValidationException", "The request could not be processed."),
            401 or 403 => ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
            404 => ("ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier."),
            408 => ("ModelTimeoutException", "Model has timed out in processing the request. Try your request again."),
            424 => ("ModelErrorException", "The system encountered an unexpected error during processing. Try your request again."),
            429 => ("ThrottlingException", "Too many requests, please wait before trying again."),
            503 => ("ServiceUnavailableException", "Bedrock is unable to process your request."),
            >= 500 => ("InternalServerException", "The system encountered an unexpected error during processing. Try your request again."),
            _ => ("ValidationException", $"The request failed with status {status}."),
        };
        var reply = Make(status, type, message);
        return faults.RetryAfter is { } seconds
            ? reply with { Headers = [.. reply.Headers, ("retry-after", seconds.ToString(CultureInfo.InvariantCulture))] }
            : reply;
    }
}
