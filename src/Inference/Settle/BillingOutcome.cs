namespace Fairlead.Inference.Settle;

/// <summary>How a request ended, as far as paying for it goes: a row of the <see cref="BillingMatrix"/>.</summary>
internal enum BillingOutcome
{
    /// <summary>The answer came to its end.</summary>
    Complete,
    /// <summary>The credits covered no more of a stream: it was ended for the caller.</summary>
    CutShort,
    /// <summary>No completion token and no finish reason.</summary>
    Empty,
    /// <summary>The provider failed after the first event, or named an error as its finish.</summary>
    Broken,
    /// <summary>The caller left after the first event, or while a whole answer was awaited.</summary>
    CallerLeft,
    /// <summary>The caller left, and no endpoint had answered or did after that.</summary>
    CallerLeftEarly,
    /// <summary>Every attempt failed.</summary>
    Unanswered,
    /// <summary>An attempt failed and a later one answered: about the failed one.</summary>
    FailedAttempt,
    /// <summary>Refused before anything was sent: credits, limits, moderation, a mistake in the request.</summary>
    Refused,
    /// <summary>The gateway died; the next start finds the request in its list.</summary>
    Killed,
}
