using Fairlead.Catalog.Building;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Tests.Snapshot;

public class LatestModelTests
{
    private static Model Model(string id, long created) => new() { Id = id, CanonicalSlug = id, Name = id, Architecture = new(), Created = created };

    [Theory]
    [InlineData("~acme/talk-latest", "acme/talk-4.5")]
    [InlineData("~ACME/talk-opus-latest", "acme/talk-4.8-opus")]
    [InlineData("~acme/talk-mini-latest", "acme/talk-5-mini-preview")]
    [InlineData("~acme/kim-latest", "acme/kim-k2-0905")]
    [InlineData("~acme/talk-9-latest", null)]
    [InlineData("~other/talk-latest", null)]
    [InlineData("~acme/-latest", null)]
    [InlineData("~/talk-latest", null)]
    [InlineData("~acme/talk", null)]
    [InlineData("acme/talk-latest", null)]
    public void Alias_LeadsToTheNewestModelWithOnlyTheFamilysWords(string alias, string? id)
    {
        var snapshot = new CatalogSnapshot(
            1,
            [
                Model("acme/talk-4", 1), Model("acme/talk-4.5", 2), Model("acme/talk-4.5:free", 9), Model("acme/talk-4.5-fast", 9), Model("acme/talk-4o", 9),
                Model("acme/talk-4.8-opus", 3), Model("acme/talk-3-opus", 1), Model("acme/talk-5-mini-preview", 4), Model("acme/kim-k2-0905", 2), Model("acme/kim-k2", 1),
                Model("acme/kim-k3-thinking", 5), Model("acme/talker-9", 9),
            ],
            []);
        Assert.Equal(id, snapshot.FindLatest(alias)?.Id);
    }

    [Theory]
    [InlineData("~anthropic/claude-opus-latest", "ANTHROPIC_API_KEY", "anthropic/claude-opus-5")]
    [InlineData("~openai/gpt-latest", "OPENAI_API_KEY", "openai/gpt-5.6-sol")]
    [InlineData("~google/gemini-pro-latest", "GEMINI_API_KEY", "google/gemini-3.1-pro-preview")]
    [InlineData("~z-ai/glm-latest", "FIREWORKS_API_KEY", "z-ai/glm-5.2")]
    public void ShippedAlias_FollowsItsFamilyToTheNewestThatIsLive_AndShowsWhatThatOneCan(string alias, string variable, string id)
    {
        var snapshot = new CatalogLoader(name => name == variable ? "key" : null).Load([], []).Snapshot!;
        var row = snapshot.Models.Single(model => model.Id == alias);
        var target = snapshot.Find(alias)!;
        Assert.Equal((id, id), (row.AliasTarget, target.Id));
        Assert.Equal((target.ContextLength, target.SupportedParameters, true), (row.ContextLength, row.SupportedParameters, snapshot.Listed.Contains(row)));
    }

    [Fact]
    public void OperatorsAlias_IsTheModelItNames()
    {
        var snapshot = Build.From(Build.Acme, """{"models":[{"id":"~acme/rocket-latest","alias_target":"acme/rocket-1"},{"id":"acme/rocket-2","created":9,"context_length":10}]}""").Snapshot!;
        Assert.Equal("acme/Rocket-1", snapshot.Find("~acme/rocket-latest")!.Id);
    }
}
