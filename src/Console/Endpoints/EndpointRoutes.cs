using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console.Http;
using Fairlead.Console.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Endpoints;

/// <summary>Who offers a model, and which offers keep nothing (platform §3.2, §3.3).</summary>
internal static class EndpointRoutes
{
    public static void MapEndpoints(this IEndpointRouteBuilder api)
    {
        api.MapGet("/models/{author}/{slug}/endpoints", List).WithTags("endpoints").WithSummary("The endpoints of a model.")
            .Produces<ModelEndpointsAnswer>().Produces<ErrorAnswer>(404);
        api.MapGet("/endpoints/zdr", ListZdr).WithTags("endpoints").WithSummary("Every endpoint that keeps no prompt.")
            .Produces<EndpointsAnswer>();
    }

    private static IResult List(string author, string slug, HttpContext http, CatalogSource source, HealthBook health, CallerCheck callers)
    {
        var catalog = source.Current;
        if (catalog.FindBySlug(author, slug) is not { } model)
            return Answers.NotFound("Resource not found", catalog.Nearest($"{author}/{slug}", 3));
        var known = ForCaller(http, health, callers);
        var answer = new ModelEndpointsAnswer(new()
        {
            Id = model.Id,
            Name = model.Name,
            Created = model.Created,
            Architecture = ModelMapping.ToArchitectureObject(model.Architecture),
            Endpoints = [.. ModelMapping.Visible(catalog, model).Select(endpoint => ToEndpointObject(model, endpoint, known))],
        });
        return TypedResults.Json(answer, ConsoleJson.Wire.ModelEndpointsAnswer);
    }

    private static JsonHttpResult<EndpointsAnswer> ListZdr(HttpContext http, CatalogSource source, HealthBook health, CallerCheck callers)
    {
        var catalog = source.Current;
        var known = ForCaller(http, health, callers);
        var listed =
            from model in catalog.Listed
            where model.AliasTarget is null
            from endpoint in ModelMapping.Visible(catalog, model)
            where endpoint.Zdr
            select ToEndpointObject(model, endpoint, known);
        return TypedResults.Json(new EndpointsAnswer([.. listed]), ConsoleJson.Wire.EndpointsAnswer);
    }

    /// <summary>What the caller may see. Speeds are for callers with a key, so only the answer without them may be kept for others.</summary>
    private static EndpointMeasures ForCaller(HttpContext http, HealthBook health, CallerCheck callers)
    {
        http.Response.Headers.Append("Vary", "Authorization");
        var known = callers.TryIdentify(http, out _, out _);
        if (known)
            http.Response.Headers.CacheControl = "private, no-store";
        else
            Answers.AllowCaching(http.Response);
        return new EndpointMeasures(health.Current, known);
    }

    private static EndpointObject ToEndpointObject(Model model, ModelEndpoint endpoint, EndpointMeasures measures) => new()
    {
        Name = $"{endpoint.Provider.Name} | {model.CanonicalSlug}",
        ModelId = model.Id,
        ModelName = model.Name,
        ContextLength = endpoint.ContextLength,
        Pricing = PricingObject.From(endpoint.Pricing),
        ProviderName = endpoint.Provider.Name,
        Tag = endpoint.Tag,
        Quantization = endpoint.Quantization,
        MaxCompletionTokens = endpoint.MaxCompletionTokens,
        MaxPromptTokens = endpoint.MaxPromptTokens,
        SupportedParameters = endpoint.SupportedParameters,
        SupportsImplicitCaching = endpoint.SupportsImplicitCaching,
        SupportsToolChoice = ToToolChoiceObject(endpoint),
        Status = measures.Status(endpoint),
        UptimeLast5m = EndpointMeasures.Percent(measures.Of(endpoint).Uptime5m),
        UptimeLast30m = EndpointMeasures.Percent(measures.Of(endpoint).Uptime30m),
        UptimeLast1d = EndpointMeasures.Percent(measures.Of(endpoint).Uptime1d),
        LatencyLast30m = measures.Speed(measures.Of(endpoint).FirstToken30m),
        ThroughputLast30m = measures.Speed(measures.Of(endpoint).Throughput30m),
    };

    private static ToolChoiceObject ToToolChoiceObject(ModelEndpoint endpoint)
    {
        var takes = endpoint.SupportedParameters.Contains("tool_choice", StringComparer.Ordinal);
        var target = endpoint.Target;
        return new()
        {
            None = takes && target is not { ToolChoiceNone: false },
            Auto = takes && target is not { ToolChoiceAuto: false },
            Required = takes && target is not { ToolChoiceRequired: false },
            Function = takes && target is not { ToolChoiceFunction: false },
        };
    }
}
