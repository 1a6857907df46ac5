using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fairlead.Protocols.Errors;

namespace Fairlead.Console.Http;

/// <summary>Which part of a list is wanted: <c>offset</c> (default 0) and <c>limit</c> (1 to 100, default 50; platform §10).</summary>
internal readonly record struct ListPage(int Offset, int Limit)
{
    private const int Usual = 50;
    private const int Most = 100;

    /// <summary>Reads the two parameters of a query, which may be absent.</summary>
    public static bool TryRead(string? offset, string? limit, out ListPage page, [NotNullWhen(false)] out GatewayError? error)
    {
        error = null;
        var (passed, count) = (0, Usual);
        if (!string.IsNullOrEmpty(offset) && !int.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out passed))
            error = GatewayError.Invalid("Invalid request parameters: offset must be a whole number, 0 or more.", "offset");
        else if (!string.IsNullOrEmpty(limit) && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= Most))
            error = GatewayError.Invalid($"Invalid request parameters: limit must be a whole number from 1 to {Most}.", "limit");
        page = new ListPage(passed, count);
        return error is null;
    }
}
