using BenchmarkDotNet.Attributes;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Inference.Route.Decisions;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Micro.Planning;

/// <summary>
/// How long one plan takes: over the endpoints of one model, in catalogs of different size, with something known of every endpoint's health. And what keeping
/// the decision costs.
/// </summary>
[MemoryDiagnoser, MinColumn]
public class PlanningBenchmark
{
    private RouteQuery[] _queries = [];
    private RoutePlan _plan = null!;
    private ulong _seed;

    /// <summary>Endpoints of the model asked for.</summary>
    [Params(1, 5, 50)]
    public int Endpoints { get; set; }

    /// <summary>Endpoints of the catalog.</summary>
    [Params(50, 10_000)]
    public int Catalog { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var models = Enumerable.Range(0, Math.Max(1, Catalog / Endpoints)).Select(Model).ToArray();
        var health = new HealthSnapshot(models.SelectMany(model => model.LiveEndpoints).Select((endpoint, i) => KeyValuePair.Create(endpoint.Id, Health(i))));
        _queries = [.. models.Select(model => new RouteQuery
        {
            Request = new CanonicalRequest
            {
                Dialect = ClientDialect.ChatCompletions,
                Body = default,
                ReadConversation = _ => new Conversation { Messages = [] },
                Content = new ContentFacts(3, 0, 0, 0, 0, 0, 0, 900),
                Used = ParameterSet.Temperature,
            },
            Models = [new RequestedModel(model, RouteSort.Balanced)],
            CatalogVersion = 1,
            Health = health,
            NowMs = 1_750_000_000_000,
        })];
        _plan = RoutePlanner.Plan(_queries[0], 1);
    }

    [Benchmark]
    public object Plan() => RoutePlanner.Plan(_queries[0], _seed++);

    /// <summary>Every plan for another model of the catalog: of a large one nothing is in the processor's caches.</summary>
    [Benchmark]
    public object PlanForAnotherModel() => RoutePlanner.Plan(_queries[(int)(_seed % (uint)_queries.Length)], _seed++);

    [Benchmark]
    public string KeepDecision() => DecisionWriter.Encode(_plan);

    private Model Model(int number)
    {
        var id = $"author/model-{number}";
        var endpoints = Enumerable.Range(0, Endpoints).Select(i => Endpoint(id, number, i)).ToArray();
        return new Model
        {
            Id = id,
            CanonicalSlug = id,
            Name = id,
            Architecture = new Architecture { InputModalities = ["text"], OutputModalities = ["text"], Tokenizer = "GPT" },
            Endpoints = endpoints,
            LiveEndpoints = endpoints,
        };
    }

    private static ModelEndpoint Endpoint(string model, int number, int i) => new()
    {
        Id = new Guid(number, (short)i, 0, 0, 0, 0, 0, 0, 0, 0, 1).ToString(),
        ModelId = model,
        Provider = new Provider { Slug = $"provider-{i}", Name = $"Provider {i}", Protocol = UpstreamProtocol.OpenAIChat, BaseUrl = "http://upstream", Live = true },
        Tag = $"provider-{i}",
        ContextLength = 131_072,
        MaxCompletionTokens = 16_384,
        Pricing = new PriceSheet { Prompt = (1 + (i * 7 % 50)) * 0.0000001m, Completion = (1 + (i * 11 % 50)) * 0.0000004m },
        Parameters = ParameterSet.Temperature | ParameterSet.MaxTokens | ParameterSet.Tools,
        Target = new UpstreamTarget { Protocol = UpstreamProtocol.OpenAIChat, Provider = "p", Model = "m", Slug = model, Supported = ParameterSet.Temperature },
    };

    private static EndpointHealth Health(int i) => new()
    {
        Outage = i % 20 == 19,
        Uptime5m = new Uptime(200, i % 8),
        Throughput5m = new Percentiles(100, 80, 60, 50, 40),
        FirstToken5m = new Percentiles(100, 300, 400, 500, 600),
    };
}
