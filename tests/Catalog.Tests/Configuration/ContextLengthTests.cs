using System.Text;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;

namespace Fairlead.Catalog.Tests.Configuration;

/// <summary>What an endpoint gets where <c>context_length</c> is left out.</summary>
public sealed class ContextLengthTests
{
    private const string Free = """ "pricing":{"prompt":"0","completion":"0"} """;

    private static CatalogOutcome From(string models, string provider = "", params DiscoveredModel[] said) => new CatalogLoader(static _ => null).Load(
        [],
        [new ConfigurationDocument("own.json", Encoding.UTF8.GetBytes($$"""
            {"providers":[{"slug":"lab","protocol":"openai-chat","base_url":"http://127.0.0.1:9/v1","allow_private_network":true{{provider}}}],
            "models":[
            {{models}}]}
            """))],
        [new DiscoveredModels("lab", "http://127.0.0.1:9/v1", said)]);

    [Fact]
    public void LeftOut_NobodyKnowsTheModel_8192AndAWarningWithFileAndLine()
    {
        var outcome = From($$"""{"id":"lab/own","endpoints":[{"provider":"lab","model":"own",{{Free}}},{"provider":"lab","tag":"lab/b","model":"own","context_length":500,{{Free}}}]}""");

        Assert.Empty(outcome.Mistakes);
        Assert.Equal([8192, 500], outcome.Snapshot!.Find("lab/own")!.Endpoints.Select(endpoint => endpoint.ContextLength));
        Assert.Equal(8192, outcome.Snapshot.Find("lab/own")!.ContextLength);
        var warning = Assert.Single(outcome.Warnings);
        Assert.Equal(("own.json", 3, "models[0].endpoints[0].context_length"), (warning.File, warning.Line, warning.Path));
        Assert.Contains("8192 tokens are taken", warning.Reason, StringComparison.Ordinal);
        Assert.Contains("\"discover_models\": true", warning.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "id":"openai/gpt-4o" """)]
    [InlineData(""" "id":"OpenAI/GPT-4o" """)]
    [InlineData(""" "id":"lab/mine","canonical_slug":"openai/gpt-4o" """)]
    public void LeftOut_ShippedModelOfThatName_HasIt(string names)
    {
        var shipped = new CatalogLoader(static _ => null).Load([], []).Snapshot!.Find("openai/gpt-4o")!.ContextLength;

        // Also where the server says something else: what it says changes with the server, the file does not.
        var outcome = From($$"""{ {{names}}, "endpoints":[{"provider":"lab","model":"own",{{Free}}}]}""", ",\"discover_models\":true", new DiscoveredModel("own") { ContextLength = 77 });

        Assert.Empty(outcome.Warnings);
        var model = outcome.Snapshot!.Models.Single(model => model is { Id: not "lab/own" } && model.Endpoints.Any(endpoint => endpoint.Provider.Slug == "lab"));
        Assert.Equal((shipped, shipped), (model.ContextLength, model.Endpoints[0].ContextLength));
        Assert.True(shipped > 8192);
    }

    [Fact]
    public void LeftOut_ServerSaysIt_HasThat_AndTheCatalogIsAnother()
    {
        const string Model = $$"""{"id":"lab/mine","endpoints":[{"provider":"lab","model":"own",{{Free}}}]}""";
        const string Asked = ",\"discover_models\":true";

        var before = From(Model, Asked);
        var after = From(Model, Asked, new DiscoveredModel("own") { ContextLength = 40_960 });
        var silent = From(Model, Asked, new DiscoveredModel("own"));
        var notAsked = From(Model, "", new DiscoveredModel("own") { ContextLength = 40_960 });

        Assert.Equal(40_960, after.Snapshot!.Find("lab/mine")!.LiveEndpoints[0].ContextLength);
        Assert.Empty(after.Warnings);
        Assert.NotEqual(before.Snapshot!.Version, after.Snapshot.Version);
        Assert.All([before, silent, notAsked], outcome =>
        {
            Assert.Equal(8192, outcome.Snapshot!.Find("lab/mine")!.ContextLength);
            Assert.Single(outcome.Warnings);
        });
        Assert.Contains("unless the server of \"lab\" says", before.Warnings[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Written_NothingElseIsAsked()
    {
        var outcome = From($$"""{"id":"openai/gpt-4o","context_length":4000,"endpoints":[{"provider":"lab","model":"own",{{Free}}}]}""", ",\"discover_models\":true", new DiscoveredModel("own") { ContextLength = 77 });

        Assert.Equal(4000, outcome.Snapshot!.Find("openai/gpt-4o")!.Endpoints[0].ContextLength);
        Assert.Empty(outcome.Warnings);
    }
}
