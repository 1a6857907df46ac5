using System.Text;
using Fairlead.Inference.Admit;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Which bodies ask for free models only, broken ones included.</summary>
public sealed class FreeModelNamesTests
{
    [Theory]
    [InlineData("""{"model":"a/b:free"}""", true)]
    [InlineData("""{"messages":[{"model":"x"}],"model":"a/b:free:nitro"}""", true)]
    [InlineData("""{"model":"a/b:FREE","messages":"none"}""", true)]
    [InlineData("""{"models":["a/b:free","c/d:free"]}""", true)]
    [InlineData("""{"model":"a/b:free","models":["c/d"]}""", false)]
    [InlineData("""{"model":"a/b","models":["c/d:free"]}""", false)]
    [InlineData("""{"model":"a/b"}""", false)]
    [InlineData("""{"model":"a/b:free","messages":[{"role":""", true)]
    [InlineData("""{"model":"a/b:free" "messages":[]}""", true)]
    [InlineData("""{"model":7,"models":{"a":"b:free"}}""", false)]
    [InlineData("""{"model":"\ud800:free"}""", false)]
    [InlineData("""["a/b:free"]""", false)]
    [InlineData("", false)]
    [InlineData("a/b:free", false)]
    public void Names(string body, bool free) => Assert.Equal(free, FreeModelNames.AreAll(Encoding.UTF8.GetBytes(body), defaultModel: null));

    [Fact]
    public void NoName_TheDefaultModelCounts()
    {
        Assert.True(FreeModelNames.AreAll("{}"u8, "a/b:free"));
        Assert.False(FreeModelNames.AreAll("{}"u8, "a/b"));
        Assert.False(FreeModelNames.AreAll("""{"model":"c/d"}"""u8, "a/b:free"));
    }
}
