using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Simulator.Conversation;

/// <summary>Signs thoughts so that a changed one is noticed when it comes back, as the real providers do. Depends on the seed only.</summary>
internal sealed class Signatures(int seed)
{
    private const int SaltLength = 16;

    private readonly byte[] _key = new Stamp(seed, "signatures", []).Bytes("key");

    public string Sign(Stamp stamp, string kind, string content)
    {
        var salt = stamp.Bytes("salt/" + kind)[..SaltLength];
        return Convert.ToBase64String([.. salt, .. Seal(salt, kind, content)]);
    }

    /// <summary>Whether <paramref name="signature"/> was made by <see cref="Sign"/> over this content, by any simulator of the seed.</summary>
    public bool Verify(string signature, string kind, string content)
    {
        var bytes = new byte[SaltLength + HMACSHA256.HashSizeInBytes];
        return Convert.TryFromBase64String(signature, bytes, out var written)
            && written == bytes.Length
            && CryptographicOperations.FixedTimeEquals(bytes.AsSpan(SaltLength), Seal(bytes.AsSpan(0, SaltLength), kind, content));
    }

    private byte[] Seal(ReadOnlySpan<byte> salt, string kind, string content) =>
        HMACSHA256.HashData(_key, (byte[])[.. salt, .. Encoding.UTF8.GetBytes($"{kind}\n{content}")]);
}
