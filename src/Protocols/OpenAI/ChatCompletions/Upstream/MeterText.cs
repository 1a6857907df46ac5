using System.Buffers;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Feeds text as it stands in JSON to a meter, which counts plain text.</summary>
internal static class MeterText
{
    public static void Add(OutputMeter? meter, TextPiece text)
    {
        if (meter is null || text.IsEmpty)
            return;
        if (!text.IsEscaped || !text.Bytes.Contains((byte)'\\'))
        {
            meter.Add(text.Bytes);
            return;
        }
        byte[]? rented = null;
        Span<byte> plain = text.Bytes.Length <= 256 ? stackalloc byte[256] : rented = ArrayPool<byte>.Shared.Rent(text.Bytes.Length);
        meter.Add(plain[..JsonText.Unescape(text.Bytes, plain)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
