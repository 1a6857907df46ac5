using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>
/// Walks the members of one JSON object, giving name and value as they stand in the source. Values are stepped over, not read; ask for a walk
/// over one to go deeper. Throws <see cref="JsonException"/> on malformed input: the dialect's border turns that into a value.
/// </summary>
internal ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> json;
    private Utf8JsonReader reader;

    /// <summary>Starts a walk over <paramref name="json"/>. Anything but an object has no members.</summary>
    public JsonMembers(ReadOnlySpan<byte> json)
    {
        this.json = json;
        reader = new Utf8JsonReader(json, JsonLimits.Reader);
        IsObject = !json.IsEmpty && reader.Read() && reader.TokenType == JsonTokenType.StartObject;
    }

    /// <summary>The source is an object.</summary>
    public bool IsObject { get; }

    /// <summary>The kind of the member's value: its first token.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>The member's name as in the source, without quotes; escapes are not resolved.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The member's value as in the source.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The inside of a string value, still escaped.</summary>
    public readonly ReadOnlySpan<byte> Inside => Value[1..^1];

    /// <summary>Steps to the next member.</summary>
    public bool Next()
    {
        if (!IsObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            return false;
        // An escaped name is never one of ours, and a look-alike is treated as unknown.
        Name = reader.ValueSpan;
        reader.Read();
        Kind = reader.TokenType;
        var from = (int)reader.TokenStartIndex;
        if (Kind is JsonTokenType.StartObject or JsonTokenType.StartArray)
            reader.Skip();
        Value = json[from..(int)reader.BytesConsumed];
        return true;
    }

    /// <summary>The value of a member of <paramref name="json"/>, empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var members = new JsonMembers(json);
        while (members.Next())
        {
            if (members.Name.SequenceEqual(name))
                return members.Value;
        }
        return default;
    }

    /// <summary>The inside of a string member, still escaped; empty when there is none or it is no string.</summary>
    public static ReadOnlySpan<byte> FindString(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        Find(json, name) is [(byte)'"', .. var inside, (byte)'"'] ? inside : default;
}
