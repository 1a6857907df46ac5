using System.Text;
using Fairlead.Accounts.Presets;
using Fairlead.Inference.Replay;
using Fairlead.Protocols.Canonical;
using Fairlead.Testing;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Gateway.Tests.Replay;

/// <summary>When the response cache is asked for, for how long, and what it gives up (routing §14).</summary>
public sealed class CacheRulesTests
{
    [Theory]
    [InlineData(null, null, false)]
    [InlineData("true", null, true)]
    [InlineData("TRUE", null, true)]
    [InlineData("false", null, false)]
    [InlineData("yes", null, false)]
    [InlineData(null, true, true)]
    [InlineData("false", true, false)]
    [InlineData("true", false, false)]
    [InlineData(null, false, false)]
    public void HeaderAndPreset_DecideTogether(string? header, bool? preset, bool enabled) =>
        Assert.Equal(enabled, Wish(header, null, preset, null).Enabled);

    [Theory]
    [InlineData(null, null, 300)]
    [InlineData(null, 60, 60)]
    [InlineData("10", 60, 10)]
    [InlineData("60abc", null, 60)]
    [InlineData("1.5", null, 1)]
    [InlineData("abc", 60, 60)]
    [InlineData("-5", null, 300)]
    [InlineData("0", null, 1)]
    [InlineData("99999999999999999999", null, 86_400)]
    [InlineData("086401", null, 86_400)]
    public void Ttl_IsTheHeadersLeadingDigits_ElseThePresets(string? header, int? preset, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Wish("true", header, null, preset).Ttl);

    [Fact]
    public void AnswerIsGivenUntilItsTimeIsOver()
    {
        var clock = new SetClock(DateTimeOffset.UnixEpoch);
        var cache = new ResponseCache(clock);
        cache.Keep(Key(1), Answer(clock, 10, "a"), 1 << 20);
        clock.Pass(TimeSpan.FromSeconds(9));
        Assert.True(cache.TryFind(Key(1), out _, out var age));
        Assert.Equal(TimeSpan.FromSeconds(9), age);
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.False(cache.TryFind(Key(1), out _, out _));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void TooManyBytes_ThoseUnusedLongestAreGivenUp()
    {
        var clock = new SetClock(DateTimeOffset.UnixEpoch);
        var cache = new ResponseCache(clock);
        var size = Answer(clock, 10, "a").Size;
        for (ulong i = 1; i <= 3; i++)
            cache.Keep(Key(i), Answer(clock, 10, "a"), 3 * size);
        Assert.True(cache.TryFind(Key(1), out _, out _));
        cache.Keep(Key(4), Answer(clock, 10, "a"), 3 * size);
        cache.Keep(Key(4), Answer(clock, 10, "b"), 3 * size);
        Assert.Equal([true, false, true, true], ((ulong[])[1, 2, 3, 4]).Select(i => cache.TryFind(Key(i), out _, out _)));
        Assert.Equal(3 * size, cache.Bytes);
        cache.Keep(Key(5), Answer(clock, 10, "c"), size - 1);
        Assert.Equal(0, cache.Bytes);
    }

    private static CacheKey Key(ulong number) => new(0, number);

    private static CachedAnswer Answer(TimeProvider clock, int seconds, string text) => new()
    {
        Answer = KeptAnswer.Of(Encoding.UTF8.GetBytes($$"""{"x":"{{text}}"}"""), isStream: false, ClientDialect.ChatCompletions, "gen"),
        SourceId = "gen", Model = "m", ModelPermaslug = "m", Finish = FinishReason.Stop, NativeFinish = null, KeptAt = clock.GetTimestamp(), Ttl = TimeSpan.FromSeconds(seconds),
    };

    private static CacheWish Wish(string? header, string? ttl, bool? enabled, int? seconds)
    {
        var headers = new HeaderDictionary();
        if (header is not null)
            headers["X-OpenRouter-Cache"] = header;
        if (ttl is not null)
            headers["X-OpenRouter-Cache-TTL"] = ttl;
        return CacheWish.Of(headers, new PresetVersion
        {
            Id = "", Number = 1, Config = default, CreatorId = "", CreatedAt = default, CacheEnabled = enabled, CacheTtlSeconds = seconds,
        });
    }
}
