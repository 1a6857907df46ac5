using System.Text;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Shipped;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Tests.Shipped;

public class ShippedCatalogTests
{
    private static CatalogSnapshot With(params string[] variables)
    {
        var outcome = new CatalogLoader(name => variables.Contains(name) ? "key-of-" + name : null).Load([], []);
        Assert.Empty(outcome.Mistakes);
        Assert.Empty(outcome.Warnings);
        return outcome.Snapshot!;
    }

    [Fact]
    public void ShippedData_HasEveryModelEndpointAndProviderOfItsSources()
    {
        var snapshot = With();

        Assert.Equal(422, snapshot.Models.Count);
        var endpoints = snapshot.Models.Where(m => m.Router == RouterKind.None).SelectMany(m => m.Endpoints).ToList();
        Assert.Equal(1204, endpoints.Count);
        Assert.Equal(93, snapshot.Providers.Count);
        Assert.Equal(1204, endpoints.Select(e => e.Id).Distinct().Count());
    }

    [Fact]
    public void WithoutKeys_NothingIsListedAndNoHostedProviderIsLive()
    {
        var snapshot = With();

        Assert.Empty(snapshot.Listed);
        Assert.All(snapshot.Providers.Where(p => p.Live), p => Assert.True(p.AllowPrivateNetwork));
    }

    [Theory]
    [InlineData("OPENAI_API_KEY", "openai", "openai/gpt-4o", "gpt-4o", UpstreamProtocol.OpenAIChat, "0.0000025", "0.00001")]
    [InlineData("ANTHROPIC_API_KEY", "anthropic", "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5-20250929", UpstreamProtocol.AnthropicMessages, "0.000003", "0.000015")]
    [InlineData("GOOGLE_API_KEY", "google-ai-studio", "google/gemini-2.5-flash", "gemini-2.5-flash", UpstreamProtocol.Gemini, "0.0000003", "0.0000025")]
    [InlineData("GEMINI_API_KEY", "google-ai-studio", "google/gemini-2.5-flash", "gemini-2.5-flash", UpstreamProtocol.Gemini, "0.0000003", "0.0000025")]
    [InlineData("DEEPSEEK_API_KEY", "deepseek", "deepseek/deepseek-v4-flash-0731", "deepseek-v4-flash", UpstreamProtocol.OpenAIChat, "0.00000022", "0.00000066")]
    [InlineData("OPENAI_API_KEY", "openai", "openai/gpt-5-pro", "gpt-5-pro-2025-10-06", UpstreamProtocol.OpenAIResponses, "0.000015", "0.00012")]
    [InlineData("GROQ_API_KEY", "groq", "openai/gpt-oss-120b", "openai/gpt-oss-120b", UpstreamProtocol.OpenAIChat, "0.00000015", "0.0000006")]
    [InlineData("MISTRAL_API_KEY", "mistral", "mistralai/mistral-large-2407", "mistral-large-2407", UpstreamProtocol.OpenAIChat, "0.000002", "0.000006")]
    public void ConventionalKey_SwitchesTheProviderOn(string variable, string provider, string slug, string upstream, UpstreamProtocol protocol, string prompt, string completion)
    {
        var model = With(variable).Find(slug)!;

        var endpoint = Assert.Single(model.LiveEndpoints);
        Assert.Equal(provider, endpoint.Provider.Slug);
        Assert.Equal("key-of-" + variable, endpoint.Provider.ApiKey);
        Assert.Equal(protocol, endpoint.Target!.Protocol);
        Assert.Equal(upstream, endpoint.Target.Model);
        Assert.Equal((decimal.Parse(prompt), decimal.Parse(completion)), (endpoint.Pricing.Prompt, endpoint.Pricing.Completion));
    }

    [Fact]
    public void Prices_AreExactDecimals_WithCacheClassesAndLongContextOverrides()
    {
        var snapshot = With();

        var claude = snapshot.Find("anthropic/claude-sonnet-4.5")!.Endpoints.Single(e => e.Tag == "anthropic").Pricing;
        Assert.Equal((0.0000003m, 0.00000375m), (claude.InputCacheRead, claude.InputCacheWrite));
        var gemini = snapshot.Find("google/gemini-3.1-pro-preview")!.Endpoints.First(e => e.Tag == "google-ai-studio").Pricing;
        var longContext = Assert.Single(gemini.Overrides);
        Assert.Equal((200_000L, 0.000004m, 0.000018m), (longContext.MinPromptTokens, longContext.Prices["prompt"], longContext.Prices["completion"]));
    }

    [Fact]
    public void EveryEndpoint_CanBeDispatchedOrSaysWhyNot()
    {
        var endpoints = With().Models.SelectMany(m => m.Endpoints).ToList();

        Assert.All(endpoints, e => Assert.True(e.Target is null != e.NotDispatchable is null));
        Assert.InRange(endpoints.Count(e => e.Target is not null), 700, 1100);
        Assert.All(endpoints.Where(e => e.Target is not null), e => Assert.True(
            e.Target!.Protocol is UpstreamProtocol.OpenAIChat or UpstreamProtocol.AnthropicMessages or UpstreamProtocol.Gemini
                or UpstreamProtocol.Bedrock or UpstreamProtocol.Cohere or UpstreamProtocol.Ollama or UpstreamProtocol.OpenAIResponses));
    }

    [Theory]
    [InlineData("openai/gpt-4o:batch", "openai", "batch interface")]
    [InlineData("openai/gpt-5-mini", "openai/flex", "flex service tier")]
    [InlineData("anthropic/claude-opus-4.7-fast", "anthropic", "setting")]
    [InlineData("openai/gpt-5.5", "amazon-bedrock", "Responses interface")]
    [InlineData("google/gemini-3.7-flash", "google-ai-studio", "\"model\" is missing")]
    public void WhatThisVersionCannotServe_SaysWhy(string slug, string tag, string reason)
    {
        var endpoint = With().Find(slug)!.Endpoints.First(e => e.Tag == tag || e.Tag.StartsWith(tag + "/", StringComparison.Ordinal));

        Assert.Contains(reason, endpoint.NotDispatchable, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deepseek/deepseek-v4-flash-0731", "deepseek", ReasoningForm.ThinkingType)]
    [InlineData("openai/gpt-oss-120b", "groq", ReasoningForm.Effort)]
    [InlineData("qwen/qwen3-235b-a22b-thinking-2507", "alibaba", ReasoningForm.EnableThinking)]
    public void ReasoningForm_IsNamedByTheRecord(string slug, string tag, ReasoningForm form) =>
        Assert.Equal(form, With().Find(slug)!.Endpoints.First(e => e.Tag.StartsWith(tag, StringComparison.Ordinal)).Target!.ReasoningForm);

    [Fact]
    public void Data_HoldsFactsOnlyWithSourceAndDate()
    {
        var text = Encoding.UTF8.GetString(ShippedCatalog.Open().Json.Span);

        Assert.DoesNotContain("\"description\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("benchmarks", text, StringComparison.Ordinal);
        Assert.DoesNotContain("requests_30m", text, StringComparison.Ordinal);
        Assert.Contains("\"file\":\"openrouter_model_endpoints.json\",\"date\":\"2026-08-22\"", text, StringComparison.Ordinal);
        Assert.Equal(8, text.Split("\"licence\":").Length - 1);
        // The longest text of any member is an address or a list of names, never prose.
        Assert.InRange(With().Models.Max(m => m.Name.Length), 1, 80);
    }

    [Fact]
    public void Alias_IsTheModelItStandsFor() => Assert.DoesNotContain('~', With().Find("~anthropic/claude-sonnet-latest")!.Id);

    [Fact]
    public void SharedTexts_AreOneInstance()
    {
        var lists = With().Models.SelectMany(m => m.Endpoints).Select(e => e.SupportedParameters).ToList();

        Assert.InRange(lists.Distinct(ReferenceEqualityComparer.Instance).Count(), 1, lists.Count / 2);
    }

    [Fact]
    public void Loading_AllocatesLittle()
    {
        With();
        var before = GC.GetAllocatedBytesForCurrentThread();

        With();

        // Idle memory is part of the contract (120 MB with the whole catalog), and every reload pays this again.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * 1024 * 1024);
    }
}
