namespace Fairlead.Protocols.Json;

/// <summary>White space between the tokens of JSON.</summary>
public static class JsonBlanks
{
    /// <summary>Copies <paramref name="json"/> without it; numbers, names and strings stay as written.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <param name="target">At least as long.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Remove(ReadOnlySpan<byte> json, Span<byte> target)
    {
        var length = 0;
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var b = json[i];
            if (inString)
            {
                target[length++] = b;
                if (b == '\\' && i + 1 < json.Length)
                    target[length++] = json[++i];
                else if (b == '"')
                    inString = false;
            }
            else if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                target[length++] = b;
                inString = b == '"';
            }
        }

        return length;
    }
}
