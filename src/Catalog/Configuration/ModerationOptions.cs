using System.Text.RegularExpressions;

namespace Fairlead.Catalog.Configuration;

/// <summary><c>inference.moderation</c>: who judges what callers send. Nothing is set up by default, and then nothing is judged.</summary>
public sealed record ModerationOptions
{
    /// <summary>Nothing set up.</summary>
    public static ModerationOptions Default { get; } = new();

    /// <summary><c>service</c>: one that speaks OpenAI's <c>POST /moderations</c>, asked where it has an address.</summary>
    public OutsideService Service { get; init; } = new();
    /// <summary><c>model</c>: which of the service's models judges.</summary>
    public string Model { get; init; } = "omni-moderation-latest";
    /// <summary><c>images</c>: the service judges images too. Default: whether the model is one of OpenAI's that do, by its name.</summary>
    public bool? Images { get; init; }
    /// <summary><c>rules</c>: patterns that are looked for on this machine, before the service is asked.</summary>
    public IReadOnlyList<ModerationRule> Rules { get; init; } = [];

    /// <summary>Images are shown to the service.</summary>
    public bool JudgesImages => Service.BaseUrl is not null && (Images ?? Model.StartsWith("omni-moderation", StringComparison.Ordinal));

    /// <summary>Something is set up.</summary>
    public bool IsSetUp => Service.BaseUrl is not null || Rules.Count > 0;

    /// <summary>The same with the key that the environment holds.</summary>
    internal ModerationOptions WithKeys(Func<string, string?> environment) => this with { Service = Service.WithKey(environment) };
}

/// <summary>A pattern that is not to be sent.</summary>
/// <param name="Reason">What the caller is told.</param>
/// <param name="Pattern">Linear in the text, whatever the text is: without look-around and back references.</param>
public sealed record ModerationRule(string Reason, Regex Pattern);
