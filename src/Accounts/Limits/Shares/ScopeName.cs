using System.Globalization;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>Whose limits, as nodes and their database name them: <c>Key 17</c>.</summary>
internal readonly record struct ScopeName(RateScope Kind, long Id)
{
    /// <summary>Reads the name at the begin of a text; false when there is none.</summary>
    public static bool TryRead(ReadOnlySpan<char> kind, ReadOnlySpan<char> id, out ScopeName name)
    {
        var isName = Enum.TryParse<RateScope>(kind, out var scope) & long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        name = new(scope, number);
        return isName && Enum.IsDefined(scope);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Id}");
}
