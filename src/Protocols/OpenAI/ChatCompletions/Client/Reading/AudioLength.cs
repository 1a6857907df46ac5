namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// How long a base64 clip probably plays. Only the hold and the context filter use it, so it leans to the long side: each format is taken at
/// the lowest rate that is common for speech. A WAV header that names its own rate is believed.
/// </summary>
internal static class AudioLength
{
    /// <summary>Whole seconds, at least 1.</summary>
    public static int EstimateSeconds(ReadOnlySpan<byte> base64, string format)
    {
        var bytes = base64.Length / 4 * 3L;
        var rate = format == "wav" && TryReadWavRate(base64, out var declared) ? declared : BytesPerSecond(format);
        return (int)Math.Clamp((bytes + rate - 1) / rate, 1, int.MaxValue);
    }

    private static int BytesPerSecond(string format) => format switch
    {
        // 16 kHz, 16 bits, one channel
        "wav" or "aiff" => 32_000,
        // 24 kHz, one channel: what realtime audio interfaces use
        "pcm16" => 48_000,
        "pcm24" => 72_000,
        // about half of 16 kHz, 16 bits
        "flac" => 16_000,
        // 64 kbit/s: mp3, aac, ogg, m4a
        _ => 8_000,
    };

    /// <summary>Bytes 28–31 of a canonical RIFF header: average bytes per second.</summary>
    private static bool TryReadWavRate(ReadOnlySpan<byte> base64, out int rate)
    {
        rate = 0;
        Span<byte> header = stackalloc byte[33];
        if (base64.Length < 44
            || System.Buffers.Text.Base64.DecodeFromUtf8(base64[..44], header, out _, out _, isFinalBlock: false) != System.Buffers.OperationStatus.Done
            || !header.StartsWith("RIFF"u8) || !header[8..].StartsWith("WAVEfmt "u8))
            return false;
        rate = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(header[28..]);
        return rate >= 1_000;
    }
}
