using System.Globalization;
using System.Text.Json;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Says where and why a body is no JSON, without repeating any of it.</summary>
internal static class BrokenJson
{
    /// <summary>The 400 for what the reader threw on <paramref name="body"/>.</summary>
    public static GatewayError Describe(ReadOnlySpan<byte> body, JsonException broken)
    {
        var line = broken.LineNumber ?? 0;
        var column = broken.BytePositionInLine ?? 0;
        return GatewayError.Invalid(string.Create(
            CultureInfo.InvariantCulture, $"The body is not valid JSON: {Reason(body, line, column)} (line {line + 1}, byte {column + 1})."));
    }

    private static string Reason(ReadOnlySpan<byte> body, long line, long column)
    {
        var offset = LineStart(body, line) + column;
        if (offset >= body.Length)
            return "it ends too early";
        return Depth(body[..(int)offset]) >= RequestCursor.DeepestNesting
            ? $"it is nested deeper than {RequestCursor.DeepestNesting} levels"
            : "something else was expected here";
    }

    private static long LineStart(ReadOnlySpan<byte> body, long line)
    {
        var start = 0;
        for (; line > 0; line--)
        {
            var end = body[start..].IndexOf((byte)'\n');
            if (end < 0)
                return body.Length;
            start += end + 1;
        }

        return start;
    }

    /// <summary>How deep the readable beginning of a body goes at its end.</summary>
    private static int Depth(ReadOnlySpan<byte> beginning)
    {
        var reader = new Utf8JsonReader(beginning, isFinalBlock: false, new JsonReaderState(RequestCursor.Options));
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            // The fault is what we were called for; how deep it lies is all that is asked here.
        }

        // The reader counts an object or array only from its first token on.
        return reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
    }
}
