using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Accounts.Settings;

namespace Fairlead.Console.Settings;

/// <summary>The answer of <c>/account/settings</c>.</summary>
internal sealed record AccountSettingsAnswer([property: JsonPropertyName("data")] AccountSettingsObject Data);

/// <summary>An account's settings; in a PATCH a member that is absent stays as it is, and null is the default.</summary>
internal sealed record AccountSettingsObject
{
    [JsonPropertyName("default_model"), Description("Used when a request names no model; null is the gateway's own default.")]
    public string? DefaultModel { get; init; }

    [JsonPropertyName("default_provider_sort"), Description("price, throughput, latency or exacto, for requests that ask for no order; null is the default strategy.")]
    public string? DefaultProviderSort { get; init; }

    [JsonPropertyName("allowed_providers"), Description("Only these providers or endpoint tags; empty allows all. Requests can narrow it, not widen it.")]
    public IReadOnlyList<string> AllowedProviders { get; init; } = [];

    [JsonPropertyName("ignored_providers"), Description("Never these providers or endpoint tags.")]
    public IReadOnlyList<string> IgnoredProviders { get; init; } = [];

    [JsonPropertyName("allow_paid_training"), Description("Paid endpoints may train on prompts. Default true.")]
    public bool? AllowPaidTraining { get; init; }

    [JsonPropertyName("allow_free_training"), Description("Free endpoints may train on prompts. Default true.")]
    public bool? AllowFreeTraining { get; init; }

    [JsonPropertyName("zdr"), Description("Only endpoints with zero data retention. Default false.")]
    public bool? Zdr { get; init; }

    [JsonPropertyName("plugins"), Description("Plugins for every request.")]
    public IReadOnlyList<PluginSettingObject> Plugins { get; init; } = [];

    [JsonPropertyName("rpm"), Description("Requests of all keys in any 60 seconds; null is no limit.")]
    public int? Rpm { get; init; }

    [JsonPropertyName("tpm"), Description("Tokens of the requests of all keys begun in any 60 seconds; null is no limit.")]
    public long? Tpm { get; init; }

    [JsonPropertyName("concurrency"), Description("Requests of all keys in flight; null is no limit.")]
    public int? Concurrency { get; init; }

    public static AccountSettingsObject Of(AccountSettings settings) => new()
    {
        DefaultModel = settings.DefaultModel,
        DefaultProviderSort = settings.DefaultProviderSort,
        AllowedProviders = settings.AllowedProviders,
        IgnoredProviders = settings.IgnoredProviders,
        AllowPaidTraining = settings.AllowPaidTraining,
        AllowFreeTraining = settings.AllowFreeTraining,
        Zdr = settings.Zdr,
        Plugins = [.. settings.Plugins.Select(PluginSettingObject.Of)],
        Rpm = settings.RateLimits.Rpm,
        Tpm = settings.RateLimits.Tpm,
        Concurrency = settings.RateLimits.Concurrency,
    };
}

/// <summary>One plugin of an account.</summary>
internal sealed record PluginSettingObject
{
    [JsonPropertyName("id"), Description("Which plugin.")]
    public required string Id { get; init; }

    [JsonPropertyName("enabled"), Description("Runs for requests that say nothing about it. Default true.")]
    public bool Enabled { get; init; } = true;

    [JsonPropertyName("prevent_overrides"), Description("Requests cannot change it. Default false.")]
    public bool PreventOverrides { get; init; }

    [JsonPropertyName("options"), Description("Its options, for requests that leave them open.")]
    public JsonElement? Options { get; init; }

    public static PluginSettingObject Of(PluginSetting setting) => new()
    {
        Id = setting.Id, Enabled = setting.Enabled, PreventOverrides = setting.PreventOverrides, Options = JsonElement.Parse(setting.Options),
    };
}
