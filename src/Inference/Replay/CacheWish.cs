using Fairlead.Accounts.Presets;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Replay;

/// <summary>What a request wants of the response cache (routing §14), from its headers and its preset.</summary>
/// <param name="Enabled">A kept answer may be given, and this one kept.</param>
/// <param name="Ttl">How long this one is kept.</param>
/// <param name="Clear">What is kept for this request is given up first.</param>
internal readonly record struct CacheWish(bool Enabled, TimeSpan Ttl, bool Clear)
{
    private const int UsualSeconds = 300;
    private const int MostSeconds = 86_400;

    /// <summary>A preset that says no wins over everything, a header over a preset that says yes.</summary>
    public static CacheWish Of(IHeaderDictionary headers, PresetVersion? preset)
    {
        if (preset?.CacheEnabled == false)
            return default;
        var asked = Flag(headers["X-OpenRouter-Cache"]);
        return asked ?? preset?.CacheEnabled ?? false
            ? new CacheWish(true, TimeSpan.FromSeconds(Seconds(headers["X-OpenRouter-Cache-TTL"]) ?? preset?.CacheTtlSeconds ?? UsualSeconds), Flag(headers["X-OpenRouter-Cache-Clear"]) == true)
            : default;
    }

    private static bool? Flag(string? header) => bool.TryParse(header, out var value) ? value : null;

    /// <summary>Leading digits, held within what is allowed; null where there are none.</summary>
    private static int? Seconds(string? header)
    {
        if (header is null)
            return null;
        var text = header.AsSpan().TrimStart();
        var digits = text.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? text[..end] : text;
        if (digits.IsEmpty)
            return null;
        return digits.TrimStart('0') is { Length: <= 9 } number ? Math.Clamp(number.IsEmpty ? 0 : int.Parse(number, System.Globalization.CultureInfo.InvariantCulture), 1, MostSeconds) : MostSeconds;
    }
}
