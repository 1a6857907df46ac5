namespace Fairlead.Protocols.Canonical;

/// <summary>What plugins change of an answer on its way to the caller. Asked once for each choice.</summary>
public interface IAnswerAmender
{
    /// <summary>The text of a whole answer's choice as the caller shall have it; the same instance where it stays. Streams are not asked.</summary>
    string Rewrite(string text, FinishReason finish);

    /// <summary>What is to be noted about the text of a choice, in order: <see cref="UrlCitation"/> and <see cref="FileParsed"/>.</summary>
    IReadOnlyList<AnswerEvent> Annotate(string text);
}
