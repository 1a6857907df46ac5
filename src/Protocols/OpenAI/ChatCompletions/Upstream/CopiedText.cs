namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Where the one varying text of an event was copied to, for <see cref="EventTemplate"/>. More than one text, or one that is not copied as it stands,
/// makes the event unfit.
/// </summary>
internal ref struct CopiedText
{
    private bool unfit;

    /// <summary>The inside of the source string.</summary>
    public ReadOnlySpan<byte> Source { get; private set; }

    /// <summary>Where its first copy begins in the output.</summary>
    public int FirstAt { get; private set; }

    /// <summary>Where its second copy begins; 0 when there is one only.</summary>
    public int SecondAt { get; private set; }

    /// <summary>Where the text is kept as well, because it is a piece of a call's arguments; null when it is not.</summary>
    public KeptCall? Kept { get; set; }

    /// <summary>There is exactly one text.</summary>
    public readonly bool IsFit => !unfit && !Source.IsEmpty;

    /// <summary>Notes a copy of <paramref name="source"/> that begins at <paramref name="at"/>.</summary>
    public void Add(ReadOnlySpan<byte> source, int at)
    {
        if (Source.IsEmpty)
        {
            Source = source;
            FirstAt = at;
        }
        else if (source == Source && SecondAt == 0)
        {
            SecondAt = at;
        }
        else
        {
            unfit = true;
        }
    }

    /// <summary>The event does more than carry one text.</summary>
    public void Refuse() => unfit = true;
}
