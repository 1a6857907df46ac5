using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Gemini;

/// <summary>Google's error bodies, worded as its API words them.</summary>
internal static class GeminiErrors
{
    public static BodyReply Make(int code, string status, string message, Action<Utf8JsonWriter>? details = null) => new(code, Body(code, status, message, details))
    {
        ContentType = "application/json; charset=UTF-8",
    };

    public static BodyReply Invalid(string message) => Make(400, "INVALID_ARGUMENT", message);

    public static BodyReply UnknownField(string name, string where)
    {
        var message = where.Length == 0
            ? $"Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."
            : $"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field.";
        return Make(400, "INVALID_ARGUMENT", message, w => Detail(w, "google.rpc.BadRequest", () =>
        {
            w.WriteStartArray("fieldViolations");
            w.WriteStartObject();
            if (where.Length > 0)
            {
                w.WriteString("field", where);
            }

            w.WriteString("description", message);
            w.WriteEndObject();
            w.WriteEndArray();
        }));
    }

    public static BodyReply NoKey() => Make(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.");

    // Google reports a wrong key as 400, not as 401.
    public static BodyReply WrongKey() => Make(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", w => Detail(w, "google.rpc.ErrorInfo", () =>
    {
        w.WriteString("reason", "API_KEY_INVALID");
        w.WriteString("domain", "googleapis.com");
        w.WriteStartObject("metadata");
        w.WriteString("service", "generativelanguage.googleapis.com");
        w.WriteEndObject();
    }));

    public static BodyReply UnknownModel(string model) => Make(
        404,
        "NOT_FOUND",
        $"models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.");

    public static BodyReply Failure(int code, FaultPlan faults)
    {
        var (status, message) = code switch
        {
            400 => ("INVALID_ARGUMENT", "Request contains an invalid argument."),
            401 => ("UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."),
            403 => ("PERMISSION_DENIED", "Permission denied: Consumer has been suspended."),
            404 => ("NOT_FOUND", "models/sim is not found for API version v1beta, or is not supported for generateContent."),
            429 => ("RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."),
            499 => ("CANCELLED", "The operation was cancelled."),
            500 => ("INTERNAL", "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"),
            503 => ("UNAVAILABLE", "The model is overloaded. Please try again later."),
            504 => ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
            _ => (code >= 500 ? "UNAVAILABLE" : "FAILED_PRECONDITION", $"The request failed with status {code}."),
        };
        var delay = faults.RetryAfter?.ToString(CultureInfo.InvariantCulture) ?? "34.4";
        var reply = Make(code, status, message, code != 429 ? null : w =>
        {
            Detail(w, "google.rpc.QuotaFailure", () =>
            {
                w.WriteStartArray("violations");
                w.WriteStartObject();
                w.WriteString("quotaMetric", "generativelanguage.googleapis.com/generate_content_free_tier_requests");
                w.WriteString("quotaId", "GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
                w.WriteEndObject();
                w.WriteEndArray();
            });
            Detail(w, "google.rpc.RetryInfo", () => w.WriteString("retryDelay", delay + "s"));
        });
        return faults.RetryAfter is { } seconds ? reply with { Headers = [("Retry-After", seconds.ToString(CultureInfo.InvariantCulture))] } : reply;
    }

    public static byte[] Body(int code, string status, string message, Action<Utf8JsonWriter>? details = null) => JsonBytes.Object(w =>
    {
        w.WriteStartObject("error");
        w.WriteNumber("code", code);
        w.WriteString("message", message);
        w.WriteString("status", status);
        if (details is not null)
        {
            w.WriteStartArray("details");
            details(w);
            w.WriteEndArray();
        }

        w.WriteEndObject();
    });

    private static void Detail(Utf8JsonWriter w, string type, Action members)
    {
        w.WriteStartObject();
        w.WriteString("@type", "type.googleapis.com/" + type);
        members();
        w.WriteEndObject();
    }
}
