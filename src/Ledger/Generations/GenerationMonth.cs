using System.Globalization;

namespace Fairlead.Ledger.Generations;

/// <summary>
/// The partition a generation is kept in on PostgreSQL: year and month (202611) of the second in its id, 0 when the id does not say. A function of the id and
/// nothing else, so that month and id together are unique exactly when the id is. The SQL function <c>generation_month</c> computes the same.
/// </summary>
internal static class GenerationMonth
{
    private const string Prefix = "gen-";
    private const int Digits = 10;

    /// <summary>The month of <c>gen-{unix seconds}-…</c>, ten digits without a leading zero.</summary>
    public static long Of(string id)
    {
        var end = Prefix.Length + Digits;
        if (id.Length <= end || id[end] != '-' || id[Prefix.Length] == '0' || !id.StartsWith(Prefix, StringComparison.Ordinal)
            || !long.TryParse(id.AsSpan(Prefix.Length, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return 0;
        }

        return Of(DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    /// <summary>The month of a moment, in UTC.</summary>
    public static long Of(DateTimeOffset moment) => (moment.UtcDateTime.Year * 100L) + moment.UtcDateTime.Month;

    /// <summary>The month after; 0 has none and stays.</summary>
    public static long Next(long month) => month == 0 ? 0 : month % 100 == 12 ? month + 89 : month + 1;
}
