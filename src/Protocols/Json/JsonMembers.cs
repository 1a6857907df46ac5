using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>
/// Walks the members of one JSON object, giving name and value as they stand in the source. Values are stepped over, not read; ask for a walk
/// over one to go deeper. The source must have been checked (<see cref="JsonCheck"/>).
/// </summary>
internal ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> json;
    private int at;

    /// <summary>Starts a walk over <paramref name="json"/>. Anything but an object has no members.</summary>
    public JsonMembers(ReadOnlySpan<byte> json)
    {
        this.json = json;
        at = JsonScan.SkipBlank(json, 0);
        IsObject = at < json.Length && json[at] == (byte)'{';
        at++;
    }

    /// <summary>The source is an object.</summary>
    public bool IsObject { get; }

    /// <summary>The kind of the member's value: its first token.</summary>
    public readonly JsonTokenType Kind => Value[0] switch
    {
        (byte)'"' => JsonTokenType.String,
        (byte)'{' => JsonTokenType.StartObject,
        (byte)'[' => JsonTokenType.StartArray,
        (byte)'n' => JsonTokenType.Null,
        (byte)'t' => JsonTokenType.True,
        (byte)'f' => JsonTokenType.False,
        _ => JsonTokenType.Number,
    };

    /// <summary>The member's name as in the source, without quotes. An escaped name is never one of ours: a look-alike is an unknown member.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The member's value as in the source; never empty.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value, empty when it is <c>null</c>.</summary>
    public readonly ReadOnlySpan<byte> ValueOrNothing => Value[0] == (byte)'n' ? default : Value;

    /// <summary>The inside of a string value, still escaped.</summary>
    public readonly ReadOnlySpan<byte> Inside => Value[1..^1];

    /// <summary>Steps to the next member.</summary>
    public bool Next()
    {
        if (!IsObject)
            return false;
        at = JsonScan.SkipBlank(json, at);
        if (at < json.Length && json[at] == (byte)',')
            at = JsonScan.SkipBlank(json, at + 1);
        if (at >= json.Length || json[at] != (byte)'"')
            return false;
        var from = at + 1;
        at = JsonScan.EndOfString(json, at);
        Name = json[from..(at - 1)];
        at = JsonScan.SkipBlank(json, at);
        from = JsonScan.SkipBlank(json, at + 1);
        at = JsonScan.EndOfValue(json, from);
        Value = json[from..at];
        return !Value.IsEmpty;
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
