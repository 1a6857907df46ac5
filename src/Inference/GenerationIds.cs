using System.Security.Cryptography;

namespace Fairlead.Inference;

/// <summary>Makes generation ids: <c>gen-{unix seconds}-{20 base62}</c> (P14). 119 random bits: not guessable, never repeated.</summary>
internal static class GenerationIds
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string New(long unixSeconds)
    {
        Span<char> random = stackalloc char[20];
        RandomNumberGenerator.GetItems(Base62, random);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"gen-{unixSeconds}-{random}");
    }
}
