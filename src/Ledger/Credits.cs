using System.Globalization;

namespace Fairlead.Ledger;

/// <summary>
/// An amount of money: a whole number of 10⁻¹² US dollars. All arithmetic is checked; there is no conversion from or to binary floats.
/// One account can hold up to 9.2 million dollars.
/// </summary>
public readonly record struct Credits(long PicoDollars) : IComparable<Credits>
{
    private const decimal PicoPerDollar = 1_000_000_000_000m;

    /// <summary>Nothing.</summary>
    public static Credits Zero => default;

    /// <summary>
    /// The only place where an amount is rounded: half-even to a whole unit (ledger invariant, inference I-32). Throws
    /// <see cref="OverflowException"/> past the range.
    /// </summary>
    public static Credits Round(decimal dollars) => new(decimal.ToInt64(decimal.Round(dollars * PicoPerDollar, 0, MidpointRounding.ToEven)));

    /// <summary>An amount that must be exact; throws <see cref="FormatException"/> when it has more than twelve decimals.</summary>
    public static Credits Exact(decimal dollars)
    {
        var scaled = dollars * PicoPerDollar;
        return decimal.Truncate(scaled) == scaled
            ? new(decimal.ToInt64(scaled))
            : throw new FormatException($"{dollars.ToString(CultureInfo.InvariantCulture)} USD is finer than 10^-12 USD.");
    }

    /// <summary>The amount in dollars, exactly.</summary>
    public decimal Dollars => PicoDollars / PicoPerDollar;

    /// <summary>The amount without its sign.</summary>
    public bool IsNegative => PicoDollars < 0;

    /// <inheritdoc/>
    public int CompareTo(Credits other) => PicoDollars.CompareTo(other.PicoDollars);

    /// <summary>The smaller of two amounts.</summary>
    public static Credits Min(Credits a, Credits b) => a.PicoDollars <= b.PicoDollars ? a : b;

    /// <summary>The larger of two amounts.</summary>
    public static Credits Max(Credits a, Credits b) => a.PicoDollars >= b.PicoDollars ? a : b;

    /// <summary>Sum; throws past the range.</summary>
    public static Credits operator +(Credits a, Credits b) => new(checked(a.PicoDollars + b.PicoDollars));

    /// <summary>Difference; throws past the range.</summary>
    public static Credits operator -(Credits a, Credits b) => new(checked(a.PicoDollars - b.PicoDollars));

    /// <summary>The opposite amount.</summary>
    public static Credits operator -(Credits a) => new(checked(-a.PicoDollars));

    /// <summary>Comparison.</summary>
    public static bool operator <(Credits a, Credits b) => a.PicoDollars < b.PicoDollars;

    /// <summary>Comparison.</summary>
    public static bool operator >(Credits a, Credits b) => a.PicoDollars > b.PicoDollars;

    /// <summary>Comparison.</summary>
    public static bool operator <=(Credits a, Credits b) => a.PicoDollars <= b.PicoDollars;

    /// <summary>Comparison.</summary>
    public static bool operator >=(Credits a, Credits b) => a.PicoDollars >= b.PicoDollars;

    /// <summary>Dollars with up to twelve decimals, no trailing zeros.</summary>
    public override string ToString() => Dollars.ToString("0.############", CultureInfo.InvariantCulture);
}
