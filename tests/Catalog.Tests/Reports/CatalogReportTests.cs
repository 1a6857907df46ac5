using Fairlead.Catalog.Building;
using Fairlead.Catalog.Reports;

namespace Fairlead.Catalog.Tests.Reports;

public class CatalogReportTests
{
    private static (int Code, string Text) Report(CatalogOutcome outcome, bool all = false)
    {
        using var output = new StringWriter();
        var code = CatalogReport.Write(outcome, all, output);
        return (code, output.ToString());
    }

    [Fact]
    public void RightConfiguration_ShowsWhatIsLive()
    {
        var (code, text) = Report(Build.From(Build.Acme));

        Assert.Equal(0, code);
        Assert.Contains("Live: 1 model, 1 endpoint, 1 provider (acme).", text, StringComparison.Ordinal);
        Assert.Contains("$1 / $2 per million", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-acme", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_AreShownWithLines_AndTheExitCodeIsOne()
    {
        var (code, text) = Report(Build.From("{\"providers\": [{\"slug\": 3}]}"));

        Assert.Equal(1, code);
        Assert.Contains("error: file1.json:1:25: providers[0].slug: must be text in quotes, not a number.", text, StringComparison.Ordinal);
        Assert.Contains("1 mistake.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void All_ShowsEveryEndpointOfTheShippedCatalogAndWhyItIsNotLive()
    {
        var outcome = new CatalogLoader(name => name == "OPENAI_API_KEY" ? "k" : null).Load([], []);

        var (code, some) = Report(outcome);
        var (_, all) = Report(outcome, all: true);

        Assert.Equal(0, code);
        Assert.DoesNotContain("anthropic/claude-sonnet-4.5", some, StringComparison.Ordinal);
        Assert.Contains("anthropic/claude-sonnet-4.5", all, StringComparison.Ordinal);
        Assert.Contains("not live: ANTHROPIC_API_KEY is not set.", all, StringComparison.Ordinal);
        Assert.Contains("not live: no region is set; set AWS_REGION", all, StringComparison.Ordinal);
        Assert.Equal(1204, all.Split("per million").Length - 1);
    }

    [Theory]
    [InlineData(-5, "not live: it is staged (status -5).")]
    [InlineData(-10, "not live: it is disabled (status -10).")]
    public void AStagedOrDisabledEndpoint_IsNotLive_NorItsModel(int status, string reason)
    {
        var outcome = Build.From(Build.Acme.Replace("\"can_abort\": true,", $"\"can_abort\": true, \"status\": {status},", StringComparison.Ordinal));

        Assert.Empty(outcome.Snapshot!.Find("acme/rocket-1")!.LiveEndpoints);
        Assert.DoesNotContain("acme/Rocket-1", Report(outcome).Text, StringComparison.Ordinal);
        Assert.Contains(reason, Report(outcome, all: true).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(outcome.Snapshot.Listed, model => model.Id == "acme/Rocket-1");
    }

    [Fact]
    public void ANumberThatIsNoStatus_IsAMistake() =>
        Assert.Equal("must be one of 0, -1, -2, -3, -5, -10.", Build.Mistake(Build.Endpoint("\"provider\":\"acme\",\"model\":\"m\",\"pricing\":{\"prompt\":\"0\",\"completion\":\"0\"},\"status\":-4")).Reason);

    [Fact]
    public void ControlCharactersInNames_DoNotReachTheTerminal()
    {
        var (_, text) = Report(Build.From("""{"\u001b[31mred":1}"""));

        Assert.DoesNotContain('\u001b', text);
    }
}
