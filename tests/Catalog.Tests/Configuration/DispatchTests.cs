namespace Fairlead.Catalog.Tests.Configuration;

public class DispatchTests
{
    [Theory]
    [InlineData("acme/one:batch", "[\"text\"]", "\"model\":\"m\",", "batch")]
    [InlineData("acme/one", "[\"image\"]", "\"model\":\"m\",", "image")]
    [InlineData("acme/one", "[\"embeddings\",\"text\"]", "\"model\":\"m\",", "more than embeddings")]
    [InlineData("acme/one", "[\"embeddings\"]", "\"model\":\"m\",\"protocol\":\"anthropic-messages\",", "embeddings of protocol anthropic-messages")]
    [InlineData("acme/one", "[\"text\"]", "", "\"model\" is missing")]
    [InlineData("acme/one", "[\"text\"]", "\"model\":\"m\",\"protocol\":\"bedrock\",", "protocol bedrock")]
    [InlineData("acme/one", "[\"text\"]", "\"model\":\"m\",\"not_dispatchable\":\"retired\",", "retired")]
    public void EndpointThatCannotBeServed_IsListedWithTheReasonAndNeverLive(string id, string outputs, string members, string reason)
    {
        var outcome = Build.From($$"""
            {"providers":[{"slug":"acme","protocol":"openai-chat","base_url":"https://acme.example/v1"}],
             "models":[{"id":"{{id}}","context_length":1000,"architecture":{"output_modalities":{{outputs}}},
               "endpoints":[{"provider":"acme",{{members}}"pricing":{"prompt":"0","completion":"0"} }]}]}
            """);

        var model = Assert.Single(outcome.Snapshot!.Models);
        Assert.Empty(model.LiveEndpoints);
        Assert.Null(model.Endpoints[0].Target);
        Assert.Contains(reason, model.Endpoints[0].NotDispatchable, StringComparison.Ordinal);
        // What the operator said himself needs no warning.
        Assert.Equal(members.Contains("not_dispatchable", StringComparison.Ordinal) ? 0 : 1, outcome.Warnings.Count);
    }

    [Fact]
    public void AliasModel_IsFoundAsItsTarget()
    {
        var snapshot = Build.From(Build.Acme, """{"models":[{"id":"~acme/rocket-latest","alias_target":"acme/rocket-1"}]}""").Snapshot!;

        Assert.Equal("acme/Rocket-1", snapshot.Find("~acme/rocket-latest")!.Id);
        Assert.Equal(["acme/Rocket-1", "~acme/rocket-latest"], snapshot.Listed.Select(m => m.Id));
    }
}
