namespace Fairlead.Inference.Route;

/// <summary>How the length of a prompt counts when endpoints are chosen (routing R-44).</summary>
internal enum PromptFit : byte
{
    /// <summary>All of it must fit.</summary>
    Whole,
    /// <summary>Where it fits nowhere, endpoints with small windows get it shortened.</summary>
    ShortenedIfSmall,
    /// <summary>Every endpoint gets it shortened where need be.</summary>
    Shortened,
}
