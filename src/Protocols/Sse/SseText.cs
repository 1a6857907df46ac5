using System.Buffers;

namespace Fairlead.Protocols.Sse;

/// <summary>Writes what stands in events.</summary>
internal static class SseText
{
    /// <summary>JSON whose lines, between tokens, mean nothing: an event's data may have come in several.</summary>
    public static void WriteOnOneLine(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        while (json.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var at)
        {
            output.Write(json[..at]);
            json = json[(at + 1)..];
        }

        output.Write(json);
    }
}
