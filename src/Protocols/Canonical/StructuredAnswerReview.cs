using System.Text;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Canonical;

/// <summary>Whether an answer is what the caller's own schema asks for, whatever the provider was told of it.</summary>
public static class StructuredAnswerReview
{
    /// <summary>The caller wants to be sure: <c>strict: true</c> with a schema.</summary>
    public static bool IsAsked(CanonicalRequest request) => request.ResponseFormat is { Strict: true, Schema: not null };

    /// <summary>The text of a whole answer's first choice; empty where it has none.</summary>
    /// <param name="reading">The answer.</param>
    /// <param name="body">What it was read from.</param>
    public static string TextOf(AnswerReading reading, ReadOnlyMemory<byte> body) =>
        string.Concat(reading.EventsOf(body).OfType<TextDelta>().Select(static delta => delta.Text));

    /// <summary>What is wrong with an answer, beginning with its place; null when it fits, or no schema was asked for.</summary>
    public static string? FirstFault(ResponseFormat? format, string text)
    {
        if (format?.Schema is not { } schema)
            return null;
        using var answer = JsonReading.TryParse(Encoding.UTF8.GetBytes(text));
        return answer is null ? "the answer is not JSON" : SchemaCheck.FirstFault(schema, answer.RootElement);
    }
}
