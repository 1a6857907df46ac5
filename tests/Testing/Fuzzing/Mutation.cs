using System.Text;

namespace Fairlead.Testing.Fuzzing;

/// <summary>Small damage to good input: bytes, cuts, repetitions, pieces that parsers trip over, parts of other samples, whole JSON values for others.</summary>
public static class Mutation
{
    private static readonly byte[][] Pieces = [.. new[]
    {
        "null", "true", "-1", "1e999", "0.5", "-0", "9223372036854775808", "-9223372036854775808", "9999999999999999999999", "\"\"", "\"\\ud800\"", "\\ud83d", "\"\\u0000\"", "\"\\q\"", "[]", "{}", "[[[[", "}}",
        "\"a\":1,", ",", ":", "\\", "\"", "\uFEFF", "\n", "\n\n", "\r", "data:", "event: x\n", "é", "😀", "\"type\":\"text\",", "\"content\":null,", "\"index\":-1,", "\"index\":2147483648,", "```", "<", "&#x110000;",
    }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>One to four changes to one of <paramref name="samples"/>.</summary>
    public static byte[] Of(IReadOnlyList<byte[]> samples, Random random)
    {
        var bytes = samples[random.Next(samples.Count)];
        for (var changes = random.Next(1, 5); changes > 0; changes--)
            bytes = Once(bytes, samples, random);
        return bytes;
    }

    private static byte[] Once(byte[] bytes, IReadOnlyList<byte[]> samples, Random random)
    {
        if (bytes.Length == 0)
            return Pieces[random.Next(Pieces.Length)];
        var at = random.Next(bytes.Length);
        var end = Math.Min(bytes.Length, at + random.Next(40));
        var piece = Pieces[random.Next(Pieces.Length)];
        return random.Next(9) switch
        {
            0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..at], .. piece, .. bytes[at..]],
            3 => [.. bytes[..end], .. bytes[at..]],
            4 => [.. bytes[..at], .. piece, .. bytes[end..]],
            5 => bytes[..at],
            6 => [.. bytes[..at], .. Tail(samples[random.Next(samples.Count)], random)],
            // Valid JSON of the wrong shape is what readers of structure fail on.
            _ => WithAnotherValue(bytes, piece, random),
        };
    }

    private static byte[] Tail(byte[] sample, Random random) => sample[random.Next(sample.Length + 1)..];

    private static byte[] WithAnotherValue(byte[] json, byte[] value, Random random)
    {
        var colon = Array.IndexOf(json, (byte)':', random.Next(json.Length));
        if (colon < 0)
            return json;
        var end = json.AsSpan(colon).IndexOfAny(",}]"u8);
        return end < 0 ? json : [.. json[..(colon + 1)], .. value, .. json[(colon + end)..]];
    }
}
