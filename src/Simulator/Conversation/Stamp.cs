using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Simulator.Conversation;

/// <summary>A source of values that follow from the seed and the request alone.</summary>
internal sealed class Stamp
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string HexDigits = "0123456789abcdef";

    private readonly byte[] _root;

    public Stamp(int seed, string scope, ReadOnlySpan<byte> request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(number, seed);
        hash.AppendData(number);
        hash.AppendData(Encoding.UTF8.GetBytes(scope));
        hash.AppendData(request);
        _root = hash.GetHashAndReset();
    }

    /// <summary><paramref name="count"/> letters and digits, different for each <paramref name="label"/>.</summary>
    public string Letters(string label, int count) => Draw(label, count, Alphabet);

    public string Hex(string label, int count) => Draw(label, count, HexDigits);

    /// <summary>A number from 0 to below <paramref name="bound"/>.</summary>
    public int Pick(string label, int bound) => (int)(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(label)) % (uint)bound);

    public byte[] Bytes(string label) => HMACSHA256.HashData(_root, Encoding.UTF8.GetBytes(label));

    private string Draw(string label, int count, string alphabet)
    {
        var text = new StringBuilder(count);
        for (var block = 0; text.Length < count; block++)
        {
            foreach (var b in Bytes($"{label}/{block}"))
            {
                if (text.Length < count)
                {
                    text.Append(alphabet[b % alphabet.Length]);
                }
            }
        }

        return text.ToString();
    }
}
