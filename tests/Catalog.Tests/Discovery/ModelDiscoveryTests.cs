using System.Text;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Snapshot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fairlead.Catalog.Tests.Discovery;

/// <summary>Whom it asks, what it says in the log, and what becomes of what it found (over sockets: <c>Gateway.Tests</c>).</summary>
public sealed class ModelDiscoveryTests
{
    private const string Lab = """{"providers":[{"slug":"lab","name":"Lab","protocol":"openai-chat","base_url":"http://127.0.0.1:9/v1","allow_private_network":true}]}""";

    [Theory]
    [InlineData("""  "protocol":"openai-chat","base_url":"http://127.0.0.1:9/v1","allow_private_network":true  """, true)]
    [InlineData("""  "protocol":"ollama","base_url":"http://127.0.0.1:9","allow_private_network":true  """, true)]
    [InlineData("""  "protocol":"openai-chat","base_url":"http://127.0.0.1:9/v1","allow_private_network":true,"discover_models":false  """, false)]
    [InlineData("""  "protocol":"openai-chat","base_url":"https://lab.example/v1"  """, false)]
    [InlineData("""  "protocol":"openai-chat","base_url":"https://lab.example/v1","discover_models":true  """, true)]
    [InlineData("""  "protocol":"openai-chat","base_url":"https://lab.example/v1","discover_models":true,"api_key_env":"NONE"  """, false)]
    [InlineData("""  "protocol":"anthropic-messages","base_url":"http://127.0.0.1:9/v1","allow_private_network":true  """, false)]
    public void WhoIsAsked(string members, bool asked) =>
        Assert.Equal(asked, Build.From($$"""{"providers":[{"slug":"lab",{{members}}}]}""").Snapshot!.Providers.Single().DiscoverModels);

    [Fact]
    public void ShippedServers_AreAskedWhereAFileNamesThem()
    {
        var named = new CatalogLoader(static _ => null).Load([], [new ConfigurationDocument("own", """{"providers":[{"slug":"lmstudio"}]}"""u8.ToArray())]).Snapshot!;
        Assert.Equal(["lmstudio"], named.Providers.Where(provider => provider.DiscoverModels).Select(provider => provider.Slug));
    }

    [Fact]
    public void ProviderThatModelsName_IsAskedWhereItSaysSoOnly()
    {
        const string Model = """ "models":[{"id":"lab/one","context_length":10,"endpoints":[{"provider":"lab","model":"one","pricing":{"prompt":"0","completion":"0"}}]}] """;
        const string Provider = """  "slug":"lab","protocol":"openai-chat","base_url":"http://127.0.0.1:9/v1","allow_private_network":true  """;
        Assert.False(Build.From($$"""{"providers":[{{{Provider}}}],{{Model}}}""").Snapshot!.Providers.Single().DiscoverModels);
        Assert.True(Build.From($$"""{"providers":[{{{Provider}},"discover_models":true}],{{Model}}}""").Snapshot!.Providers.Single().DiscoverModels);
    }

    [Fact]
    public void ProtocolThatCannotBeAsked_IsAMistake() => Assert.Contains(
        "openai-chat or ollama", Build.Mistake("""{"providers":[{"slug":"lab","protocol":"gemini","base_url":"https://lab.example","discover_models":true}]}""").Reason, StringComparison.Ordinal);

    [Fact]
    public void FoundModels_HaveSlugsOfTheirOwn_AndNeverReplaceWhatIsConfigured()
    {
        var found = new DiscoveredModels("lab", "http://127.0.0.1:9/v1", [new("a:latest"), new("A"), new("org/B:8b") { ContextLength = 99, Thinking = true }, new("text-embed") { Embeddings = true }, new("taken")]);
        var own = """{"models":[{"id":"lab/taken","context_length":10,"endpoints":[{"provider":"lab","model":"x","pricing":{"prompt":"0.1","completion":"0"}}]}]}""";
        var layers = new[] { Lab.Replace("\"allow_private_network\":true", "\"allow_private_network\":true,\"discover_models\":true", StringComparison.Ordinal), own }
            .Select((text, i) => new ConfigurationDocument($"layer{i}", Encoding.UTF8.GetBytes(text))).ToList();

        var catalog = new CatalogLoader(static _ => null).Load([], layers, [found]).Snapshot!;
        var models = catalog.Models.Where(model => model.Id.StartsWith("lab/", StringComparison.Ordinal)).ToDictionary(model => model.Id);

        Assert.Equal(["lab/a", "lab/a-2", "lab/org-b-8b", "lab/taken", "lab/text-embed"], models.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("x", models["lab/taken"].LiveEndpoints[0].Target!.Model);
        Assert.Equal((99, "org/B:8b"), (models["lab/org-b-8b"].ContextLength, models["lab/org-b-8b"].LiveEndpoints[0].Target!.Model));
        Assert.Equal(8192, models["lab/a"].ContextLength);
        Assert.True(models["lab/a"].CostsNothing);
        Assert.True(models["lab/text-embed"].IsEmbedding);

        // Elsewhere now, or not to be asked any more: nothing of it is there, and nothing is refused for it.
        Assert.Null(new CatalogLoader(static _ => null).Load([], layers, [found with { BaseUrl = "http://127.0.0.1:10/v1" }]).Snapshot!.Find("lab/a"));
        Assert.Null(new CatalogLoader(static _ => null).Load([], [], [found]).Snapshot!.Find("lab/a"));
    }

    [Fact]
    public async Task ServerThatDoesNotAnswer_IsSaidOnceInClearWords_AndWhatItHadStays()
    {
        var log = new LogLines();
        var found = new DiscoveredModels("lab", "http://127.0.0.1:9/v1", [new("one")]);
        var settings = new CatalogSettings { Layers = [new ConfigurationDocument("lab", Encoding.UTF8.GetBytes(Lab))], Discovered = [found], Environment = _ => null };
        await using var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(new LoggerFactory([log]))
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddCatalog(settings, new CatalogLoader(_ => null).Load(settings.Files, settings.Layers, settings.Discovered).Snapshot!)
            .BuildServiceProvider();
        var discovery = services.GetRequiredService<ModelDiscovery>();

        var next = await discovery.RunOnceAsync(default);
        await discovery.RunOnceAsync(default);

        Assert.InRange(next, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        var line = Assert.Single(log.Texts);
        Assert.Contains("Provider lab at http://127.0.0.1:9/v1 could not be asked for its models: nothing listens there (connection refused).", line, StringComparison.Ordinal);
        Assert.NotNull(services.GetRequiredService<CatalogSource>().Current.Find("lab/one"));
    }
}
