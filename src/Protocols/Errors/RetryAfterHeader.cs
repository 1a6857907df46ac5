using System.Globalization;

namespace Fairlead.Protocols.Errors;

/// <summary>Reads how long a provider asked to wait from <c>retry-after-ms</c> or <c>retry-after</c> (seconds, or a date beside the answer's own <c>date</c>).</summary>
internal static class RetryAfterHeader
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(2);

    /// <summary>The wait, between zero and two days; null when none was named.</summary>
    public static TimeSpan? Read(Func<string, string?> header)
    {
        if (Seconds(header("retry-after-ms"), 1000) is { } fromMilliseconds)
            return fromMilliseconds;
        var value = header("retry-after");
        if (Seconds(value, 1) is { } fromSeconds)
            return fromSeconds;
        return Date(value) is { } until && Date(header("date")) is { } now ? Bound(until - now) : null;
    }

    /// <summary>A date header's value, or null.</summary>
    public static DateTimeOffset? Date(string? value) =>
        DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    /// <summary>A number of seconds as a wait, or null when it is none.</summary>
    public static TimeSpan? Seconds(string? value, decimal perSecond) =>
        decimal.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var number)
            ? Bound(TimeSpan.FromSeconds((double)Math.Min(number / perSecond, (decimal)Longest.TotalSeconds)))
            : null;

    private static TimeSpan Bound(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
}
