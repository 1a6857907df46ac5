using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Small catalogs and requests for the planner.</summary>
internal static class Routes
{
    public const long NowMs = 1_750_000_000_000;

    public static readonly HealthSnapshot AllStable = HealthSnapshot.Empty;

    /// <summary>Every other endpoint is unknown, hence stable.</summary>
    public static HealthSnapshot Health(params (string Id, EndpointHealth Health)[] known) => new(known.Select(one => KeyValuePair.Create(one.Id, one.Health)));

    public static ModelEndpoint Endpoint(string provider, decimal perMillion, Action<EndpointDraft>? change = null)
    {
        var draft = new EndpointDraft();
        change?.Invoke(draft);
        var tag = draft.Tag ?? provider;
        return new ModelEndpoint
        {
            Id = draft.Model + "@" + tag,
            ModelId = draft.Model,
            Provider = new Provider { Slug = provider, Name = provider.ToUpperInvariant(), Protocol = UpstreamProtocol.OpenAIChat, BaseUrl = "http://upstream", Live = true },
            Tag = tag,
            Quantization = draft.Quantization,
            ContextLength = draft.Context,
            Status = draft.Status,
            MaxCompletionTokens = draft.MaxCompletion,
            Pricing = new PriceSheet { Prompt = perMillion / 1_000_000m, Completion = perMillion / 1_000_000m, InputCacheRead = draft.CacheRead / 1_000_000m },
            Parameters = draft.Parameters,
            DataPolicy = draft.Policy,
            Zdr = draft.Zdr,
            IsModerated = draft.Moderated,
            Target = new UpstreamTarget { Protocol = UpstreamProtocol.OpenAIChat, Provider = provider, Model = "m", Slug = draft.Model, Supported = draft.Parameters },
        };
    }

    public static Model Model(string id, params ModelEndpoint[] endpoints) => new()
    {
        Id = id,
        CanonicalSlug = id,
        Name = id,
        Architecture = new Architecture { InputModalities = ["text"], OutputModalities = ["text"] },
        Endpoints = endpoints,
        LiveEndpoints = endpoints,
    };

    public static CanonicalRequest Request(Func<CanonicalRequest, CanonicalRequest>? change = null)
    {
        var request = new CanonicalRequest
        {
            Dialect = ClientDialect.ChatCompletions,
            Body = default,
            ReadConversation = _ => new Conversation { Messages = [] },
            Content = new ContentFacts(1, 0, 0, 0, 0, 0, 0, 100),
        };
        return change is null ? request : change(request);
    }

    public static RoutePlan Plan(CanonicalRequest request, ulong seed, HealthSnapshot health, params Model[] models) =>
        RoutePlanner.Plan(Query(request, health, Sorted(request, models)), seed);

    public static RoutePlan Plan(CanonicalRequest request, ulong seed, AccountSettings account, params Model[] models) =>
        RoutePlanner.Plan(Query(request, AllStable, Sorted(request, models), account), seed);

    public static RoutePlan Plan(CanonicalRequest request, ulong seed, StickyEndpoint sticky, params Model[] models) =>
        RoutePlanner.Plan(Query(request, AllStable, Sorted(request, models), sticky: sticky), seed);

    public static RouteQuery Query(
        CanonicalRequest request, HealthSnapshot health, IReadOnlyList<RequestedModel> models, AccountSettings? account = null, StickyEndpoint? sticky = null) => new()
        {
            Request = request,
            Models = models,
            CatalogVersion = 1,
            Health = health,
            NowMs = NowMs,
            Account = account ?? AccountSettings.Default,
            Sticky = sticky,
        };

    /// <summary>As Prepare would: the request's sort, or the default.</summary>
    private static RequestedModel[] Sorted(CanonicalRequest request, Model[] models)
    {
        var sort = new SortChoice(request, AccountSettings.Default, ExactoOptions.Default).For(variant: null);
        return [.. models.Select(model => new RequestedModel(model, sort))];
    }

    public static string[] Order(RoutePlan plan) => [.. plan.Attempts.Select(index => plan.Candidates[index].Endpoint.Tag)];

    internal sealed class EndpointDraft
    {
        public string Model { get; set; } = "a/m";
        public string? Tag { get; set; }
        public string? Quantization { get; set; }
        public int Context { get; set; } = 100_000;
        public int? MaxCompletion { get; set; } = 10_000;
        public ParameterSet Parameters { get; set; } = ParameterSet.MaxTokens | ParameterSet.Temperature;
        public DataPolicy? Policy { get; set; }
        public bool Zdr { get; set; }
        public bool Moderated { get; set; }
        public int Status { get; set; }
        public decimal? CacheRead { get; set; }
    }
}
