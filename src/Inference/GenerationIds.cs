using System.Security.Cryptography;

namespace Fairlead.Inference;

/// <summary>
/// Makes generation ids: <c>gen-{unix seconds}-{20 base62}</c> (P14). The first four of the twenty are the microseconds within the second, so that ids
/// grow with time and the database appends to its index instead of touching a page per id; the other sixteen are random (95 bits: not guessable,
/// never repeated).
/// </summary>
internal static class GenerationIds
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int TimeDigits = 4;

    public static string New(DateTimeOffset now)
    {
        Span<char> tail = stackalloc char[20];
        var micros = (int)(now.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        for (var i = TimeDigits - 1; i >= 0; i--)
        {
            tail[i] = Base62[micros % 62];
            micros /= 62;
        }

        RandomNumberGenerator.GetItems(Base62, tail[TimeDigits..]);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"gen-{now.ToUnixTimeSeconds()}-{tail}");
    }
}
