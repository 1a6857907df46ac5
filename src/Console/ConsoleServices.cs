using Fairlead.Console.Activity;
using Fairlead.Console.Credits;
using Fairlead.Console.Endpoints;
using Fairlead.Console.Generations;
using Fairlead.Console.Http;
using Fairlead.Console.Keys;
using Fairlead.Console.Models;
using Fairlead.Console.Parameters;
using Fairlead.Console.Presets;
using Fairlead.Console.Providers;
using Fairlead.Console.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fairlead.Console;

/// <summary>What the host needs to serve the management API.</summary>
public static class ConsoleServices
{
    /// <summary>Registers the room. Needs the catalog, accounts and ledger rooms.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services, Action<ConsoleOptions>? configure = null)
    {
        services.AddOptionsWithValidateOnStart<ConsoleOptions>().Configure(configure ?? (static _ => { })).ValidateDataAnnotations();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CallerCheck>();
        services.AddSingleton<ModelListing>();
        services.AddSingleton<ModelFeed>();
        return services;
    }

    /// <summary>
    /// Lets browsers on any site call <c>/api/v1</c> (P3): answers preflights and marks every answer, errors included. Put it before everything that
    /// answers.
    /// </summary>
    public static IApplicationBuilder UseApiCors(this IApplicationBuilder app) => app.UseMiddleware<ApiCors>();

    /// <summary>Maps the management API under <c>/api/v1</c>: models, endpoints, providers, parameters, generation, credits, keys, activity, account
    /// settings, presets.</summary>
    public static IEndpointRouteBuilder MapConsole(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1");
        api.MapModels();
        api.MapEndpoints();
        api.MapProviders();
        api.MapParameters();
        api.MapGenerations();
        api.MapCredits();
        api.MapCurrentKey();
        api.MapKeys();
        api.MapActivity();
        api.MapAccountSettings();
        api.MapPresets();
        return routes;
    }
}
