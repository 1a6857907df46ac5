using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Fairlead.Accounts.Keys;

/// <summary>The 32 bytes of a key's SHA-256, compared in constant time.</summary>
internal readonly struct KeyDigest : IEquatable<KeyDigest>
{
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    public KeyDigest(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
    }

    /// <summary>The digest of a well-formed key. Allocates nothing.</summary>
    public static KeyDigest OfSecret(ReadOnlySpan<char> secret)
    {
        Span<byte> ascii = stackalloc byte[KeySecret.Length];
        for (var i = 0; i < ascii.Length; i++)
        {
            ascii[i] = (byte)secret[i];
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, digest);
        return new(digest);
    }

    /// <summary>The digest behind a public hash of 64 hex digits.</summary>
    public static KeyDigest OfHash(string hash) => new(Convert.FromHexString(hash));

    public bool Equals(KeyDigest other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c) | (_d ^ other._d)) == 0;

    public override bool Equals(object? obj) => obj is KeyDigest other && Equals(other);

    /// <summary>Any eight bytes of a SHA-256 are spread evenly.</summary>
    public override int GetHashCode() => (int)_a;
}
