namespace Fairlead.Protocols.Canonical;

/// <summary>Why an answer ended, normalised (inference contract §4.2). The provider's own word travels beside it.</summary>
public enum FinishReason
{
    /// <summary>Not ended yet, or never said.</summary>
    None = 0,
    /// <summary><c>stop</c></summary>
    Stop,
    /// <summary><c>length</c></summary>
    Length,
    /// <summary><c>tool_calls</c></summary>
    ToolCalls,
    /// <summary><c>content_filter</c></summary>
    ContentFilter,
    /// <summary><c>error</c></summary>
    Error,
}
