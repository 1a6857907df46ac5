using System.Text.Json.Serialization;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Providers;

/// <summary>The directory of providers, those without a key here included (platform §3.2).</summary>
internal static class ProviderRoutes
{
    public static void MapProviders(this IEndpointRouteBuilder api) =>
        api.MapGet("/providers", List).WithTags("providers").WithSummary("Every provider of the catalog.").Produces<ProvidersAnswer>();

    private static JsonHttpResult<ProvidersAnswer> List(HttpContext http, CatalogSource source)
    {
        Answers.AllowCaching(http.Response);
        return TypedResults.Json(new ProvidersAnswer([.. source.Current.Providers.Select(ToProviderObject)]), ConsoleJson.Wire.ProvidersAnswer);
    }

    private static ProviderObject ToProviderObject(Provider provider) => new()
    {
        Name = provider.Name,
        Slug = provider.Slug,
        PrivacyPolicyUrl = provider.PrivacyPolicyUrl,
        TermsOfServiceUrl = provider.TermsOfServiceUrl,
        StatusPageUrl = provider.StatusPageUrl,
        Headquarters = provider.Headquarters,
        Datacenters = provider.Datacenters,
    };
}

/// <summary>The answer of <c>/providers</c>.</summary>
internal sealed record ProvidersAnswer([property: JsonPropertyName("data")] IReadOnlyList<ProviderObject> Data);

internal sealed record ProviderObject
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("slug")]
    public required string Slug { get; init; }

    [JsonPropertyName("privacy_policy_url")]
    public required string? PrivacyPolicyUrl { get; init; }

    [JsonPropertyName("terms_of_service_url")]
    public required string? TermsOfServiceUrl { get; init; }

    [JsonPropertyName("status_page_url")]
    public required string? StatusPageUrl { get; init; }

    [JsonPropertyName("headquarters")]
    public required string? Headquarters { get; init; }

    [JsonPropertyName("datacenters")]
    public required IReadOnlyList<string>? Datacenters { get; init; }
}
