using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// What nearly every event of a stream is: one piece of text or thought, and the counts so far. It is read in one pass over its bytes; an event that holds
/// anything else that means something is none of these, and is read as a document.
/// </summary>
internal ref struct GeminiTokenEvent
{
    /// <summary>The inside of the text as it stands in the source; empty without one.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>The text is a thought.</summary>
    public bool IsThought { get; private set; }

    /// <summary>The counts so far; null where the event holds none.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>Reads <paramref name="data"/>; false when it is another event, or no JSON.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out GeminiTokenEvent token)
    {
        var read = default(GeminiTokenEvent);
        var isToken = false;
        try
        {
            var reader = new Utf8JsonReader(data, JsonLimits.Reader);
            // The last step fails where something stands behind the object.
            isToken = reader.Read() && reader.TokenType == JsonTokenType.StartObject && read.TryReadResponse(ref reader) && !reader.Read();
        }
        catch (JsonException)
        {
            // The reader of documents says so.
        }

        token = read;
        return isToken;
    }

    // In all of these: of a member said twice the last counts, so what the first said is dropped when it is met again.
    private bool TryReadResponse(scoped ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
                return false;
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("candidates"u8))
            {
                if (!TryReadCandidates(ref reader))
                    return false;
            }
            else if (name.SequenceEqual("usageMetadata"u8))
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                    return false;
                Usage = GeminiUsage.Read(ref reader);
            }
            else if (name.SequenceEqual("error"u8) || name.SequenceEqual("promptFeedback"u8))
            {
                return false;
            }
            else
            {
                reader.Skip();
            }
        }

        return true;
    }

    private bool TryReadCandidates(scoped ref Utf8JsonReader reader)
    {
        Text = default;
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.EndArray)
            return true;
        return reader.TokenType == JsonTokenType.StartObject && TryReadCandidate(ref reader) && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
    }

    private bool TryReadCandidate(scoped ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
                return false;
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("content"u8))
            {
                if (!TryReadContent(ref reader))
                    return false;
            }
            else if (name.SequenceEqual("index"u8))
            {
                if (reader.TokenType != JsonTokenType.Number || !reader.ValueSpan.SequenceEqual("0"u8))
                    return false;
            }
            else if (name.SequenceEqual("finishReason"u8) || name.SequenceEqual("groundingMetadata"u8))
            {
                return false;
            }
            else
            {
                reader.Skip();
            }
        }

        return true;
    }

    private bool TryReadContent(scoped ref Utf8JsonReader reader)
    {
        Text = default;
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped)
                return false;
            var isParts = reader.ValueSpan.SequenceEqual("parts"u8);
            reader.Read();
            if (!isParts)
                reader.Skip();
            else if (!TryReadParts(ref reader))
                return false;
        }

        return true;
    }

    private bool TryReadParts(scoped ref Utf8JsonReader reader)
    {
        Text = default;
        IsThought = false;
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.EndArray)
            return true;
        return reader.TokenType == JsonTokenType.StartObject && TryReadPart(ref reader) && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
    }

    private bool TryReadPart(scoped ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("text"u8) && reader.TokenType == JsonTokenType.String)
                Text = reader.ValueSpan;
            else if (name.SequenceEqual("thought"u8) && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                IsThought = reader.TokenType == JsonTokenType.True;
            else
                return false;
        }

        return true;
    }
}
