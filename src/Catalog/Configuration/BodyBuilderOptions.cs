namespace Fairlead.Catalog.Configuration;

/// <summary><c>inference.body_builder</c>: the model that writes the answers of <c>openrouter/bodybuilder</c> (R-29). It is asked at the operator's expense.</summary>
public sealed record BodyBuilderOptions
{
    /// <summary>Everything at its default.</summary>
    public static BodyBuilderOptions Default { get; } = new();

    /// <summary><c>model</c>: its slug. Default none: the answers are written by rules.</summary>
    public string? Model { get; init; }

    /// <summary><c>timeout_s</c>: how long it may take, all tries together. Default 20 seconds, 1 to 120. Then the rules write the answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
