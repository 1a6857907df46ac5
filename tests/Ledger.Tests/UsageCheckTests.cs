namespace Fairlead.Ledger.Tests;

/// <summary>M6.</summary>
public sealed class UsageCheckTests
{
    [Theory]
    [InlineData(10, 20, 0, 0, 100, UsageVerdict.Accepted)]
    [InlineData(0, 0, 0, 0, 0, UsageVerdict.Accepted)]
    [InlineData(200, 200, 0, 0, 100, UsageVerdict.Accepted)]
    [InlineData(201, 0, 0, 0, 100, UsageVerdict.Absurd)]
    [InlineData(0, 201, 0, 0, 100, UsageVerdict.Absurd)]
    [InlineData(0, 0, 0, 201, 100, UsageVerdict.Absurd)]
    [InlineData(-1, 20, 0, 0, 100, UsageVerdict.Negative)]
    [InlineData(10, -20, 0, 0, 100, UsageVerdict.Negative)]
    [InlineData(10, 20, -1, 0, 100, UsageVerdict.Negative)]
    [InlineData(10, 20, 0, long.MinValue, 100, UsageVerdict.Negative)]
    [InlineData(10, 20, 11, 0, 100, UsageVerdict.Inconsistent)]
    // Unknown window: only what no window allows is refused.
    [InlineData(5_000_000, 20, 0, 0, 0, UsageVerdict.Accepted)]
    [InlineData(long.MaxValue, 20, 0, 0, 0, UsageVerdict.Absurd)]
    public void ReportedUsage_IsJudged(long prompt, long completion, long cached, long reasoning, long window, UsageVerdict expected) =>
        Assert.Equal(expected, UsageCheck.Judge(prompt, completion, cached, reasoning, window));

    [Fact]
    public void SeveralAnswersAskedFor_EachMayFillTheWindow() =>
        Assert.Equal(UsageVerdict.Accepted, UsageCheck.Judge(10, 700, 0, 0, 100, choices: 4));
}
