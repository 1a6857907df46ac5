using System.Buffers;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Explain;

/// <summary>
/// The <c>openrouter_metadata</c> of an answer or error, for callers that ask for it by header (routing §17): who could have answered, who was tried, who
/// did. <c>unknown_providers</c> and <c>restarts</c> are ours.
/// </summary>
internal static class RouterMetadata
{
    /// <summary>The header asks for it; anything but <c>enabled</c> does not.</summary>
    public static bool IsWanted(IHeaderDictionary headers) =>
        Enabled(headers, "X-OpenRouter-Metadata") || Enabled(headers, "X-OpenRouter-Experimental-Metadata");

    /// <param name="context">The request's facts.</param>
    /// <param name="request">The request.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="log">What was tried; empty where nothing was.</param>
    /// <param name="served">The endpoint that answered; null when none did.</param>
    public static ReadOnlyMemory<byte> Of(InferenceContext context, CanonicalRequest request, RoutePlan plan, AttemptLog log, ModelEndpoint? served)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("requested"u8, request.Model ?? (request.Models.Count > 0 ? request.Models[0] : plan.Models[0].Model.Id));
            json.WriteString("strategy"u8, Strategy(context, request, plan, served));
            json.WriteNull("region"u8);
            json.WriteString("summary"u8, Summary(plan, log, served));
            json.WriteNumber("attempt"u8, served is null ? 0 : log.Entries.Count);
            json.WriteBoolean("is_byok"u8, false);
            WriteEndpoints(json, plan, served);
            WriteAttempts(json, log);
            if (log.Restarts > 0)
                json.WriteNumber("restarts"u8, log.Restarts);
            log.Plugins.WritePipeline(json, plan.Routed, log.Schemas);
            WriteUnknown(json, RouteErrors.UnknownProviders(request.Provider, context));
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static bool Enabled(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var value) && string.Equals(value.ToString(), "enabled", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>fallback</c> is said of an answer by another model than the first one asked for, and of an error after several.</summary>
    private static string Strategy(InferenceContext context, CanonicalRequest request, RoutePlan plan, ModelEndpoint? served)
    {
        if (plan.Routed is { } routed)
            return routed.Strategy;
        var first = plan.Models[0].Model;
        if (served is null ? plan.Models.Count > 1 : served.ModelId != first.Id)
            return "fallback";
        if ((request.Model ?? (request.Models.Count > 0 ? request.Models[0] : null)) is not { } asked)
            return "direct";
        if (asked.StartsWith('~'))
            return "latest";
        // A free variant that is gone is passed over: then the plan begins with another model than the caller's list.
        if (!ReferenceEquals(context.Catalog.Find(ModelReference.Parse(asked).Slug), first))
            return request.Models.Count > 0 ? "fallback" : "alias";
        return asked.StartsWith(first.Id, StringComparison.OrdinalIgnoreCase) ? "direct" : "alias";
    }

    private static string Summary(RoutePlan plan, AttemptLog log, ModelEndpoint? served)
    {
        var available = $"{(plan.Routed is { } routed ? Sentence(routed) + ": " : "")}{plan.Attempts.Length} of {plan.Candidates.Length} endpoints available";
        return served is null
            ? $"{available}, none answered."
            : $"{available}, {served.Provider.Name} answered for {served.ModelId} at attempt {log.Entries.Count}.";
    }

    private static string Sentence(Routed routed) => routed.Task is { } task ? $"Taken for {task}, {routed.Why}" : $"{char.ToUpperInvariant(routed.Why[0])}{routed.Why[1..]}";

    private static void WriteEndpoints(Utf8JsonWriter json, RoutePlan plan, ModelEndpoint? served)
    {
        json.WriteStartObject("endpoints"u8);
        json.WriteNumber("total"u8, plan.Candidates.Length);
        json.WriteStartArray("available"u8);
        foreach (var index in plan.Attempts)
        {
            var endpoint = plan.Candidates[index].Endpoint;
            json.WriteStartObject();
            json.WriteString("provider"u8, endpoint.Provider.Name);
            json.WriteString("model"u8, endpoint.ModelId);
            json.WriteBoolean("selected"u8, ReferenceEquals(endpoint, served));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAttempts(Utf8JsonWriter json, AttemptLog log)
    {
        if (log.Entries.Count == 0)
            return;
        json.WriteStartArray("attempts"u8);
        foreach (var attempt in log.Entries)
        {
            json.WriteStartObject();
            json.WriteString("provider"u8, attempt.Endpoint.Provider.Name);
            json.WriteString("model"u8, attempt.Endpoint.ModelId);
            json.WriteNumber("status"u8, attempt.Status);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUnknown(Utf8JsonWriter json, IReadOnlyList<string> unknown)
    {
        if (unknown.Count == 0)
            return;
        json.WriteStartArray("unknown_providers"u8);
        foreach (var name in unknown)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }
}
