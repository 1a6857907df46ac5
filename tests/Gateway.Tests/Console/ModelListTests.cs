using System.Net;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console.Models;

namespace Fairlead.Gateway.Tests.Console;

public sealed class ModelListTests(ConsoleFixture fixture) : IClassFixture<ConsoleFixture>
{
    private readonly ConsoleHost host = fixture.Host;

    [Fact]
    public async Task WithoutFilters_EveryLiveModelNewestFirst_WithTotalAndLinks()
    {
        var answer = await host.GetAsync("/api/v1/models");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("text+image->text", answer.Body, StringComparison.Ordinal);
        Assert.Equal(["~other/sage-latest", "other/sage", "acme/rocket-1:free", "acme/rocket-1"], answer.Ids);
        Assert.Equal(4, (int)answer.Json["total_count"]!);
        Assert.Null(answer.Json["links"]!["next"]);
    }

    [Fact]
    public async Task ModelObject_HasTheCheapestVisibleEndpointsPricesAndLimits()
    {
        var model = (await host.GetAsync("/api/v1/model/acme/rocket-1")).Data;
        JsonNode expected = JsonNode.Parse("""
            {
              "id": "acme/rocket-1", "canonical_slug": "acme/rocket-1-20251101", "hugging_face_id": "acme/Rocket-1", "name": "Acme: Rocket 1", "created": 1762000000,
              "description": "", "context_length": 131072,
              "architecture": { "modality": "text+image->text", "input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "GPT", "instruct_type": null },
              "pricing": { "prompt": "0.00000005", "completion": "0.000002", "request": "0", "image": "0", "input_cache_read": "0.00000001", "discount": 0.25,
                           "overrides": [ { "min_prompt_tokens": 64000, "prompt": "0.0000001" } ] },
              "top_provider": { "context_length": 131072, "max_completion_tokens": 16384, "is_moderated": false },
              "per_request_limits": null, "supported_parameters": ["max_tokens", "temperature", "tool_choice", "tools"],
              "default_parameters": { "temperature": 0.7, "top_p": null, "top_k": 40, "frequency_penalty": null, "presence_penalty": null, "repetition_penalty": null },
              "supported_voices": null, "knowledge_cutoff": "2025-06-01", "expiration_date": null, "links": { "details": "/api/v1/models/acme/rocket-1-20251101/endpoints" },
              "reasoning": { "mandatory": false, "default_enabled": true, "supported_efforts": ["low", "high"], "default_effort": "high" }
            }
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, model), model.ToJsonString());
    }

    [Theory]
    [InlineData("supported_parameters=reasoning", "~other/sage-latest other/sage")]
    [InlineData("supported_parameters=tools,temperature", "acme/rocket-1")]
    [InlineData("supported_parameters=nonsense", "")]
    [InlineData("category=programming", "")]
    [InlineData("output_modalities=image", "")]
    [InlineData("output_modalities=all&input_modalities=image,file", "~other/sage-latest other/sage")]
    [InlineData("q=ROCKET free", "acme/rocket-1:free")]
    [InlineData("model_authors=acme", "acme/rocket-1:free acme/rocket-1")]
    [InlineData("arch=claude", "other/sage")]
    [InlineData("context=131072&providers=Acme AI", "acme/rocket-1")]
    [InlineData("max_price=0.05&min_price=0.01", "acme/rocket-1")]
    [InlineData("max_price=0", "acme/rocket-1:free")]
    [InlineData("min_output_price=15", "~other/sage-latest other/sage")]
    [InlineData("zdr=true", "acme/rocket-1:free acme/rocket-1")]
    [InlineData("region=eu", "acme/rocket-1:free acme/rocket-1")]
    [InlineData("sort=pricing-low-to-high", "acme/rocket-1:free acme/rocket-1 ~other/sage-latest other/sage")]
    [InlineData("sort=context-high-to-low", "~other/sage-latest other/sage acme/rocket-1 acme/rocket-1:free")]
    [InlineData("sort=throughput-high-to-low", "~other/sage-latest other/sage acme/rocket-1:free acme/rocket-1")]
    [InlineData("distillable=true", "~other/sage-latest other/sage")]
    [InlineData("distillable=false", "acme/rocket-1:free acme/rocket-1")]
    [InlineData("min_intelligence_index=10", "")]
    [InlineData("use_rss=", "~other/sage-latest other/sage acme/rocket-1:free acme/rocket-1")]
    [InlineData("unheard=of", "~other/sage-latest other/sage acme/rocket-1:free acme/rocket-1")]
    public async Task Filter_KeepsTheModelsThatPass(string query, string ids)
    {
        var answer = await host.GetAsync($"/api/v1/models?{query}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries), answer.Ids);
        Assert.Equal(answer.Ids.Length, (int)answer.Json["total_count"]!);
        Assert.Equal(answer.Ids.Length, (int)(await host.GetAsync($"/api/v1/models/count?{query}")).Data["count"]!);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("offset=-1", "offset")]
    [InlineData("sort=loudest", "sort")]
    [InlineData("context=big", "context")]
    [InlineData("min_price=-1", "min_price")]
    [InlineData("max_price=1e999", "max_price")]
    [InlineData("region=moon", "region")]
    public async Task SyntacticallyWrongValue_Is400NamingIt(string query, string param)
    {
        var answer = await host.GetAsync($"/api/v1/models?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(400, (int)answer.Json["error"]!["code"]!);
        Assert.Equal(param, (string)answer.Json["error"]!["param"]!);
        Assert.Equal("invalid_request", (string)answer.Json["error"]!["metadata"]!["error_type"]!);
    }

    [Fact]
    public async Task Paging_LinksToTheNextPageUntilTheLast()
    {
        var path = "/api/v1/models?model_authors=acme,other&limit=2";
        List<string> seen = [];
        for (var pages = 0; path is not null && pages < 5; pages++)
        {
            var answer = await host.GetAsync(path);
            Assert.Equal(3, (int)answer.Json["total_count"]!);
            seen.AddRange(answer.Ids);
            path = (string?)answer.Json["links"]!["next"];
        }

        Assert.Equal(["other/sage", "acme/rocket-1:free", "acme/rocket-1"], seen);
        Assert.Null(path);
    }

    [Fact]
    public async Task SameListAgain_IsNotSentAgain()
    {
        var first = await host.GetAsync("/api/v1/models");
        var second = await host.GetAsync("/api/v1/models", edit: request => request.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        var other = await host.GetAsync("/api/v1/models?q=sage", edit: request => request.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, second.Status);
        Assert.Empty(second.Body);
        Assert.Equal(HttpStatusCode.OK, other.Status);
        Assert.Equal("public, max-age=60, stale-while-revalidate=300", string.Join(", ", first.Headers.GetValues("Cache-Control")));
    }

    [Fact]
    public async Task CatalogChanges_ListAndTagChange()
    {
        await using var own = await ConsoleHost.StartAsync();
        var before = await own.GetAsync("/api/v1/models");
        own.Get<CatalogSource>().Publish(ConsoleHost.Snapshot("""{ "catalog": { "list": "all" }, """ + TestCatalog.Text.TrimStart()[1..]));
        var after = await own.GetAsync("/api/v1/models", edit: request => request.Headers.IfNoneMatch.Add(before.Headers.ETag!));
        Assert.Equal(HttpStatusCode.OK, after.Status);
        Assert.Equal("dark/matter", after.Ids[0]);
    }

    [Theory]
    [InlineData("", "/acme/rocket-1")]
    [InlineData("&use_rss_chat_links=true", "/chat?models=acme%2Frocket-1")]
    public async Task Rss_IsAFeedOfTheFilteredModels(string links, string address)
    {
        var answer = await host.GetAsync($"/api/v1/models?use_rss=true&q=rocket{links}");
        Assert.Equal("application/rss+xml", answer.ContentHeaders.ContentType!.MediaType);
        var channel = XDocument.Parse(answer.Body).Root!.Element("channel")!;
        var item = channel.Elements("item").Last();
        Assert.Equal("Fairlead Models", channel.Element("title")!.Value);
        Assert.Equal(2, channel.Elements("item").Count());
        Assert.Equal("Acme: Rocket 1", item.Element("title")!.Value);
        Assert.Equal("acme/rocket-1-20251101", item.Element("guid")!.Value);
        Assert.Equal("Sat, 01 Nov 2025 12:26:40 GMT", item.Element("pubDate")!.Value);
        Assert.EndsWith(address, item.Element("link")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_NoneConfigured_EmptyList() => Assert.Empty((await host.GetAsync("/api/v1/embeddings/models")).Ids);

    [Fact]
    public async Task ForCaller_NeedsAKeyAndIsNotCachedForOthers()
    {
        var answer = await host.GetAsync("/api/v1/models/user", ConsoleHost.Key);
        Assert.Equal(4, answer.Ids.Length);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/api/v1/models/user")).Status);
    }

    [Theory]
    [InlineData("{}", "~other/sage-latest other/sage acme/rocket-1:free acme/rocket-1")]
    [InlineData("""{"ignored_providers":["Other"]}""", "acme/rocket-1:free acme/rocket-1")]
    [InlineData("""{"allowed_providers":["other/fast"]}""", "acme/rocket-1")]
    [InlineData("""{"allow_paid_training":false}""", "acme/rocket-1:free acme/rocket-1")] // Other does not say that it does not train
    [InlineData("""{"zdr":true}""", "acme/rocket-1:free acme/rocket-1")]
    public async Task ModelsOfTheCaller_AreThoseItsAccountsSettingsLeaveIt(string settings, string expected)
    {
        await using var own = await ConsoleHost.StartAsync();
        await own.SendAsync("PATCH", "/api/v1/account/settings", ConsoleHost.ProvisioningKey, settings);
        var answer = await own.GetAsync("/api/v1/models/user", ConsoleHost.Key);

        Assert.Equal(expected, string.Join(' ', answer.Ids));
        Assert.Equal(4, (await own.GetAsync("/api/v1/models")).Ids.Length);
    }

    [Theory]
    [InlineData("~other/sage-latest", "other/sage")]
    [InlineData("acme/rocket-1:free", "acme/rocket-1:free")]
    [InlineData("acme/rocket-1-20251101", "acme/rocket-1")]
    [InlineData("ACME/Rocket-1", "acme/rocket-1")]
    public async Task OneModel_IsFoundByAliasVariantAndPermanentSlug(string asked, string id) =>
        Assert.Equal(id, (string)(await host.GetAsync($"/api/v1/model/{asked}")).Data["id"]!);

    [Fact]
    public async Task UnknownModel_Is404NamingItsNeighbours()
    {
        var answer = await host.GetAsync("/api/v1/model/acme/roket-1");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("not_found", (string)answer.Json["error"]!["metadata"]!["error_type"]!);
        Assert.Contains("acme/rocket-1", answer.Json["error"]!["metadata"]!["nearest"]!.AsArray().Select(id => (string)id!));
    }

    [Fact]
    public void OneSnapshot_IsWrittenOnce()
    {
        var source = new CatalogSource(ConsoleHost.Snapshot(TestCatalog.Text));
        var listing = new ModelListing(source);
        var first = listing.Current;
        Assert.Same(first, listing.Current);
        source.Publish(ConsoleHost.Snapshot(TestCatalog.Text));
        Assert.NotSame(first, listing.Current);
        Assert.Equal(first.Fingerprint, listing.Current.Fingerprint);
    }
}

public sealed class ConsoleFixture : IAsyncLifetime
{
    public ConsoleHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await ConsoleHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
