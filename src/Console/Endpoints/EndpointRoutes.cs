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

    private static IResult List(string author, string slug, HttpContext http, CatalogSource source)
    {
        var catalog = source.Current;
        if (catalog.FindBySlug(author, slug) is not { } model)
            return Answers.NotFound("Resource not found", catalog.Nearest($"{author}/{slug}", 3));
        Answers.AllowCaching(http.Response);
        var answer = new ModelEndpointsAnswer(new()
        {
            Id = model.Id,
            Name = model.Name,
            Created = model.Created,
            Architecture = ModelMapping.ToArchitectureObject(model.Architecture),
            Endpoints = [.. ModelMapping.Visible(catalog, model).Select(endpoint => ToEndpointObject(model, endpoint))],
        });
        return TypedResults.Json(answer, ConsoleJson.Wire.ModelEndpointsAnswer);
    }

    private static JsonHttpResult<EndpointsAnswer> ListZdr(HttpContext http, CatalogSource source)
    {
        var catalog = source.Current;
        Answers.AllowCaching(http.Response);
        var listed =
            from model in catalog.Listed
            where model.AliasTarget is null
            from endpoint in ModelMapping.Visible(catalog, model)
            where endpoint.Zdr
            select ToEndpointObject(model, endpoint);
        return TypedResults.Json(new EndpointsAnswer([.. listed]), ConsoleJson.Wire.EndpointsAnswer);
    }

    private static EndpointObject ToEndpointObject(Model model, ModelEndpoint endpoint) => new()
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
        Status = endpoint.Status,
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
