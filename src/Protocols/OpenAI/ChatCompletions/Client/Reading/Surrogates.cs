namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// Finds <c>\ud800</c>-like escapes without their other half. They are legal JSON but no text: providers refuse them or replace them, and
/// the base library throws where it unescapes them.
/// </summary>
internal static class Surrogates
{
    /// <summary>The offset of the first lone surrogate, or −1. Wrong escapes are left to the JSON reader.</summary>
    public static int FindLone(ReadOnlySpan<byte> body)
    {
        for (var at = body.IndexOf((byte)'\\'); at >= 0 && at + 1 < body.Length;)
        {
            var next = at + 2;
            if (body[at + 1] == 'u' && TryReadUnit(body, at, out var unit))
            {
                next = at + 6;
                if (char.IsLowSurrogate(unit))
                    return at;
                if (char.IsHighSurrogate(unit))
                {
                    if (!TryReadUnit(body, next, out var second) || !char.IsLowSurrogate(second))
                        return at;
                    next += 6;
                }
            }

            if (next >= body.Length)
                return -1;
            var step = body[next..].IndexOf((byte)'\\');
            if (step < 0)
                return -1;
            at = next + step;
        }

        return -1;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> body, int at, out char unit)
    {
        unit = default;
        if (at + 6 > body.Length || body[at] != '\\' || body[at + 1] != 'u')
            return false;
        var value = 0;
        for (var i = at + 2; i < at + 6; i++)
        {
            if (!char.IsAsciiHexDigit((char)body[i]))
                return false;
            value = (value << 4) | (body[i] <= '9' ? body[i] - '0' : (body[i] | 0x20) - 'a' + 10);
        }

        unit = (char)value;
        return true;
    }
}
