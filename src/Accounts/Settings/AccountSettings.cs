using Fairlead.Accounts.Limits;

namespace Fairlead.Accounts.Settings;

/// <summary>What an account decided about itself. Immutable; a change replaces it.</summary>
public sealed record AccountSettings
{
    /// <summary>Every setting at its default.</summary>
    public static AccountSettings Default { get; } = new();

    /// <summary>Used when a request names no model (I-10); null is the gateway's own default.</summary>
    public string? DefaultModel { get; init; }
    /// <summary>Orders endpoints when a request does not: <c>price</c>, <c>throughput</c>, <c>latency</c>, <c>exacto</c>; null is the default strategy.</summary>
    public string? DefaultProviderSort { get; init; }
    /// <summary>Only these providers or endpoint tags; empty allows all. A request can narrow it, not widen it (routing §4.2).</summary>
    public IReadOnlyList<string> AllowedProviders { get; init; } = [];
    /// <summary>Never these providers or endpoint tags.</summary>
    public IReadOnlyList<string> IgnoredProviders { get; init; } = [];
    /// <summary>Paid endpoints may train on prompts. Default true (P44).</summary>
    public bool AllowPaidTraining { get; init; } = true;
    /// <summary>Free endpoints may. Default true.</summary>
    public bool AllowFreeTraining { get; init; } = true;
    /// <summary>Only zero-data-retention endpoints; a request cannot loosen it. Default false.</summary>
    public bool Zdr { get; init; }
    /// <summary>Plugins for every request, each id once (routing §11.1).</summary>
    public IReadOnlyList<PluginSetting> Plugins { get; init; } = [];
    /// <summary>What all keys of the account together may do per minute and at once. Default: no limit.</summary>
    public RateLimits RateLimits { get; init; }
    /// <summary>Another one after every change; 0 before the first.</summary>
    public long Revision { get; init; }
}

/// <summary>What an account decided about one plugin (platform P43).</summary>
/// <param name="Id">Which.</param>
/// <param name="Enabled">Runs for requests that say nothing about it.</param>
/// <param name="PreventOverrides">Requests cannot change that; their own entry is passed over in silence.</param>
/// <param name="Options">Its options as a JSON object, for requests that leave them open.</param>
public sealed record PluginSetting(string Id, bool Enabled, bool PreventOverrides, string Options);
