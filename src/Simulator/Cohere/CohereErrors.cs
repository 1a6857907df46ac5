using System.Globalization;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Cohere;

/// <summary>Cohere's error bodies, worded as its API words them.</summary>
internal static class CohereErrors
{
    private const string Id = "00000000-0000-4000-8000-000000000000";

    public static BodyReply Make(int status, string message) => new(status, Body(message));

    public static BodyReply Invalid(string message) => Make(400, "invalid request: " + message);

    public static byte[] Body(string message) => JsonBytes.Object(w =>
    {
        w.WriteString("id", Id);
        w.WriteString("message", message);
    });

    public static BodyReply UnknownModel(string model) =>
        Make(404, $"model '{model}' not found, make sure the correct model ID was used and that you have access to the model.");

    public static BodyReply Failure(int status, FaultPlan faults)
    {
        var reply = Make(status, status switch
        {
            400 => "invalid request: the request could not be processed.",
            401 => "invalid api token",
            402 => "Please add or update your payment method at https://dashboard.cohere.com/billing?tab=payment to continue.",
            403 => "API key does not have access to this resource.",
            404 => "model 'sim' not found, make sure the correct model ID was used and that you have access to the model.",
            413 => "request body is too large",
            422 => "invalid request: all elements in messages must have a role.",
            429 => "You are past the per minute request limit, please wait and try again later.",
            498 => "invalid request: the request contains a blocked token.",
            503 => "service unavailable, please try again later.",
            504 => "the request timed out.",
            >= 500 => "internal server error, this has been reported to our developers.",
            _ => $"the request failed with status {status}.",
        });
        return faults.RetryAfter is { } seconds ? reply with { Headers = [("retry-after", seconds.ToString(CultureInfo.InvariantCulture))] } : reply;
    }
}
