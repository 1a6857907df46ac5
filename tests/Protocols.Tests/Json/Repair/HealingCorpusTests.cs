using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Fairlead.Protocols.Json.Repair;

namespace Fairlead.Protocols.Tests.Json.Repair;

/// <summary>The corpus of response healing, and its score in <c>artifacts/healing.txt</c>, which <c>./test</c> prints.</summary>
public sealed class HealingCorpusTests
{
    public static TheoryData<string> Names => [.. HealingCase.All.Select(one => one.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Case_BecomesWhatTheCorpusSays(string name)
    {
        var one = HealingCase.All.Single(one => one.ToString() == name);
        var repaired = JsonRepair.Repair(one.Text);
        if (one.Kind is "same" or "missed")
            Assert.True(repaired is null, $"became {repaired}");
        else
            Assert.Equal(one.Wanted, repaired);
    }

    [Fact]
    public void Score_IsWritten()
    {
        var table = new StringBuilder("Response healing: cases of tests/Protocols.Tests/Json/Repair/corpus.txt that become what they should\n");
        foreach (var kind in HealingCase.All.GroupBy(one => one.Kind))
            table.Append(CultureInfo.InvariantCulture, $"  {kind.Key,-8}{kind.Count(IsRight),4} of {kind.Count(),3}\n");
        table.Append(CultureInfo.InvariantCulture, $"  all     {HealingCase.All.Count(IsRight),4} of {HealingCase.All.Count,3}\n");
        var folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../../artifacts");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "healing.txt"), table.ToString());
        Assert.All(HealingCase.All.Where(one => one.Kind != "missed"), one => Assert.True(IsRight(one), one.ToString()));
        Assert.True(HealingCase.All.Count(one => one.Kind != "spec") >= 60);
    }

    private static bool IsRight(HealingCase one) => (JsonRepair.Repair(one.Text) ?? one.Text) == one.Wanted;

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
