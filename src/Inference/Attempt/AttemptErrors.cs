using System.Text.Json.Nodes;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>The error a caller sees when every attempt failed (I-59, I-61): class of the verdict, provider and its own words in the metadata.</summary>
internal static class AttemptErrors
{
    public static GatewayError From(FallbackPolicy policy, RoutePlan plan, bool showRaw)
    {
        var (index, failure) = policy.Verdict();
        var endpoint = plan.Candidates[index].Endpoint;
        // Trouble with the gateway's own account is not the caller's: they see a provider failure.
        var kind = failure.Retry is RetryClass.Credentials or RetryClass.UnknownModel ? ErrorKind.ProviderUnavailable : failure.Kind;
        var metadata = failure.Flagged?.ToMetadata(endpoint.Provider.Name, endpoint.ModelId) ?? new JsonObject { ["provider_name"] = endpoint.Provider.Name };
        if (showRaw && failure.Raw is not null && failure.Retry != RetryClass.Credentials)
            metadata["raw"] = failure.Raw;
        if (failure.ProviderCode is not null && kind != ErrorKind.Server)
            metadata["provider_code"] = failure.ProviderCode;
        metadata["is_byok"] = false;
        if (policy.Failures.Count > 1)
            metadata["previous_errors"] = Previous(policy, plan);

        var retryAfter = kind is ErrorKind.RateLimitExceeded or ErrorKind.ProviderOverloaded ? RetryAfter(policy) : null;
        return new GatewayError
        {
            Kind = kind,
            Message = Message(kind, failure),
            Metadata = metadata,
            RetryAfterSeconds = retryAfter,
            Availability = Availability(kind, policy, plan, retryAfter),
        };
    }

    /// <summary>Faults of the request itself are said in the provider's words, everything else in the fixed text clients know.</summary>
    private static string Message(ErrorKind kind, UpstreamFailure failure) =>
        ErrorKinds.Status(kind) is 400 or 413 or 422 || failure.Status == 0 ? failure.Message : "Provider returned error";

    private static JsonArray Previous(FallbackPolicy policy, RoutePlan plan)
    {
        var list = new JsonArray();
        foreach (var (index, failure) in policy.Failures)
        {
            list.Add(new JsonObject
            {
                ["provider"] = plan.Candidates[index].Endpoint.Provider.Name,
                ["code"] = failure.ProviderCode ?? ErrorKinds.WireName(failure.Kind),
                ["status"] = failure.Status,
            });
        }

        return list;
    }

    /// <summary>Only when every attempt gave a hint (inference §2.2): the soonest of them.</summary>
    private static int? RetryAfter(FallbackPolicy policy)
    {
        var soonest = TimeSpan.MaxValue;
        foreach (var (_, failure) in policy.Failures)
        {
            if (failure.RetryAfter is not { } hint)
                return null;
            soonest = hint < soonest ? hint : soonest;
        }

        return (int)Math.Clamp(Math.Ceiling(soonest.TotalSeconds), 1, 86_400);
    }

    private static JsonObject? Availability(ErrorKind kind, FallbackPolicy policy, RoutePlan plan, int? retryAfter)
    {
        var code = kind switch
        {
            ErrorKind.RateLimitExceeded => "capacity_exhausted",
            ErrorKind.ProviderOverloaded => "temporarily_unavailable",
            _ => null,
        };
        if (code is null)
            return null;
        var models = new JsonArray([.. plan.Candidates.Select(candidate => candidate.Model.Id).Distinct(StringComparer.Ordinal).Select(id => (JsonNode)id)]);
        var providers = policy.Failures.Select(failed => plan.Candidates[failed.Index].Endpoint.Provider.Name).Distinct(StringComparer.Ordinal);
        var availability = new JsonObject { ["code"] = code, ["retryable"] = true };
        if (retryAfter is { } seconds)
            availability["retry_after"] = seconds;
        availability["requested_models"] = models;
        availability["affected_providers"] = new JsonArray([.. providers.Select(name => (JsonNode)name)]);
        availability["docs_url"] = "/docs";
        return availability;
    }
}
