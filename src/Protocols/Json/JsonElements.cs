namespace Fairlead.Protocols.Json;

/// <summary>Walks the elements of one JSON array, giving each as it stands in the source, which must have been checked (<see cref="JsonCheck"/>).</summary>
internal ref struct JsonElements
{
    private readonly ReadOnlySpan<byte> json;
    private int at;

    /// <summary>Starts a walk over <paramref name="json"/>. Anything but an array has no elements.</summary>
    public JsonElements(ReadOnlySpan<byte> json)
    {
        this.json = json;
        at = JsonScan.SkipBlank(json, 0);
        IsArray = at < json.Length && json[at] == (byte)'[';
        at++;
    }

    /// <summary>The source is an array.</summary>
    public bool IsArray { get; }

    /// <summary>The element as in the source; never empty.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The number of elements of <paramref name="json"/>; 0 when it is no array.</summary>
    public static int Count(ReadOnlySpan<byte> json)
    {
        var count = 0;
        var elements = new JsonElements(json);
        while (elements.Next())
            count++;
        return count;
    }

    /// <summary>Steps to the next element.</summary>
    public bool Next()
    {
        if (!IsArray)
            return false;
        at = JsonScan.SkipBlank(json, at);
        if (at < json.Length && json[at] == (byte)',')
            at = JsonScan.SkipBlank(json, at + 1);
        if (at >= json.Length || json[at] == (byte)']')
            return false;
        var from = at;
        at = JsonScan.EndOfValue(json, from);
        Value = json[from..at];
        return !Value.IsEmpty;
    }
}
