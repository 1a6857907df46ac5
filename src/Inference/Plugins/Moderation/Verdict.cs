using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.Moderation;

/// <summary>What was found in a request.</summary>
/// <param name="Flagged">What must not be sent; null where nothing was found.</param>
/// <param name="Trouble">Why the service could not judge, as a sentence; null where it did or was not asked.</param>
internal sealed record Verdict(FlaggedInput? Flagged, string? Trouble = null)
{
    public static Verdict Clean { get; } = new(Flagged: null);
}
