using System.Globalization;

namespace Fairlead.Catalog.Pricing;

/// <summary>Prices as text: plain decimals without exponent, sign or needless zeros (platform §3.1).</summary>
public static class PriceText
{
    /// <summary>Digits after the point that a price may have.</summary>
    public const int MaxDecimals = 24;
    /// <summary>Digits that count. Times up to 10¹⁰ tokens the product stays exact in a <see cref="decimal"/>, which has 28.</summary>
    public const int MaxDigits = 18;

    /// <summary>Reads <c>0.000001</c>. False for signs, exponents, spaces, more than 9 digits before or 24 after the point, or 18 that count.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal price)
    {
        price = 0;
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? default : text[(point + 1)..];
        if (whole.Length is 0 or > 9 || fraction.Length > MaxDecimals || (point >= 0 && fraction.Length == 0)
            || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var digits = whole.TrimStart('0').Length > 0 ? whole.TrimStart('0').Length + fraction.Length : fraction.TrimStart('0').Length;
        if (digits > MaxDigits)
            return false;
        price = Normal(decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Writes a price: <c>0.000001</c>, <c>0</c>.</summary>
    public static string Format(decimal price) => Normal(price).ToString(CultureInfo.InvariantCulture);

    // Dividing by one with 28 decimals drops trailing zeros of the scale.
    private static decimal Normal(decimal price) => price / 1.0000000000000000000000000000m;
}
