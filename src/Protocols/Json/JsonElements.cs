using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>Walks the elements of one JSON array, giving each as it stands in the source. Throws as <see cref="JsonMembers"/> does.</summary>
internal ref struct JsonElements
{
    private readonly ReadOnlySpan<byte> json;
    private Utf8JsonReader reader;

    /// <summary>Starts a walk over <paramref name="json"/>. Anything but an array has no elements.</summary>
    public JsonElements(ReadOnlySpan<byte> json)
    {
        this.json = json;
        reader = new Utf8JsonReader(json, JsonLimits.Reader);
        IsArray = !json.IsEmpty && reader.Read() && reader.TokenType == JsonTokenType.StartArray;
    }

    /// <summary>The source is an array.</summary>
    public bool IsArray { get; }

    /// <summary>The element as in the source.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Steps to the next element.</summary>
    public bool Next()
    {
        if (!IsArray || !reader.Read() || reader.TokenType == JsonTokenType.EndArray)
            return false;
        var from = (int)reader.TokenStartIndex;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            reader.Skip();
        Value = json[from..(int)reader.BytesConsumed];
        return true;
    }
}
