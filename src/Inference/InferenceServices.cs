using System.Buffers.Binary;
using System.Security.Cryptography;
using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Embeddings;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Forecast;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Prompts;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Replay;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Inference.Routers.Auto;
using Fairlead.Inference.Routers.BodyBuilder;
using Fairlead.Inference.Settle;
using Fairlead.Inference.Telemetry;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.OpenAI.Responses.Client;
using Fairlead.Protocols.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fairlead.Inference;

/// <summary>What the host needs to serve inference.</summary>
public static class InferenceServices
{
    /// <summary>The name of the room's meter.</summary>
    public const string MeterName = InferenceMetrics.MeterName;

    // What the configuration may allow at the most; Prepare holds requests to what it does allow.
    internal const int MostModels = 100;

    /// <summary>Registers the pipeline. Needs the catalog, accounts and ledger rooms.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services, Action<InferenceOptions> configure)
    {
        services.AddOptionsWithValidateOnStart<InferenceOptions>().Configure(configure).ValidateDataAnnotations();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new RouteSeeds(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8))));
        services.AddSingleton<GenerationIds>();
        services.AddSingleton<InferenceMetrics>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<PromptCaches>();
        services.AddSingleton<Presets>();
        services.AddSingleton<ResponseCache>();
        services.AddSingleton<ResponseReplay>();
        services.AddSingleton<ReasoningMemory>();
        services.AddSingleton<ModelRouters>();
        services.AddSingleton(static provider => new AutoRouter(provider.GetService<ITaskClassifier>(), provider.GetRequiredService<ILogger<AutoRouter>>()));
        services.AddSingleton<BodyWriter>();
        services.AddSingleton<RoutePlans>();
        services.AddSingleton<RateGate>();
        services.AddSingleton<FreeModelsFirst>();
        services.AddSingleton<Admitter>();
        services.AddSingleton<UpstreamClient>();
        services.AddSingleton<MediaFetcher>();
        services.AddSingleton<MediaInlining>();
        services.AddSingleton<UserIdentity>();
        services.AddSingleton<IAttempt, SingleAttempt>();
        services.AddSingleton<FallbackLoop>();
        services.AddSingleton<Settler>();
        services.AddSingleton<AnswerRelay>();
        services.AddPlugins();
        services.AddSingleton<PromptBatch>();
        services.AddSingleton<InferenceEdge>();
        services.AddSingleton<InferencePipeline>();
        services.AddSingleton<EmbeddingAttempt>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<EmbeddingsPipeline>(
            provider, ActivatorUtilities.CreateInstance<FallbackLoop>(provider, provider.GetRequiredService<EmbeddingAttempt>())));
        services.AddSingleton<CostForecaster>();
        services.AddSingleton<TokenCounter>();
        services.AddSingleton(static provider => new RouteExplainer(
            provider.GetRequiredService<CatalogSource>(), provider.GetRequiredService<Authenticator>(), provider.GetRequiredService<AccountSettingsIndex>(),
            provider.GetRequiredService<Presets>(), provider.GetRequiredService<ModelRouters>(), provider.GetRequiredService<RoutePlans>(), provider.GetRequiredService<PluginSet>(),
            provider.GetRequiredService<GenerationIds>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<GenerationWhy>();
        return services;
    }

    /// <summary>Maps the inference routes, each with the dialect its callers speak, and those that only tell what a request would cost or where it would go.</summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder routes)
    {
        Tokenizer.O200k.Load();
        // Nothing that comes after routing concerns them.
        var inference = routes.MapGroup("");
        inference.ShortCircuit();
        var pipeline = routes.ServiceProvider.GetRequiredService<InferencePipeline>();
        var chat = new ChatCompletionsDialect(MostModels);
        inference.MapPost("/api/v1/chat/completions", (RequestDelegate)(http => pipeline.RunAsync(http, chat)))
            .WithSummary("Chat completion: the answer of the best endpoint of a model, streamed or not.")
            .WithTags("inference");
        var messages = new MessagesDialect(MostModels);
        inference.MapPost("/api/v1/messages", (RequestDelegate)(http => pipeline.RunAsync(http, messages)))
            .WithSummary("Message in Anthropic's format: the answer of the best endpoint of any model, streamed or not.")
            .WithTags("inference");
        var responses = new ResponsesClientDialect(MostModels);
        inference.MapPost("/api/v1/responses", (RequestDelegate)(http => pipeline.RunAsync(http, responses)))
            .WithSummary("Response in OpenAI's stateless item format: the answer of the best endpoint of any model, streamed or not.")
            .WithTags("inference");
        var completions = new CompletionsDialect(MostModels);
        inference.MapPost("/api/v1/completions", (RequestDelegate)(http => pipeline.RunAsync(http, completions)))
            .WithSummary("Text completion in OpenAI's older form: the prompt is one user message to a chat model.")
            .WithTags("inference");
        var embeddings = routes.ServiceProvider.GetRequiredService<EmbeddingsPipeline>();
        inference.MapPost("/api/v1/embeddings", (RequestDelegate)embeddings.RunAsync)
            .WithSummary("Embeddings of texts, token arrays or parts, as numbers or base64, in the order of the inputs.")
            .WithTags("inference");
        var counter = routes.ServiceProvider.GetRequiredService<TokenCounter>();
        inference.MapPost("/api/v1/messages/count_tokens", (RequestDelegate)(http => counter.RunAsync(http, messages)))
            .WithSummary("How many tokens a message request would have, by our own estimate. Sends nothing and costs nothing.")
            .WithTags("inference");
        var forecaster = routes.ServiceProvider.GetRequiredService<CostForecaster>();
        inference.MapPost("/api/v1/cost/simulate", (RequestDelegate)(http => forecaster.RunAsync(http, chat)))
            .WithSummary("What a chat completion would cost: at most, probably, and at the cheapest endpoint. Sends nothing and costs nothing.")
            .WithTags("inference");
        var explainer = routes.ServiceProvider.GetRequiredService<RouteExplainer>();
        inference.MapPost("/api/v1/route/explain", (RequestDelegate)(http => explainer.RunAsync(http, chat)))
            .WithSummary("Where a chat completion would go and why: every candidate, the order, odds and costs. Sends nothing and costs nothing.")
            .WithTags("inference");
        var why = routes.ServiceProvider.GetRequiredService<GenerationWhy>();
        inference.MapGet("/api/v1/generation/why", (RequestDelegate)(http => why.RunAsync(http, chat)))
            .WithSummary("Why a request went where it went: the decision kept with its generation.")
            .WithTags("generation");
        return routes;
    }
}
