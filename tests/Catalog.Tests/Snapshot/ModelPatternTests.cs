using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Tests.Snapshot;

public class ModelPatternTests
{
    [Theory]
    [InlineData("acme/rocket", "acme/rocket", true)]
    [InlineData("ACME/Rocket", "acme/rocket", true)]
    [InlineData("acme/rocket", "acme/rocket-1", false)]
    [InlineData("acme/*", "acme/rocket", true)]
    [InlineData("acme/*", "acme2/rocket", false)]
    [InlineData("acme/ro*", "acme/rocket", true)]
    [InlineData("acme/ro*", "acme/crow", false)]
    [InlineData("*/ro*", "acme/rocket", true)]
    [InlineData("*/ro*", "other/robin", true)]
    [InlineData("*", "acme/rocket", true)]
    [InlineData("*", "acme/rocket:free", false)]
    [InlineData("acme/*", "acme/rocket:free", false)]
    [InlineData("acme/rocket:free", "acme/rocket:free", true)]
    public void Pattern_MatchesByAuthorAndPrefix(string pattern, string slug, bool matches)
    {
        Assert.True(ModelPattern.IsOne(pattern));
        Assert.Equal(matches, ModelPattern.Matches(pattern, slug));
    }

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("acme/")]
    [InlineData("/rocket")]
    [InlineData("ac*e/rocket")]
    [InlineData("acme/*t")]
    [InlineData("acme/ro*t")]
    [InlineData("a/b/c")]
    [InlineData("acme/a b")]
    [InlineData("**")]
    public void OtherForms_AreNoPatterns(string text) => Assert.False(ModelPattern.IsOne(text));
}
