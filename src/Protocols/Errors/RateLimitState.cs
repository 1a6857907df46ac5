using System.Globalization;
using System.Text.Json;

namespace Fairlead.Protocols.Errors;

/// <summary>A limit of this gateway that refused a request, as the caller sees it: three headers, and the same three under <c>error.metadata</c>.</summary>
/// <param name="Source">The limit's name, such as <c>key-requests-per-min</c>.</param>
/// <param name="Limit">How much it allows.</param>
/// <param name="Remaining">How much of that was left.</param>
/// <param name="ResetAt">When as much as was asked for may be free again.</param>
/// <param name="Hint">One sentence: what to do.</param>
public sealed record RateLimitState(string Source, long Limit, long Remaining, DateTimeOffset ResetAt, string Hint)
{
    /// <summary>Name and value of each header. The reset is in Unix milliseconds.</summary>
    public IEnumerable<(string Name, string Value)> Headers =>
    [
        ("X-RateLimit-Limit", Text(Limit)),
        ("X-RateLimit-Remaining", Text(Remaining)),
        ("X-RateLimit-Reset", Text(ResetAt.ToUnixTimeMilliseconds())),
    ];

    /// <summary>Writes the members of <c>error.metadata</c> (inference §13.3).</summary>
    public void WriteMetadata(Utf8JsonWriter json)
    {
        json.WriteStartObject("headers"u8);
        foreach (var (name, value) in Headers)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteNull("provider_name"u8);
        json.WriteString("limit_source"u8, Source);
        json.WriteString("remedy_hint"u8, Hint);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
