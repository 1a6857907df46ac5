namespace Fairlead.Protocols.Errors.Classification;

/// <summary>
/// One row of what providers say when they refuse: if the status fits and the code equals, or the message holds every fragment, the failure is of
/// this kind. Rows are tried in order; see <see cref="ErrorSignals"/>.
/// </summary>
/// <param name="Source">Whose signal it is and where it is written down (section of the providers contract), for the reader of the table.</param>
/// <param name="Status">The HTTP status it comes with; 0 for any, 4 for any 4xx, 200 for an error inside a 200 only.</param>
/// <param name="Code">The provider's own code or type, lower case; null when the message decides.</param>
/// <param name="Fragments">Parts the message must hold, lower case, separated by <c>|</c>; null when the code decides.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Retry">What may be tried next.</param>
/// <param name="Unless">Parts of which the message must hold none, lower case, separated by <c>|</c>; null when there are none.</param>
internal sealed record ErrorSignal(string Source, int Status, string? Code, string? Fragments, ErrorKind Kind, RetryClass Retry, string? Unless = null)
{
    private readonly string[] fragments = Fragments?.Split('|') ?? [];
    private readonly string[] unless = Unless?.Split('|') ?? [];

    /// <summary>Whether a failure carries this signal.</summary>
    /// <param name="status">HTTP status; 0 for an error inside a 200.</param>
    /// <param name="error">What the body said.</param>
    public bool Matches(int status, ErrorBody error)
    {
        var statusFits = Status switch
        {
            0 => true,
            4 => status == 0 || status is >= 400 and < 500,
            200 => status == 0,
            _ => status == 0 || status == Status,
        };
        if (!statusFits)
            return false;
        if (Code is not null)
            return Same(error.Code) || Same(error.Type);
        foreach (var fragment in fragments)
        {
            if (!error.Message.Contains(fragment, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        foreach (var fragment in unless)
        {
            if (error.Message.Contains(fragment, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return fragments.Length > 0;
    }

    private bool Same(string? said) => string.Equals(said, Code, StringComparison.OrdinalIgnoreCase);
}
