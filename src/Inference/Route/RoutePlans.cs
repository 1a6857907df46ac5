using System.Text.Json.Nodes;
using Fairlead.Catalog.Health;
using Fairlead.Inference.Prepare;
using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Route;

/// <summary>Route, at its edge: gathers the planner's inputs (snapshots and a seed) and turns an empty plan into the contract's 404 (R-16).</summary>
internal sealed class RoutePlans(RouteSeeds seeds, HealthBook health, IOptions<InferenceOptions> options)
{
    public Outcome<RoutePlan> Plan(InferenceContext context, PreparedRequest prepared)
    {
        var query = new RouteQuery
        {
            Request = prepared.Request,
            Models = prepared.Models,
            CatalogVersion = context.Catalog.Version,
            Health = health.Current,
            NowMs = context.ArrivedAt.ToUnixTimeMilliseconds(),
            DefaultOutputTokens = options.Value.HoldOutputTokens,
        };
        var plan = RoutePlanner.Plan(query, seeds.Next());
        return plan.Attempts.Length > 0 ? plan : NothingLeft(plan, prepared);
    }

    private static GatewayError NothingLeft(RoutePlan plan, PreparedRequest prepared)
    {
        var models = new JsonArray([.. prepared.Models.Select(model => (JsonNode)model.Model.Id)]);
        var availability = new JsonObject { ["code"] = "no_endpoints", ["retryable"] = false, ["requested_models"] = models, ["docs_url"] = "/docs" };
        if (plan.Candidates.Length == 0)
        {
            return new GatewayError
            {
                Kind = ErrorKind.NotFound,
                Message = $"No endpoints found for {prepared.Models[0].Model.Id}. Set the key of a provider that serves it.",
                Availability = availability,
            };
        }

        var last = LastStep(plan);
        if (last == RouteFilter.ContextLength)
            return TooLong(plan, prepared);
        availability["code"] = last == RouteFilter.DataPolicy ? "privacy_restricted" : "constraint_filtered";
        if (RouteFilters.ExcludedBy(last, prepared.Request.Provider.Zdr) is { } excludedBy)
            availability["excluded_by"] = new JsonArray(excludedBy);
        return new GatewayError
        {
            Kind = ErrorKind.NotFound,
            Message = Message(last, prepared),
            Metadata = Funnel(plan, prepared, last),
            Availability = availability,
        };
    }

    /// <summary>The filter that took the last candidate: the latest in filter order.</summary>
    private static RouteFilter LastStep(RoutePlan plan)
    {
        var last = RouteFilter.None;
        foreach (ref readonly var candidate in plan.Candidates.AsSpan())
            last = candidate.Filter > last ? candidate.Filter : last;
        return last;
    }

    private static GatewayError TooLong(RoutePlan plan, PreparedRequest prepared)
    {
        var roomiest = plan.Candidates.MaxBy(candidate => candidate.Endpoint.ContextLength);
        var output = prepared.Request.MaxTokens ?? 0;
        return new GatewayError
        {
            Kind = ErrorKind.ContextLengthExceeded,
            Message = $"This endpoint's maximum context length is {roomiest.Endpoint.ContextLength} tokens. However, you requested about {roomiest.PromptTokens + output} tokens "
                + $"({roomiest.PromptTokens} of input, {output} in the output). Please reduce the length of either one.",
            Metadata = new JsonObject { ["provider_name"] = null },
        };
    }

    private static string Message(RouteFilter filter, PreparedRequest prepared) => filter switch
    {
        RouteFilter.DataPolicy => "No endpoints found matching your data policy (" + (prepared.Request.Provider.Zdr ? "Zero data retention" : "Paid model training") + ").",
        RouteFilter.Providers => "No allowed providers are available for the selected model.",
        RouteFilter.Quantization => "No endpoints found with the requested quantization.",
        RouteFilter.Price => "No endpoints found at or below the requested max_price.",
        RouteFilter.Modality => "No endpoints found that support " + Modality(prepared) + ".",
        RouteFilter.OutputLength => $"No endpoints found that can produce {prepared.Request.MaxTokens} output tokens. Lower max_tokens.",
        RouteFilter.Tools when prepared.Request.ToolChoice is { Kind: Protocols.Canonical.ToolChoiceKind.Required or Protocols.Canonical.ToolChoiceKind.Function } choice =>
            $"No endpoints found that support the provided 'tool_choice' value ({choice.Kind.ToString().ToLowerInvariant()}).",
        RouteFilter.Tools => "No endpoints found that support tool use.",
        _ => "No endpoints found that can handle the requested parameters.",
    };

    private static string Modality(PreparedRequest prepared) => prepared.Request.Content switch
    {
        { Images: > 0 } => "image input",
        { Audio: > 0 } => "audio input",
        { Videos: > 0 } => "video input",
        { Files: > 0 } => "file input",
        _ => $"the requested output modalities: {string.Join(", ", prepared.Request.Modalities)}",
    };

    private static JsonObject Funnel(RoutePlan plan, PreparedRequest prepared, RouteFilter last)
    {
        var steps = new JsonArray();
        var left = plan.Candidates.Length;
        for (var filter = RouteFilter.DataPolicy; filter <= RouteFilter.NoFallback; filter++)
        {
            var dropped = plan.Candidates.Count(candidate => candidate.Filter == filter);
            if (dropped == 0)
                continue;
            left -= dropped;
            steps.Add(new JsonObject { ["step"] = RouteFilters.Name(filter), ["endpoint_count"] = left });
        }

        var metadata = new JsonObject
        {
            ["failed_routing_step"] = RouteFilters.Name(last),
            ["input_endpoint_count"] = plan.Candidates.Length,
            ["routing_funnel"] = steps,
        };
        if (last == RouteFilter.Providers)
        {
            metadata["available_providers"] = new JsonArray([.. plan.Candidates.Select(c => c.Endpoint.Provider.Slug).Distinct(StringComparer.Ordinal).Select(slug => (JsonNode)slug)]);
            metadata["requested_providers"] = new JsonArray([.. prepared.Request.Provider.Only.Select(name => (JsonNode)name)]);
        }

        return metadata;
    }
}
