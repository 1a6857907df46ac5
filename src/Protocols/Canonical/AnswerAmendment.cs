namespace Fairlead.Protocols.Canonical;

/// <summary>Applies an <see cref="IAnswerAmender"/> to a whole answer, whatever dialect it came in.</summary>
public static class AnswerAmendment
{
    /// <summary>The answer and the body it is to be written from.</summary>
    public static (AnswerReading Reading, ReadOnlyMemory<byte> Body) Apply(AnswerReading reading, ReadOnlyMemory<byte> body, IAnswerAmender amender) =>
        reading.Events is { } events
            ? (reading with { Events = Amended(events, reading.Finish, amender) }, body)
            : (reading, OpenAI.ChatCompletions.Upstream.ChatAnswerAmendment.Apply(body, amender));

    private static List<AnswerEvent> Amended(IReadOnlyList<AnswerEvent> events, FinishReason finish, IAnswerAmender amender)
    {
        var text = string.Concat(events.OfType<TextDelta>().Select(static delta => delta.Text));
        var rewritten = text.Length == 0 ? text : amender.Rewrite(text, finish);
        var amended = new List<AnswerEvent>(events.Count);
        foreach (var e in events)
        {
            if (e is not TextDelta || ReferenceEquals(rewritten, text))
            {
                amended.Add(e);
            }
            else if (rewritten.Length > 0 && !amended.Exists(static earlier => earlier is TextDelta))
            {
                amended.Add(new TextDelta(rewritten));
            }
        }

        amended.AddRange(amender.Annotate(rewritten));
        return amended;
    }
}
