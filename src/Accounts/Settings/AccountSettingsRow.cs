using System.Text.Json;

namespace Fairlead.Accounts.Settings;

/// <summary>A row of <c>account_settings</c> as the database gives it.</summary>
internal sealed class AccountSettingsRow : IRevisedRow
{
    public const string Columns =
        """
        account_id AS AccountId, rpm, tpm, concurrency, default_model AS DefaultModel, default_provider_sort AS DefaultProviderSort,
        allowed_providers AS AllowedProviders, ignored_providers AS IgnoredProviders, allow_paid_training AS AllowPaidTraining,
        allow_free_training AS AllowFreeTraining, zdr, plugins, revision
        """;

    public long AccountId { get; init; }
    public long? Rpm { get; init; }
    public long? Tpm { get; init; }
    public long? Concurrency { get; init; }
    public string? DefaultModel { get; init; }
    public string? DefaultProviderSort { get; init; }
    public string? AllowedProviders { get; init; }
    public string? IgnoredProviders { get; init; }
    public long? AllowPaidTraining { get; init; }
    public long? AllowFreeTraining { get; init; }
    public long? Zdr { get; init; }
    public string? Plugins { get; init; }
    public long Revision { get; init; }

    public AccountSettings ToSettings() => new()
    {
        Revision = Revision,
        RateLimits = new((int?)Rpm, Tpm, (int?)Concurrency),
        DefaultModel = DefaultModel,
        DefaultProviderSort = DefaultProviderSort,
        AllowedProviders = Names(AllowedProviders),
        IgnoredProviders = Names(IgnoredProviders),
        AllowPaidTraining = AllowPaidTraining != 0,
        AllowFreeTraining = AllowFreeTraining != 0,
        Zdr = Zdr is > 0,
        Plugins = Plugins is null ? [] : JsonSerializer.Deserialize(Plugins, AccountSettingsJson.Default.IReadOnlyListPluginSetting)!,
    };

    private static IReadOnlyList<string> Names(string? stored) =>
        stored is null ? [] : JsonSerializer.Deserialize(stored, AccountSettingsJson.Default.IReadOnlyListString)!;
}
