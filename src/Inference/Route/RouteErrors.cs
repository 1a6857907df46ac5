using System.Text.Json.Nodes;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Route;

/// <summary>The error of a plan without attempts (R-16): the contract's 404, with each filter and what it dropped; 400 where only the context was too short.</summary>
internal static class RouteErrors
{
    // Of a long list the first tell enough.
    private const int MostNamed = 50;

    public static GatewayError NothingLeft(RoutePlan plan, PreparedRequest prepared, InferenceContext context)
    {
        var models = new JsonArray([.. plan.Models.Select(model => (JsonNode)model.Model.Id)]);
        var availability = new JsonObject { ["code"] = "no_endpoints", ["retryable"] = false, ["requested_models"] = models, ["docs_url"] = "/docs" };
        if (plan.Candidates.Length == 0)
        {
            return new GatewayError
            {
                Kind = ErrorKind.NotFound,
                Message = $"No endpoints found for {plan.Models[0].Model.Id}. Set the key of a provider that serves it.",
                Availability = availability,
            };
        }

        var last = LastStep(plan);
        if (last == RouteFilter.ContextLength)
            return TooLong(plan, prepared);
        availability["code"] = last is RouteFilter.DataCollection or RouteFilter.Training or RouteFilter.Zdr ? "privacy_restricted" : "constraint_filtered";
        if ((last == RouteFilter.DataCollection && OnlyRetain(plan) ? "data_policy:zdr" : RouteFilters.ExcludedBy(last)) is { } excludedBy)
            availability["excluded_by"] = new JsonArray(excludedBy);
        return new GatewayError
        {
            Kind = ErrorKind.NotFound,
            Message = Message(last, plan, prepared),
            Metadata = Metadata(plan, prepared, context, last),
            Availability = availability,
        };
    }

    /// <summary>The filter that took the last candidate: the latest in filter order.</summary>
    private static RouteFilter LastStep(RoutePlan plan)
    {
        var last = RouteFilter.None;
        foreach (ref readonly var standing in plan.Standings.AsSpan())
            last = standing.Filter > last ? standing.Filter : last;
        return last;
    }

    /// <summary>What <c>data_collection</c> dropped trains on nothing: it keeps prompts.</summary>
    private static bool OnlyRetain(RoutePlan plan) => plan.Candidates.Zip(plan.Standings)
        .All(static one => one.Second.Filter != RouteFilter.DataCollection || one.First.Endpoint.DataPolicy is { Training: false });

    private static GatewayError TooLong(RoutePlan plan, PreparedRequest prepared)
    {
        var roomiest = plan.Candidates.Where((_, i) => plan.Standings[i].Filter == RouteFilter.ContextLength)
            .MaxBy(static candidate => Math.Min(candidate.Endpoint.ContextLength, candidate.Endpoint.MaxPromptTokens ?? int.MaxValue));
        if (prepared.Request.Embeddings is not null)
        {
            return new GatewayError
            {
                Kind = ErrorKind.ContextLengthExceeded,
                Message = $"The model reads inputs of at most {roomiest.Endpoint.ContextLength} tokens. The longest one has about {RoutePlanner.LongestInput(prepared.Request, roomiest.Model)}. Split it.",
                Param = "input",
            };
        }

        var output = prepared.Request.MaxTokens ?? 0;
        const string Advice = "or have the middle of the conversation left out: \"transforms\": [\"middle-out\"], or the plugin context-compression.";
        if (roomiest.Endpoint.MaxPromptTokens is { } most && PromptWindow.IsOverPrompt(roomiest.Endpoint, roomiest.WholePromptTokens))
        {
            return new GatewayError
            {
                Kind = ErrorKind.ContextLengthExceeded,
                Message = $"This endpoint reads prompts of at most {most} tokens (max_prompt_tokens). Yours has about {roomiest.WholePromptTokens}. Please shorten it, {Advice}",
                Metadata = new JsonObject { ["provider_name"] = null },
            };
        }

        return new GatewayError
        {
            Kind = ErrorKind.ContextLengthExceeded,
            Message = $"This endpoint's maximum context length is {roomiest.Endpoint.ContextLength} tokens. However, you requested about {roomiest.WholePromptTokens + output} tokens "
                + $"({roomiest.WholePromptTokens} of input, {output} in the output). Please reduce the length of either one, {Advice}",
            Metadata = new JsonObject { ["provider_name"] = null },
        };
    }

    private static string Message(RouteFilter filter, RoutePlan plan, PreparedRequest prepared) => filter switch
    {
        RouteFilter.DataCollection when OnlyRetain(plan) => "No endpoints found matching your data policy (Prompt retention: data_collection is \"deny\").",
        RouteFilter.DataCollection or RouteFilter.Training => $"No endpoints found matching your data policy ({(plan.Models[0].Model.IsFree ? "Free" : "Paid")} model training).",
        RouteFilter.Zdr => "No endpoints found matching your data policy (Zero data retention).",
        RouteFilter.Distillation => "No endpoints found that allow text distillation.",
        RouteFilter.AllowedProviders or RouteFilter.Only => "No allowed providers are available for the selected model.",
        RouteFilter.Ignored => "All providers have been ignored.",
        RouteFilter.Quantization => "No endpoints found with the requested quantization.",
        RouteFilter.Price => "No endpoints found at or below the requested max_price.",
        RouteFilter.Throughput => "No endpoints found with at least the requested min_throughput.",
        RouteFilter.Latency => "No endpoints found within the requested max_latency.",
        RouteFilter.InputModality => $"No endpoints found that support {Modality(prepared.Request.Content)} input.",
        RouteFilter.OutputModality => $"No endpoints found that support the requested output modalities: {string.Join(", ", prepared.Request.Modalities)}.",
        RouteFilter.OutputLength => $"No endpoints found that can produce {prepared.Request.MaxTokens} output tokens. Lower max_tokens.",
        RouteFilter.Tools when prepared.Request.ToolChoice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Function } choice =>
            $"No endpoints found that support the provided 'tool_choice' value ({choice.Kind.ToString().ToLowerInvariant()}).",
        RouteFilter.Tools => "No endpoints found that support tool use.",
        RouteFilter.NoFallback => "No provider of \"order\" is available for the selected model, and allow_fallbacks is false.",
        RouteFilter.ServiceTier => "No endpoints found in the default service tier.",
        _ => "No endpoints found that can handle the requested parameters.",
    };

    private static string Modality(in ContentFacts content) => content switch
    {
        { Images: > 0 } => "image",
        { Audio: > 0 } => "audio",
        { Videos: > 0 } => "video",
        _ => "file",
    };

    private static JsonObject Metadata(RoutePlan plan, PreparedRequest prepared, InferenceContext context, RouteFilter last)
    {
        var metadata = new JsonObject
        {
            ["failed_routing_step"] = RouteFilters.Name(last),
            ["input_endpoint_count"] = plan.Candidates.Length,
            ["routing_funnel"] = Funnel(plan),
        };
        if (last is RouteFilter.AllowedProviders or RouteFilter.Only or RouteFilter.Ignored or RouteFilter.NoFallback)
        {
            metadata["available_providers"] = Names(plan.Candidates.Select(candidate => candidate.Endpoint.Provider.Slug).Distinct(StringComparer.Ordinal));
            metadata["requested_providers"] = Names(last == RouteFilter.NoFallback ? prepared.Request.Provider.Order : prepared.Request.Provider.Only);
        }

        if (UnknownProviders(prepared.Request.Provider, context) is { Count: > 0 } unknown)
            metadata["unknown_providers"] = Names(unknown);
        return metadata;
    }

    /// <summary>Names in the caller's lists that are nobody's.</summary>
    public static IReadOnlyList<string> UnknownProviders(ProviderPreferences wish, InferenceContext context) =>
        wish is { Order.Count: 0, Only.Count: 0, Ignore.Count: 0 }
            ? []
            : ProviderNames.Unknown([.. wish.Order, .. wish.Only, .. wish.Ignore], context.Catalog.Providers);

    /// <summary>Each filter that dropped something: what was left after it, and what it dropped.</summary>
    private static JsonArray Funnel(RoutePlan plan)
    {
        var steps = new JsonArray();
        var left = plan.Candidates.Length;
        for (var filter = RouteFilter.None + 1; (int)filter < RouteFilters.Count; filter++)
        {
            var dropped = Enumerable.Range(0, plan.Candidates.Length).Where(i => plan.Standings[i].Filter == filter).ToList();
            if (dropped.Count == 0)
                continue;
            left -= dropped.Count;
            steps.Add(new JsonObject
            {
                ["step"] = RouteFilters.Name(filter),
                ["endpoint_count"] = left,
                ["dropped"] = Names(dropped.Select(i => plan.Candidates[i].Endpoint.Tag)),
            });
        }

        return steps;
    }

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Take(MostNamed).Select(name => (JsonNode)name)]);
}
