using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.Tests.Tokens;

public sealed class TokenizerGroupsTests
{
    [Theory]
    [InlineData("GPT", "1.00")]
    [InlineData("Claude", "1.27")]
    [InlineData("Qwen3", "1.02")]
    [InlineData("Llama3", "1.01")]
    [InlineData("Llama4", "1.00")]
    [InlineData("Other", "1.00")]
    [InlineData(null, "1.00")]
    public void Factor_IsTheMeasuredOneOrOne(string? group, string factor) =>
        Assert.Equal(factor, TokenizerGroups.Factor(group).ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(0, "Claude", 0)]
    [InlineData(1, "Claude", 2)]
    [InlineData(100, "Claude", 127)]
    [InlineData(101, "Claude", 129)]
    [InlineData(12345, "GPT", 12345)]
    [InlineData(12345, null, 12345)]
    public void Scale_RoundsUp(long tokens, string? group, long native) => Assert.Equal(native, TokenizerGroups.Scale(tokens, group));
}
