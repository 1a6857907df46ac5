using System.Text.Json.Serialization;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console.Http;
using Fairlead.Console.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Parameters;

/// <summary>What a model, or one provider's offer of it, can be told (platform §3.2).</summary>
internal static class ParameterRoutes
{
    public static void MapParameters(this IEndpointRouteBuilder api) =>
        api.MapGet("/parameters/{author}/{slug}", Get).WithTags("parameters").WithSummary("The parameters a model takes, at one provider or at any.")
            .Produces<ParametersAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(404);

    private static IResult Get(string author, string slug, string? provider, HttpContext http, CatalogSource source, CallerCheck callers)
    {
        if (!callers.TryIdentify(http, out var caller, out var refusal))
            return refusal;
        var catalog = source.Current;
        if (catalog.FindBySlug(author, slug) is not { } model)
            return Answers.NotFound("Resource not found", catalog.Nearest($"{author}/{slug}", 3), caller);
        if (string.IsNullOrEmpty(provider))
            return Answer(model, model.SupportedParameters);
        string[] parameters =
        [
            .. ModelMapping.Visible(catalog, model).Where(endpoint => IsNamed(endpoint, provider)).SelectMany(endpoint => endpoint.SupportedParameters).Distinct(),
        ];
        return parameters.Length > 0 || ModelMapping.Visible(catalog, model).Any(endpoint => IsNamed(endpoint, provider))
            ? Answer(model, parameters)
            : Answers.NotFound("Resource not found: this provider does not offer this model.", caller: caller);
    }

    private static bool IsNamed(ModelEndpoint endpoint, string provider) =>
        provider.Equals(endpoint.Provider.Name, StringComparison.OrdinalIgnoreCase)
        || provider.Equals(endpoint.Provider.Slug, StringComparison.OrdinalIgnoreCase)
        || provider.Equals(endpoint.Tag, StringComparison.OrdinalIgnoreCase);

    private static JsonHttpResult<ParametersAnswer> Answer(Model model, IReadOnlyList<string> parameters) =>
        TypedResults.Json(new ParametersAnswer(new(model.Id, parameters)), ConsoleJson.Wire.ParametersAnswer);
}

/// <summary>The answer of <c>/parameters/{author}/{slug}</c>.</summary>
internal sealed record ParametersAnswer([property: JsonPropertyName("data")] ParametersObject Data);

internal sealed record ParametersObject(
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("supported_parameters")] IReadOnlyList<string> SupportedParameters);
