using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Configuration;

/// <summary>One entry of <c>providers</c> as written: null is "not said", and a later layer overrides what it names.</summary>
internal sealed record ProviderEntry
{
    public required string Slug { get; init; }
    public required SourcePoint At { get; init; }
    public string? Name { get; set; }
    public UpstreamProtocol? Protocol { get; set; }
    public string? BaseUrl { get; set; }
    public SourcePoint BaseUrlAt { get; set; }
    public string? ApiKey { get; set; }
    public IReadOnlyList<string>? ApiKeyEnv { get; set; }
    public AuthScheme? Auth { get; set; }
    public AwsEntry? Aws { get; set; }
    public GoogleEntry? Google { get; set; }
    public AzureEntry? Azure { get; set; }
    public double? ConnectSeconds { get; set; }
    public double? FirstTokenSeconds { get; set; }
    public double? BetweenTokensSeconds { get; set; }
    public double? TotalSeconds { get; set; }
    public DataPolicyEntry? DataPolicy { get; set; }
    public string? Headquarters { get; set; }
    public IReadOnlyList<string>? Datacenters { get; set; }
    public string? PrivacyPolicyUrl { get; set; }
    public string? TermsOfServiceUrl { get; set; }
    public string? StatusPageUrl { get; set; }
    public bool? AllowPrivateNetwork { get; set; }
    public bool? KeyRequired { get; set; }
    public bool? CanAbort { get; set; }
    public bool? DiscoverModels { get; set; }
    /// <summary>No earlier layer knows this provider.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>This entry, with what <paramref name="later"/> says in its place.</summary>
    public ProviderEntry OverriddenBy(ProviderEntry later) => later with
    {
        Name = later.Name ?? Name,
        Protocol = later.Protocol ?? Protocol,
        BaseUrl = later.BaseUrl ?? BaseUrl,
        BaseUrlAt = later.BaseUrl is null ? BaseUrlAt : later.BaseUrlAt,
        // A key said in one way replaces a key said in the other.
        ApiKey = later.ApiKey ?? (later.ApiKeyEnv is null ? ApiKey : null),
        ApiKeyEnv = later.ApiKeyEnv ?? (later.ApiKey is null ? ApiKeyEnv : null),
        Auth = later.Auth ?? Auth,
        Aws = later.Aws ?? Aws,
        Google = later.Google ?? Google,
        Azure = later.Azure ?? Azure,
        ConnectSeconds = later.ConnectSeconds ?? ConnectSeconds,
        FirstTokenSeconds = later.FirstTokenSeconds ?? FirstTokenSeconds,
        BetweenTokensSeconds = later.BetweenTokensSeconds ?? BetweenTokensSeconds,
        TotalSeconds = later.TotalSeconds ?? TotalSeconds,
        DataPolicy = DataPolicy is null ? later.DataPolicy : DataPolicy.OverriddenBy(later.DataPolicy),
        Headquarters = later.Headquarters ?? Headquarters,
        Datacenters = later.Datacenters ?? Datacenters,
        PrivacyPolicyUrl = later.PrivacyPolicyUrl ?? PrivacyPolicyUrl,
        TermsOfServiceUrl = later.TermsOfServiceUrl ?? TermsOfServiceUrl,
        StatusPageUrl = later.StatusPageUrl ?? StatusPageUrl,
        AllowPrivateNetwork = later.AllowPrivateNetwork ?? AllowPrivateNetwork,
        KeyRequired = later.KeyRequired ?? KeyRequired,
        CanAbort = later.CanAbort ?? CanAbort,
        DiscoverModels = later.DiscoverModels ?? DiscoverModels,
        IsNew = IsNew && At.Document == later.At.Document,
    };

    // A record prints its members, and one of them is the key.
    public override string ToString() => $"provider {Slug}";
}

/// <summary>A <c>data_policy</c> object as written.</summary>
internal sealed record DataPolicyEntry(bool? Training, bool? RetainsPrompts, int? RetentionDays, bool? CanPublish)
{
    public DataPolicyEntry OverriddenBy(DataPolicyEntry? later) => later is null
        ? this
        : new(later.Training ?? Training, later.RetainsPrompts ?? RetainsPrompts, later.RetentionDays ?? RetentionDays, later.CanPublish ?? CanPublish);

    /// <summary>The policy, members not said here taken from <paramref name="otherwise"/>.</summary>
    public DataPolicy Over(DataPolicy? otherwise) => new(
        Training ?? otherwise?.Training, RetainsPrompts ?? otherwise?.RetainsPrompts, RetentionDays ?? otherwise?.RetentionDays, CanPublish ?? otherwise?.CanPublish);
}
