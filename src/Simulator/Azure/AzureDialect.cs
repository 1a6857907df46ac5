using System.Text.Json;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Azure;

/// <summary>Azure's side of OpenAI's formats: its keys, deployments and versions in addresses, its errors, and what its filter says before a stream.</summary>
internal sealed class AzureDialect(ISimulatedDialect inner) : ISimulatedDialect
{
    private const string Deployments = "/openai/deployments/";

    /// <summary>The address is one of Azure's forms.</summary>
    public static bool IsAzure(string path) =>
        path.Contains(Deployments, StringComparison.Ordinal) || path.Contains("/openai/v1/", StringComparison.Ordinal) || path.EndsWith("/openai/responses", StringComparison.Ordinal);

    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options)
    {
        var key = request.Headers["api-key"].ToString();
        var authorization = request.Headers.Authorization.ToString();
        if (key.Length == 0 && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            key = authorization[7..].Trim();
        }

        return Simulation.IsBadKey(key) || (key.Length == 0 && options.RequireKey)
            ? Error(401, "401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.")
            : null;
    }

    /// <summary>The deployment in the address; where there is none, the body's model.</summary>
    public string? ModelName(string target, JsonElement body)
    {
        var start = target.IndexOf(Deployments, StringComparison.Ordinal);
        if (start < 0)
        {
            return inner.ModelName(target, body);
        }

        var rest = target[(start + Deployments.Length)..];
        return Uri.UnescapeDataString(rest[..rest.IndexOf('/', StringComparison.Ordinal)]);
    }

    public BodyReply UnreadableBody() => inner.UnreadableBody();

    public BodyReply BadFault(string message) => inner.BadFault(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => inner.Failure(status, faults, call);

    public Reply Answer(Incoming call)
    {
        var isV1 = call.Target.Contains("/openai/v1/", StringComparison.Ordinal);
        var version = call.Http.Query["api-version"].ToString();
        if (isV1 ? version is not ("" or "preview") : version.Length < 10)
        {
            return Error(isV1 ? 400 : 404, isV1 ? "BadRequest" : "404", isV1 ? "API version not supported" : "Resource not found");
        }

        if (call.IsUnknownModel)
        {
            return Error(404, "DeploymentNotFound", "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.");
        }

        if (call.Faults.Refusal)
        {
            return PromptRefused();
        }

        var reply = inner.Answer(call);
        return reply is StreamReply stream && call.Target.Contains("/chat/completions", StringComparison.Ordinal) && !call.Faults.ErrorIn200
            ? stream with { Events = stream.Events.Prepend(PromptFilter()) }
            : reply;
    }

    private static StreamEvent PromptFilter() => new(null, JsonBytes.Object(w =>
    {
        w.WriteString("id", "");
        w.WriteString("object", "");
        w.WriteNumber("created", 0);
        w.WriteString("model", "");
        w.WriteStartArray("choices");
        w.WriteEndArray();
        w.WriteStartArray("prompt_filter_results");
        w.WriteStartObject();
        w.WriteNumber("prompt_index", 0);
        w.WriteStartObject("content_filter_results");
        Category(w, "hate", filtered: false);
        Category(w, "violence", filtered: false);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndArray();
    }), EventKind.Opening);

    private static BodyReply PromptRefused() => new(400, JsonBytes.Object(w =>
    {
        w.WriteStartObject("error");
        w.WriteString("message", "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.");
        w.WriteNull("type");
        w.WriteString("param", "prompt");
        w.WriteString("code", "content_filter");
        w.WriteNumber("status", 400);
        w.WriteStartObject("innererror");
        w.WriteString("code", "ResponsibleAIPolicyViolation");
        w.WriteStartObject("content_filter_result");
        Category(w, "hate", filtered: false);
        Category(w, "violence", filtered: true);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndObject();
    }));

    private static void Category(Utf8JsonWriter w, string name, bool filtered)
    {
        w.WriteStartObject(name);
        w.WriteBoolean("filtered", filtered);
        w.WriteString("severity", filtered ? "medium" : "safe");
        w.WriteEndObject();
    }

    private static BodyReply Error(int status, string code, string message) => new(status, JsonBytes.Object(w =>
    {
        w.WriteStartObject("error");
        w.WriteString("code", code);
        w.WriteString("message", message);
        w.WriteEndObject();
    }));
}
