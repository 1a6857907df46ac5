using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.Tests.Tokens;

public sealed class TokenizerTests
{
    private static readonly Case[] Cases = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Tokens", "Cases", "o200k.jsonl")).Select(Case.Read)];

    [Fact]
    public void EveryRecordedText_GivesTheTokensOfTheReferenceImplementation()
    {
        Assert.True(Cases.Length > 600);
        var wrong = Cases.Where(one => !one.Ids.SequenceEqual(Tokenizer.O200k.Encode(one.Utf8))).Select(one => one.Name);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Count_IsTheNumberOfTokens() =>
        Assert.All(Cases, one => Assert.Equal(one.Ids.Length, Tokenizer.O200k.Count(one.Utf8)));

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("😀")]
    [InlineData("aB")]
    [InlineData("́")]
    [InlineData("的")]
    [InlineData("7")]
    [InlineData("/")]
    [InlineData("\n ")]
    [InlineData("Á")]
    [InlineData("'re")]
    public void MegabyteOfOneThing_IsCountedInNearLinearTime(string unit)
    {
        var hostile = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(unit, 1_000_000 / Encoding.UTF8.GetByteCount(unit))));
        Tokenizer.O200k.Load();
        AssertNearLinear(hostile);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void MegabyteOfRandomBytes_IsCountedInNearLinearTime(int seed)
    {
        var bytes = new byte[1_000_000];
        new Random(seed).NextBytes(bytes);
        Assert.InRange(Tokenizer.O200k.Count(bytes), bytes.Length / 8, bytes.Length);
        AssertNearLinear(bytes);
    }

    [Theory]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x41 })]
    [InlineData(new byte[] { 0x61, 0xC3, 0x28, 0x62 })]
    public void BytesThatAreNotUtf8_CountAsAtMostOneTokenEach(byte[] bytes) => Assert.InRange(Tokenizer.O200k.Count(bytes), 1, bytes.Length);

    [Fact]
    public void WhateverTheBytes_EveryPieceOfTheEncodingIsAToken()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            Assert.DoesNotContain(Vocabulary.None, Tokenizer.O200k.Encode(bytes));
        }
    }

    [Fact]
    public void LongPieceInOneRun_GivesTheSameTokensAsTheShortMerger()
    {
        var words = Vocabulary.Load();
        var random = new Random(11);
        for (var round = 0; round < 3000; round++)
        {
            var piece = Encoding.UTF8.GetBytes(new string([.. Enumerable.Range(0, random.Next(2, PieceMerger.MaxBytes)).Select(_ => (char)('a' + random.Next(1 + random.Next(26))))]));
            List<int> shortIds = [], longIds = [];
            Assert.Equal(PieceMerger.Merge(words, piece, shortIds), LongPieceMerger.Merge(words, piece, longIds));
            Assert.Equal(shortIds, longIds);
        }
    }

    [Fact]
    public void OrdinaryText_AllocatesNothing()
    {
        var text = Encoding.UTF8.GetBytes("The quick brown fox jumps over the lazy dog; Donaudampfschiff, 日本語, 12345 and so on.\n");
        Tokenizer.O200k.Count(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Tokenizer.O200k.Count(text);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>
    /// Four times the bytes take less than ten times as long; linear would be 4, quadratic 16. Both times are the least seen: on a busy machine any single
    /// run may be held up, and then one more round decides. Where the work is quadratic, no round can bring the two together.
    /// </summary>
    private static void AssertNearLinear(byte[] utf8)
    {
        var (quarter, whole) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < 10; round++)
        {
            // The first run also pays for the compiler, so it is not the only one for the quarter.
            quarter = Least(quarter, Cost(utf8.AsSpan(0, utf8.Length / 4)));
            whole = Least(whole, Cost(utf8));
            quarter = Least(quarter, Cost(utf8.AsSpan(0, utf8.Length / 4)));
            if (whole < (10 * quarter) + TimeSpan.FromMilliseconds(50))
                return;
        }

        Assert.Fail($"{whole} for {utf8.Length} bytes, {quarter} for a quarter of them");
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Cost(ReadOnlySpan<byte> utf8)
    {
        var started = Stopwatch.GetTimestamp();
        Tokenizer.O200k.Count(utf8);
        return Stopwatch.GetElapsedTime(started);
    }

    private sealed record Case(string Name, byte[] Utf8, int[] Ids)
    {
        public static Case Read(string line)
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var unit = root.TryGetProperty("unit", out var one) ? one.GetString()! : root.GetProperty("text").GetString()!;
            var times = root.TryGetProperty("times", out var many) ? many.GetInt32() : 1;
            return new Case(
                root.GetProperty("name").GetString()!,
                Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(unit, times))),
                [.. root.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]);
        }
    }
}
