using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Relay;

/// <summary>
/// What there is to say about the JSON Schemas of a request once it is answered: what was changed of them for the provider, and whether the answer fits the
/// caller's own. Told in <c>openrouter_metadata</c> and nowhere kept: names of properties are the caller's words.
/// </summary>
/// <param name="Changes">The changes, for callers who asked for metadata.</param>
/// <param name="IsChecked">The answer was held against the caller's schema.</param>
/// <param name="Fault">Where it does not fit; null where it does, or was not checked.</param>
internal sealed record SchemaReview(IReadOnlyList<SchemaChange> Changes, bool IsChecked, string? Fault)
{
    /// <summary>Of a whole answer as the caller shall have it; null where there is nothing to say.</summary>
    public static SchemaReview? Of(CanonicalRequest request, AnswerReading reading, ReadOnlyMemory<byte> body, SchemaReport? report)
    {
        var isAsked = StructuredAnswerReview.IsAsked(request);
        return isAsked || report is not null ? Of(request, reading.Finish, isAsked ? StructuredAnswerReview.TextOf(reading, body) : null, report) : null;
    }

    /// <summary>Of the text of an answer; null: it is not checked. So is one that did not come to its end, has none, or went on with calls.</summary>
    public static SchemaReview Of(CanonicalRequest request, FinishReason finish, string? text, SchemaReport? report)
    {
        var isChecked = finish == FinishReason.Stop && !string.IsNullOrEmpty(text);
        return new SchemaReview(report?.Changes ?? [], isChecked, isChecked ? StructuredAnswerReview.FirstFault(request.ResponseFormat, text!) : null);
    }

    /// <summary>Something was changed, or is wrong.</summary>
    public bool IsTold => Changes.Count > 0 || Fault is not null;

    /// <summary>Writes the stage of <c>openrouter_metadata.pipeline</c>, an object.</summary>
    public void WriteStage(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "plugin"u8);
        json.WriteString("name"u8, "json-schema"u8);
        json.WriteString("summary"u8, Summary());
        json.WriteStartObject("data"u8);
        if (IsChecked)
            json.WriteBoolean("valid"u8, Fault is null);
        if (Fault is not null)
            json.WriteString("fault"u8, Fault);
        json.WriteStartArray("changes"u8);
        foreach (var change in Changes)
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, change.Schema);
            json.WriteString("path"u8, change.Path);
            json.WriteString("keyword"u8, change.Keyword);
            json.WriteString("change"u8, Word(change.Kind));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private string Summary()
    {
        var changed = Changes.Count switch { 0 => null, 1 => "A schema was changed for the provider.", _ => $"Schemas were changed for the provider in {Changes.Count} places." };
        return string.Join(' ', new[] { changed, Fault is null ? null : "The answer does not fit the schema." }.OfType<string>());
    }

    private static string Word(SchemaChangeKind kind) => kind switch
    {
        SchemaChangeKind.Dropped => "dropped",
        SchemaChangeKind.Described => "described",
        SchemaChangeKind.Widened => "widened",
        SchemaChangeKind.Narrowed => "narrowed",
        SchemaChangeKind.Closed => "closed",
        SchemaChangeKind.Cut => "cut",
        _ => "not_enforced",
    };
}
