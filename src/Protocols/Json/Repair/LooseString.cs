namespace Fairlead.Protocols.Json.Repair;

/// <summary>Writes the inside of a string that may break JSON's rules: raw line ends, quotes of the other kind, escapes that do not exist.</summary>
internal static class LooseString
{
    /// <summary>A member's name and its colon.</summary>
    public static void WriteName(ReadOnlySpan<byte> inside, ref JsonOutput output)
    {
        if (inside.IndexOfAny(JsonText.NeedsEscape) < 0)
        {
            output.Name(inside);
            return;
        }

        Write(inside, ref output);
        output.Frame(":"u8);
    }

    public static void Write(ReadOnlySpan<byte> inside, ref JsonOutput output)
    {
        output.OpenString();
        while (inside.IndexOf((byte)'\\') is var at and >= 0)
        {
            output.Text(inside[..at]);
            inside = inside[at..];
            var taken = WriteEscape(inside, ref output);
            inside = inside[taken..];
        }

        output.Text(inside);
        output.CloseString();
    }

    private static int WriteEscape(ReadOnlySpan<byte> inside, ref JsonOutput output)
    {
        // The text was cut within an escape.
        if (inside.Length == 1)
            return 1;
        switch (inside[1])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                output.Escaped(inside[..2]);
                return 2;
            case (byte)'u' when inside.Length >= 6 && IsHex(inside[2..6]):
                output.Escaped(inside[..6]);
                return 6;
            case (byte)'\'':
                output.Escaped("'"u8);
                return 2;
            default:
                // A path or a pattern: the backslash stands for itself, or (before a line end) for nothing.
                if (inside[1] != (byte)'\n')
                    output.Escaped("\\\\"u8);
                return 1;
        }
    }

    private static bool IsHex(ReadOnlySpan<byte> digits)
    {
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
        }

        return true;
    }
}
