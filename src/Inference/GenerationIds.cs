using System.Globalization;
using System.Security.Cryptography;

namespace Fairlead.Inference;

/// <summary>
/// Makes generation ids: <c>gen-{unix seconds}-{20 base62}</c> (P14). The first four of the twenty are the microseconds within the second, so that ids
/// grow with time and the database appends to its index instead of touching a page per id; the other sixteen are random (95 bits: not guessable,
/// never repeated). Random bytes are drawn in blocks: a draw per id costs more than the rest of it. Thread-safe.
/// </summary>
internal sealed class GenerationIds
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int TimeDigits = 4;

    private readonly Lock gate = new();
    private readonly byte[] random = new byte[4096];
    private int next = 4096;

    public string New(DateTimeOffset now)
    {
        Span<char> tail = stackalloc char[20];
        var micros = (int)(now.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        for (var i = TimeDigits - 1; i >= 0; i--)
        {
            tail[i] = Base62[micros % 62];
            micros /= 62;
        }

        lock (gate)
        {
            for (var i = TimeDigits; i < tail.Length; i++)
                tail[i] = Base62[NextDigit()];
        }

        return string.Create(CultureInfo.InvariantCulture, $"gen-{now.ToUnixTimeSeconds()}-{tail}");
    }

    /// <summary>A number below 62, each as likely as the other: 62 and 63 are drawn again.</summary>
    private int NextDigit()
    {
        while (true)
        {
            if (next == random.Length)
            {
                RandomNumberGenerator.Fill(random);
                next = 0;
            }

            var digit = random[next++] & 63;
            if (digit < 62)
                return digit;
        }
    }
}
