using System.Text.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Looks for a member that an object has twice, in a body a parser refused for that.</summary>
internal static class RepeatedName
{
    /// <summary>Where the second of two equal names starts; −1 when there is none. Throws <see cref="JsonException"/> where the body is no JSON.</summary>
    public static long Find(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, RequestCursor.Options);
        var names = new Stack<HashSet<string>>();
        var repeated = -1L;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    names.Pop();
                    break;
                case JsonTokenType.PropertyName when repeated < 0 && !names.Peek().Add(reader.GetString()!):
                    repeated = reader.TokenStartIndex;
                    break;
            }
        }

        return repeated;
    }
}
