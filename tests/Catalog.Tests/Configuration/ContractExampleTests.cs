using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Tests.Configuration;

public class ContractExampleTests
{
    [Fact]
    public void ExampleOfTheContract_BecomesALiveModel()
    {
        var outcome = Build.From(Build.Acme);

        Assert.Empty(outcome.Mistakes);
        Assert.Empty(outcome.Warnings);
        var model = outcome.Snapshot!.Find("acme/rocket-1")!;
        Assert.Equal("acme/Rocket-1", model.Id);
        Assert.Equal("text+image->text", model.Architecture.Modality);
        Assert.Contains("structured_outputs", model.SupportedParameters);
        var endpoint = Assert.Single(model.LiveEndpoints);
        Assert.Equal(0.000001m, endpoint.Pricing.Prompt);
        Assert.Equal(0.00000125m, endpoint.Pricing.InputCacheWrite);
        Assert.Equal(16384, endpoint.Target!.MaxCompletionTokens);
        Assert.Equal("rocket-1", endpoint.Target.Model);
        Assert.Equal(ReasoningForm.Effort, endpoint.Target.ReasoningForm);
        Assert.True(endpoint.CanAbort);
        Assert.True(endpoint.Zdr);
        Assert.Equal("http://127.0.0.1:9101/v1", endpoint.Provider.BaseUrl);
        Assert.Equal(0.5, endpoint.Provider.Timeouts.FirstTokenSeconds);
        Assert.Equal(60, endpoint.Provider.Timeouts.BetweenTokensSeconds);
        Assert.Equal("sk-acme", endpoint.Provider.ApiKey);
    }

    [Fact]
    public void Provider_NeverPrintsItsKey()
    {
        var provider = Build.From(Build.Acme).Snapshot!.Providers[0];

        Assert.DoesNotContain("sk-acme", $"{provider}", StringComparison.Ordinal);
    }
}
