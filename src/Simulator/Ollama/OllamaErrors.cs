using System.Globalization;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Ollama;

/// <summary>Ollama's error bodies, worded as its API words them.</summary>
internal static class OllamaErrors
{
    public static BodyReply Make(int status, string message) => new(status, Body(message));

    public static byte[] Body(string message) => JsonBytes.Object(w => w.WriteString("error", message));

    public static BodyReply UnknownModel(string model) => Make(404, $"model '{model}' not found");

    public static BodyReply Failure(int status, FaultPlan faults)
    {
        var reply = Make(status, status switch
        {
            400 => "invalid request",
            401 => "unauthorized",
            404 => "model 'sim' not found",
            429 => "too many requests",
            503 => "server busy, please try again.  maximum pending requests exceeded",
            >= 500 => "llama runner process has terminated: exit status 2",
            _ => $"the request failed with status {status}",
        });
        return faults.RetryAfter is { } seconds ? reply with { Headers = [("retry-after", seconds.ToString(CultureInfo.InvariantCulture))] } : reply;
    }
}
