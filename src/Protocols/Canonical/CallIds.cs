using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// Gives every tool call of one answer an id (I-15): the provider's own, or a made one where it sent none or repeats one. Made ids are drawn from
/// the answer's id and the call's number, so that reading the same bytes twice gives the same ids.
/// </summary>
internal sealed class CallIds
{
    // No answer we know holds near as many calls; past this, repeats are no longer looked for.
    private const int Remembered = 4096;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private string? seed;
    private int made;

    /// <summary>The id of the next call.</summary>
    public string Next(string? upstreamId, string? answerId)
    {
        if (!string.IsNullOrEmpty(upstreamId) && (seen.Count >= Remembered || seen.Add(upstreamId)))
            return upstreamId;
        seed ??= string.IsNullOrEmpty(answerId) ? Convert.ToHexString(RandomNumberGenerator.GetBytes(16)) : answerId;
        return Make($"{seed}:{made++}");
    }

    /// <summary><c>call_</c> and 24 base62 characters drawn from <paramref name="seed"/>.</summary>
    public static string Make(string seed)
    {
        Span<byte> drawn = stackalloc byte[24];
        Draw(Encoding.UTF8.GetBytes(seed), drawn);
        return "call_" + Encoding.ASCII.GetString(drawn);
    }

    /// <summary>As many base62 characters as <paramref name="into"/> takes, 32 at most, drawn from <paramref name="seed"/>: the same for a call and its result.</summary>
    public static void Draw(ReadOnlySpan<byte> seed, Span<byte> into)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(seed, hash);
        for (var i = 0; i < into.Length; i++)
            into[i] = (byte)Alphabet[hash[i] % Alphabet.Length];
    }

    /// <summary>Nine letters or digits, the only ids Mistral's models take (providers §2.5).</summary>
    public static bool IsNine(ReadOnlySpan<byte> id)
    {
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit((char)c))
                return false;
        }
        return id.Length == 9;
    }
}
