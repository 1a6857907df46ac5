namespace Fairlead.Catalog.Snapshot;

/// <summary>What a slug does that stands for no model of its own but chooses one, or answers by itself (routing §8).</summary>
public enum RouterKind : byte
{
    /// <summary>An ordinary model.</summary>
    None,
    /// <summary><c>openrouter/auto</c>: chooses by what the prompt asks for.</summary>
    Auto,
    /// <summary><c>openrouter/free</c>: draws one of the free models.</summary>
    Free,
    /// <summary><c>openrouter/bodybuilder</c>: answers with requests to send.</summary>
    BodyBuilder,
    /// <summary>A router of the contract that this gateway does not have.</summary>
    NotOffered,
}

/// <summary>The slugs of routers.</summary>
public static class RouterSlugs
{
    /// <summary>Chooses by what the prompt asks for.</summary>
    public const string Auto = "openrouter/auto";
    /// <summary>Draws one of the free models.</summary>
    public const string Free = "openrouter/free";
    /// <summary>Answers with requests to send.</summary>
    public const string BodyBuilder = "openrouter/bodybuilder";

    /// <summary>The router of a slug.</summary>
    public static RouterKind KindOf(string slug) => slug.ToLowerInvariant() switch
    {
        Auto => RouterKind.Auto,
        Free => RouterKind.Free,
        BodyBuilder => RouterKind.BodyBuilder,
        "openrouter/auto-beta" or "openrouter/pareto-code" or "openrouter/fusion" or "openrouter/fusion-flash" => RouterKind.NotOffered,
        _ => RouterKind.None,
    };
}
