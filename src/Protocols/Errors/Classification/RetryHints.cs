using System.Buffers;
using System.Globalization;

namespace Fairlead.Protocols.Errors.Classification;

/// <summary>
/// How long an OpenAI-style host asks to wait: its retry-after headers, else the reset headers of rate limits (providers §3.4, §4.5), which hold
/// durations (<c>6m0s</c>, <c>12ms</c>) or seconds.
/// </summary>
internal static class RetryHints
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly string[] Resets =
    [
        "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset-tokens-minute", "x-ratelimit-reset-requests-day", "x-ratelimit-reset",
    ];

    // The header of the remaining budget that must be used up for a reset to be what we wait for.
    private static readonly string[] Remaining =
    [
        "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-remaining-tokens-minute", "x-ratelimit-remaining-requests-day",
        "x-ratelimit-remaining",
    ];

    /// <summary>The wait asked for; null when nothing readable was said.</summary>
    public static TimeSpan? Read(Func<string, string?> header) => RetryAfterHeader.Read(header) ?? Reset(header);

    /// <summary>A Go-style duration (<c>1h2m3.5s</c>, <c>250ms</c>) or plain seconds; null when it is neither.</summary>
    public static TimeSpan? Duration(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var rest = text.AsSpan().Trim();
        if (TryNumber(rest, out var seconds))
            return Bound(TimeSpan.FromSeconds((double)seconds));
        var total = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !TryNumber(rest[..digits], out var number))
                return null;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(NumberCharacters);
            var unit = letters < 0 ? rest : rest[..letters];
            if (UnitSeconds(unit) is not { } factor)
                return null;
            total += number * factor;
            rest = rest[unit.Length..];
        }
        return Bound(TimeSpan.FromSeconds((double)Math.Min(total, 86_400m)));
    }

    private static TimeSpan? Reset(Func<string, string?> header)
    {
        TimeSpan? longest = null;
        for (var i = 0; i < Resets.Length; i++)
        {
            // OpenAI sends every budget with every answer; only an empty one is why we wait.
            if (header(Remaining[i]) is { } left && (!TryNumber(left, out var budget) || budget > 0))
                continue;
            if (Duration(header(Resets[i])) is { } wait && (longest is null || wait > longest))
                longest = wait;
        }
        return longest;
    }

    private static decimal? UnitSeconds(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => 3600m,
        "m" => 60m,
        "s" => 1m,
        "ms" => 0.001m,
        "us" or "µs" => 0.000001m,
        "ns" => 0.000000001m,
        "d" => 86_400m,
        _ => null,
    };

    // At most nine digits before the point: longer "seconds" are a time of day in disguise (Unix time), which is no wait.
    private static bool TryNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number)
        && number < 100_000_000m;

    private static TimeSpan Bound(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
}
