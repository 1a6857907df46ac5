using Fairlead.Simulator.Conversation;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Simulator.Tests;

public sealed class PiecesTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 1)]
    [InlineData("hello world", 2)]
    [InlineData("extraordinary", 2)]
    [InlineData("a, b", 3)]
    [InlineData("  x", 2)]
    [InlineData("🎉🎉", 2)]
    public void Count_IsOfWordsOfEightAndSigns(string text, int count) => Assert.Equal(count, Pieces.Count(text));

    [Fact]
    public void PiecesJoined_AreTheTextAgain() => Prop
        .ForAll(ArbMap.Default.ArbFor<string>().Filter(s => s is not null), text => string.Concat(Pieces.Of(text)) == text && Pieces.Of(text).Count == Pieces.Count(text))
        .QuickCheckThrowOnFailure();
}
