using Fairlead.Accounts.Keys;

namespace Fairlead.Console.Keys;

/// <summary>The words of <c>limit_reset</c>.</summary>
internal static class LimitResetNames
{
    /// <summary>Each word with what it means; null is never.</summary>
    public static readonly (string? Word, LimitReset Value)[] All =
        [("daily", LimitReset.Daily), ("weekly", LimitReset.Weekly), ("monthly", LimitReset.Monthly), (null, LimitReset.None)];

    public static string? Of(LimitReset reset) => reset switch
    {
        LimitReset.Daily => "daily",
        LimitReset.Weekly => "weekly",
        LimitReset.Monthly => "monthly",
        _ => null,
    };
}
