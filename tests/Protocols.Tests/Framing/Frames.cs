using System.Text;
using Fairlead.Protocols.Framing;

namespace Fairlead.Protocols.Tests.Framing;

/// <summary>Feeds a reader bytes cut in pieces and collects what comes out.</summary>
internal static class Frames
{
    /// <summary>The frames of <paramref name="stream"/>, as <c>name|data</c>, read in pieces of <paramref name="size"/> bytes.</summary>
    public static List<string> Read(FrameReader reader, ReadOnlySpan<byte> stream, int size)
    {
        var seen = new List<string>();
        while (!stream.IsEmpty)
        {
            var piece = stream[..Math.Min(size, stream.Length)];
            stream = stream[piece.Length..];
            piece.CopyTo(reader.GetMemory(piece.Length).Span);
            reader.Advance(piece.Length);
            Take(reader, seen);
        }

        reader.Complete();
        Take(reader, seen);
        return seen;
    }

    private static void Take(FrameReader reader, List<string> seen)
    {
        while (reader.TryRead(out var frame))
            seen.Add($"{Encoding.UTF8.GetString(frame.Name)}|{Encoding.UTF8.GetString(frame.Data)}");
    }
}
