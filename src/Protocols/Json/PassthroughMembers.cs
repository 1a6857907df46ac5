using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>Top-level members of the caller's body that an endpoint lets pass although this version does not know them (I-02).</summary>
internal static class PassthroughMembers
{
    /// <summary>Copies the named members of <paramref name="body"/>, byte for byte, into the object <paramref name="writer"/> has open.</summary>
    public static void Copy(ReadOnlySpan<byte> body, IReadOnlyList<string> names, Utf8JsonWriter writer)
    {
        if (names.Count == 0)
            return;
        foreach (var name in names)
        {
            if (!TryFind(body, name, out var value))
                continue;
            writer.WritePropertyName(name);
            writer.WriteRawValue(value, skipInputValidation: true);
        }
    }

    /// <summary>Finds one top-level member of a body; the bytes are its JSON value.</summary>
    public static bool TryFind(ReadOnlySpan<byte> body, string name, out ReadOnlySpan<byte> value)
    {
        value = default;
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = JsonReading.MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = reader.ValueTextEquals(name);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (!wanted)
                    continue;
                value = body[start..(int)reader.BytesConsumed];
                return true;
            }
            return false;
        }
        catch (JsonException)
        {
            return false; // the client dialect already refused such bodies; nothing to copy here
        }
    }
}
