using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fairlead.Simulator.Embeddings;

/// <summary>
/// Vectors that follow from the seed and the text alone: the sum of a direction for each word, of length one. Texts that share words are near each other,
/// so that a search over them finds something.
/// </summary>
internal static class Vectors
{
    public const int DefaultLength = 256;
    public const int MostLength = 4096;

    public static float[] Of(int seed, string text, int length)
    {
        var sum = new double[length];
        var words = text.ToLowerInvariant().Split([' ', '\t', '\n', '\r', '.', ',', ';', ':', '!', '?', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words.Length == 0 ? [text] : words)
        {
            var state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{word}"))) | 1;
            for (var i = 0; i < length; i++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                sum[i] += ((state >> 11) * (1.0 / (1UL << 53))) - 0.5;
            }
        }

        var norm = Math.Sqrt(sum.Sum(static x => x * x));
        return [.. sum.Select(x => (float)(x / norm))];
    }

    public static void Write(Utf8JsonWriter w, float[] vector)
    {
        w.WriteStartArray();
        foreach (var value in vector)
        {
            w.WriteNumberValue(value);
        }

        w.WriteEndArray();
    }

    public static void WriteBase64(Utf8JsonWriter w, float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        w.WriteBase64StringValue(bytes);
    }
}
