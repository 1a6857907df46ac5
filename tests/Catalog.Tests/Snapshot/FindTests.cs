using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Tests.Snapshot;

public class FindTests
{
    [Theory]
    [InlineData("acme/rocket-1")]
    [InlineData("ACME/ROCKET-1")]
    [InlineData("acme/rocket-1-20251101")]
    public void Find_GoesBySlugAndPermanentSlugWithoutCase(string slug) => Assert.Equal("acme/Rocket-1", Build.From(Build.Acme).Snapshot!.Find(slug)!.Id);

    [Fact]
    public void Find_KeepsVariantsApart()
    {
        var snapshot = Build.From("""{"models":[{"id":"a/b","canonical_slug":"a/b-1"},{"id":"a/b:free","canonical_slug":"a/b-1"}]}""").Snapshot!;

        Assert.Equal("a/b", snapshot.Find("a/b-1")!.Id);
        Assert.Equal("a/b:free", snapshot.Find("a/b-1:free")!.Id);
        Assert.Null(snapshot.Find("a/b:nitro"));
    }

    [Fact]
    public void Find_AllocatesNothing()
    {
        var snapshot = Build.From(Build.Acme).Snapshot!;
        // What the runtime sets up at the first call of each kind is not of the lookup.
        FindEach(snapshot);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
            FindEach(snapshot);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void FindEach(CatalogSnapshot snapshot)
    {
        snapshot.Find("acme/rocket-1");
        snapshot.Find("ACME/rocket-1-20251101");
        snapshot.Find("acme/none");
    }

    [Fact]
    public void Nearest_FindsTheMistypedId()
    {
        var snapshot = Build.From(Build.Acme, """{"catalog":{"list":"all"},"models":[{"id":"openai/gpt-4o"},{"id":"openai/gpt-4o-mini"},{"id":"qwen/qwen3-coder"}]}""").Snapshot!;

        Assert.Equal("acme/Rocket-1", snapshot.Nearest("acme/roket-1", 3)[0]);
        Assert.Equal(["openai/gpt-4o", "openai/gpt-4o-mini"], snapshot.Nearest("openai/gtp-4o", 2));
        Assert.Equal("openai/gpt-4o-mini", snapshot.Nearest("gpt-4o-mini", 1)[0]);
        Assert.Empty(snapshot.Nearest("", 3));
        Assert.InRange(snapshot.Nearest(new string('a', 1_000_000) + "\ud800", 3).Count, 0, 3);
    }
}
