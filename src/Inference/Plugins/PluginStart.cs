using Fairlead.Accounts.Settings;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins;

/// <summary>What a plugin decides from.</summary>
internal readonly struct PluginStart
{
    public required InferenceContext Context { get; init; }

    public required CanonicalRequest Request { get; init; }

    /// <summary>The models that may answer, at least one.</summary>
    public required IReadOnlyList<RequestedModel> Models { get; init; }

    public required AccountSettings Account { get; init; }

    /// <summary>What the request and its account say about the plugin, merged.</summary>
    public required PluginChoice Choice { get; init; }
}
