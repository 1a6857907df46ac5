using System.Text.Json;

namespace Fairlead.Protocols.Json.Repair;

/// <summary>
/// How far a text is JSON: a place from which it can be read on, one value before the one that breaks it, and what is open there. Tolerant reading would have
/// come to that place with the same result, for what is JSON means the same to it.
/// </summary>
/// <param name="At">Behind a value or an opening bracket; 0 where reading must begin at the start.</param>
/// <param name="Depth">Containers that are open.</param>
/// <param name="Kinds">One bit for each, the innermost lowest; set for objects.</param>
/// <param name="Began">A value was read.</param>
internal readonly record struct ValidPrefix(int At, int Depth, UInt128 Kinds, bool Began)
{
    /// <summary>True when the text is JSON, however deep it is: what a caller's parser may accept is not ours to change.</summary>
    public static bool Parses(ReadOnlySpan<byte> utf8, out ValidPrefix prefix)
    {
        prefix = default;
        var last = default(ValidPrefix);
        var (depth, kinds, began) = (0, UInt128.Zero, false);
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = utf8.Length + 1 });
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        continue;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        depth++;
                        kinds = (kinds << 1) | (reader.TokenType == JsonTokenType.StartObject ? UInt128.One : UInt128.Zero);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        depth--;
                        kinds >>= 1;
                        began = true;
                        break;
                    default:
                        began = true;
                        break;
                }

                // Deeper than the bits reach is deeper than is read tolerantly.
                (prefix, last) = (last, depth is > 0 and <= JsonLimits.Depth ? new ValidPrefix((int)reader.BytesConsumed, depth, kinds, began) : default);
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
