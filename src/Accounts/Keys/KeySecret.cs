using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Accounts.Keys;

/// <summary>The plaintext of a key: <c>sk-or-v1-</c> and 64 lower-case hex digits (platform §11.2). Shown once, never stored.</summary>
public static class KeySecret
{
    /// <summary>Every key starts so.</summary>
    public const string Prefix = "sk-or-v1-";

    /// <summary>How long a key is, in characters.</summary>
    public const int Length = 73;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>A new key of 256 random bits.</summary>
    public static string Create() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && IsHex(text[Prefix.Length..]);

    /// <summary>The public hash: SHA-256 of the whole key, 64 lower-case hex digits.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The mask shown in lists: <c>sk-or-v1-abc...123</c>.</summary>
    public static string Label(string secret) => $"{Prefix}{secret.AsSpan(Prefix.Length, 3)}...{secret.AsSpan(secret.Length - 3)}";

    /// <summary>Whether a text is lower-case hexadecimal.</summary>
    internal static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);
}
