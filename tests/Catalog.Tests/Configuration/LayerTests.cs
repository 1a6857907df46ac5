namespace Fairlead.Catalog.Tests.Configuration;

public class LayerTests
{
    [Fact]
    public void LaterProviderEntry_OverridesOnlyTheMembersItNames()
    {
        var snapshot = Build.From(Build.Acme, """{"providers":[{"slug":"acme","name":"Acme Two","timeouts":{"total_s":7}}]}""").Snapshot!;

        var acme = Assert.Single(snapshot.Providers);
        Assert.Equal("Acme Two", acme.Name);
        Assert.Equal("sk-acme", acme.ApiKey);
        Assert.Equal((0.5, 7.0), (acme.Timeouts.FirstTokenSeconds, acme.Timeouts.TotalSeconds));
        Assert.Equal("US", acme.Headquarters);
    }

    [Fact]
    public void LaterModelEntry_ReplacesTheModelWhole()
    {
        var snapshot = Build.From(Build.Acme, """{"models":[{"id":"acme/rocket-1","context_length":5,"endpoints":[]}]}""").Snapshot!;

        var model = Assert.Single(snapshot.Models);
        Assert.Equal((5, 0), (model.ContextLength, model.Endpoints.Count));
    }

    [Fact]
    public void KeyVariable_SwitchesTheProviderOn()
    {
        var document = Build.Endpoint(""" "provider":"acme","model":"m","pricing":{"prompt":"0","completion":"0"} """)
            .Replace("\"slug\":\"acme\",", "\"slug\":\"acme\",\"api_key_env\":[\"ACME_KEY\",\"ACME_TOKEN\"],", StringComparison.Ordinal);

        var off = Build.From(document);
        var on = Build.From(name => name == "ACME_TOKEN" ? "secret" : null, document);

        Assert.Empty(off.Snapshot!.Listed);
        Assert.Contains("ACME_KEY or ACME_TOKEN is not set", Assert.Single(off.Warnings).Reason, StringComparison.Ordinal);
        Assert.Single(on.Snapshot!.Listed);
        Assert.NotEqual(off.Snapshot.Version, on.Snapshot.Version);
    }

    [Fact]
    public void PlaceholderInAddress_IsFilledFromTheEnvironment()
    {
        var document = """{"providers":[{"slug":"cf","protocol":"openai-chat","base_url":"https://cf.example/accounts/{CF_ACCOUNT}/v1"}]}""";

        Assert.Equal("https://cf.example/accounts/abc/v1", Build.From(n => n == "CF_ACCOUNT" ? "abc" : null, document).Snapshot!.Providers[0].BaseUrl);
        Assert.False(Build.From(document).Snapshot!.Providers[0].Live);
        Assert.False(Build.From(_ => "../../evil", document).Snapshot!.Providers[0].Live);
    }

    [Fact]
    public void ListAll_ShowsModelsWithoutALiveEndpoint()
    {
        var document = """{"models":[{"id":"a/b"}]}""";

        Assert.Empty(Build.From(document).Snapshot!.Listed);
        Assert.Single(Build.From(document, """{"catalog":{"list":"all"}}""").Snapshot!.Listed);
    }

    [Fact]
    public void SameContent_HasTheSameVersion()
    {
        Assert.Equal(Build.From(Build.Acme).Snapshot!.Version, Build.From(Build.Acme).Snapshot!.Version);
        Assert.NotEqual(Build.From(Build.Acme).Snapshot!.Version, Build.From(Build.Acme + " ").Snapshot!.Version);
    }

    [Fact]
    public void OllamaProtocol_IsSpoken_AndWaitsForModelsToLoad()
    {
        var provider = Build.From("""{"providers":[{"slug":"ollama","protocol":"ollama","base_url":"http://127.0.0.1:11434","allow_private_network":true}]}""").Snapshot!.Providers[0];

        Assert.Equal("http://127.0.0.1:11434", provider.BaseUrl);
        Assert.Equal(Fairlead.Protocols.Canonical.UpstreamProtocol.Ollama, provider.Protocol);
        Assert.Equal(300, provider.Timeouts.FirstTokenSeconds);
        Assert.True(provider.DataPolicy is { Training: false, RetainsPrompts: false });
    }

    [Fact]
    public void EndpointPolicy_OverridesOnlyTheMembersItNames_OfTheProviders()
    {
        var endpoint = Build.From("""
            {"providers":[{"slug":"acme","protocol":"openai-chat","base_url":"https://acme.example/v1","data_policy":{"training":true,"retains_prompts":true,"retention_days":30}}],
             "models":[{"id":"acme/one","context_length":1000,"endpoints":[{"provider":"acme","model":"m","data_policy":{"training":false},"pricing":{"prompt":"0","completion":"0"}}]}]}
            """).Snapshot!.Models[0].Endpoints[0];

        Assert.Equal(new Fairlead.Catalog.Snapshot.DataPolicy(false, true, 30, null), endpoint.DataPolicy);
        Assert.False(endpoint.Zdr);
    }

    [Fact]
    public void UnknownPolicy_StaysUnknown() => Assert.Null(Build.From("""{"providers":[{"slug":"acme","protocol":"openai-chat","base_url":"https://acme.example/v1"}]}""").Snapshot!.Providers[0].DataPolicy);
}
