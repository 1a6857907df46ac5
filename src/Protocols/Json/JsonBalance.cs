namespace Fairlead.Protocols.Json;

/// <summary>Tells, piece by piece, whether a JSON object or array is whole: every bracket that opened has closed. Nothing else of it is checked.</summary>
internal struct JsonBalance
{
    private int depth;
    private bool begun;
    private bool inString;
    private bool escaped;

    /// <summary>Something opened, and all that opened has closed.</summary>
    public readonly bool IsWhole => begun && depth <= 0;

    /// <summary>Takes the next piece in; it may end anywhere.</summary>
    public void Add(ReadOnlySpan<char> piece)
    {
        foreach (var c in piece)
        {
            if (escaped)
                escaped = false;
            else if (c == '"')
                inString = !inString;
            else if (inString)
                escaped = c == '\\';
            else if (c is '{' or '[')
                (begun, depth) = (true, depth + 1);
            else if (c is '}' or ']')
                depth--;
        }
    }
}
