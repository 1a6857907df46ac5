using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Fairlead.Simulator.Conversation;

/// <summary>What the simulated model draws: a PNG of one colour, small, in the proportions asked for.</summary>
internal static class Picture
{
    /// <summary>What a picture counts for, as Gemini reports it for one of 1024×1024.</summary>
    public const int Tokens = 1290;

    private const int LongerSide = 64;
    private const int Most = 4;

    /// <summary>The pictures a prompt asks for, as base64: one, or as many as "3 images" says.</summary>
    public static IReadOnlyList<string> Of(Prompt prompt)
    {
        if (!prompt.WantsImages)
        {
            return [];
        }

        var (width, height) = Size(prompt.AspectRatio);
        return [.. Enumerable.Range(0, Math.Min(Most, Model.ImagesAskedFor(prompt))).Select(n => Convert.ToBase64String(Draw(width, height, prompt.Stamp.Bytes($"picture/{n}"))))];
    }

    private static (int Width, int Height) Size(string? ratio)
    {
        var sides = (ratio ?? "1:1").Split(':');
        return sides.Length == 2 && Side(sides[0]) is { } width && Side(sides[1]) is { } height
            ? (LongerSide * width / Math.Max(width, height), LongerSide * height / Math.Max(width, height))
            : (LongerSide, LongerSide);
    }

    private static int? Side(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side is >= 1 and <= LongerSide ? side : null;

    private static byte[] Draw(int width, int height, byte[] colour)
    {
        var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        head[8] = 8; // bits a sample
        head[9] = 3; // a palette
        Chunk(png, "IHDR", head);
        Chunk(png, "PLTE", colour[..3]);
        var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(new byte[(width + 1) * height]); // each row a filter, then the palette's only colour
        }

        Chunk(png, "IDAT", pixels.ToArray());
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, string type, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(named));
        png.Write(number);
    }

    private static uint Checksum(byte[] bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) == 0 ? sum >> 1 : (sum >> 1) ^ 0xEDB88320;
            }
        }

        return ~sum;
    }
}
