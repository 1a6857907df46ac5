using System.Text.RegularExpressions;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Building;

/// <summary>Turns merged provider entries into providers: fills in the environment and decides who is live.</summary>
/// <param name="environment">Looks up an environment variable.</param>
/// <param name="shipped">The shipped catalog; null without it.</param>
/// <param name="named">Providers that some model of the configuration is served by.</param>
/// <param name="mistakes">Takes what is wrong.</param>
/// <param name="warnings">Takes what is worth a warning.</param>
internal sealed partial class ProviderBuilder(
    Func<string, string?> environment, ConfigurationDocument? shipped, IReadOnlySet<string> named, MistakeList mistakes, MistakeList warnings)
{
    private const double LoadingSeconds = 300;

    public Dictionary<string, Provider> Build(IEnumerable<ProviderEntry> entries) => entries.ToDictionary(e => e.Slug, Build, StringComparer.Ordinal);

    private Provider Build(ProviderEntry entry)
    {
        var operators = entry.At.Document != shipped;
        if (entry.Protocol is null)
            mistakes.Add(entry.At, "\"protocol\" is missing: the wire format the provider speaks, for example \"openai-chat\".");
        var (address, addressMissing) = Address(entry);
        var (key, keyMissing) = Key(entry);
        var (cloud, cloudMissing) = entry.Protocol switch
        {
            UpstreamProtocol.Bedrock => new CloudBuilder(environment).Amazon(entry, key),
            UpstreamProtocol.Vertex => new CloudBuilder(environment).Google(entry, key),
            _ => (null, keyMissing),
        };
        var notLive = addressMissing ?? cloudMissing;
        if (entry is { DiscoverModels: true, Protocol: not null } && !ModelServer.Knows(entry.Protocol))
            mistakes.Add(entry.At, "models can be read from servers that speak openai-chat or ollama only.", "discover_models");
        if (notLive is not null && operators)
            warnings.Add(entry.At, $"provider \"{entry.Slug}\" is not live: {notLive}");
        // P44: an address in the operator's own network neither trains nor retains unless said otherwise.
        var unsaid = entry.AllowPrivateNetwork == true ? new DataPolicy(false, false, 0, false) : null;
        return new()
        {
            Slug = entry.Slug,
            Name = entry.Name ?? entry.Slug,
            Protocol = entry.Protocol ?? UpstreamProtocol.Other,
            BaseUrl = address,
            ApiKey = key,
            Cloud = cloud,
            Azure = entry.Protocol == UpstreamProtocol.AzureOpenAI ? new AzureAccess(entry.Azure?.ApiVersion, entry.Azure?.Deployment) : null,
            Auth = key is null ? AuthScheme.None : entry.Auth ?? AuthScheme.Protocol,
            Live = notLive is null,
            NotLive = notLive,
            Timeouts = TimeoutsOf(entry),
            DataPolicy = entry.DataPolicy?.Over(unsaid) ?? unsaid,
            Headquarters = entry.Headquarters,
            Datacenters = entry.Datacenters,
            PrivacyPolicyUrl = entry.PrivacyPolicyUrl,
            TermsOfServiceUrl = entry.TermsOfServiceUrl,
            StatusPageUrl = entry.StatusPageUrl,
            AllowPrivateNetwork = entry.AllowPrivateNetwork ?? false,
            DiscoverModels = notLive is null && address is not null && ModelServer.Knows(entry.Protocol)
                && (entry.DiscoverModels ?? (operators && entry.AllowPrivateNetwork == true && !named.Contains(entry.Slug))),
            CanAbort = entry.CanAbort ?? entry.AllowPrivateNetwork ?? false,
        };
    }

    private static Timeouts TimeoutsOf(ProviderEntry entry)
    {
        // A model that has to be loaded first may take minutes.
        var usual = entry.Protocol == UpstreamProtocol.Ollama ? new Timeouts { FirstTokenSeconds = LoadingSeconds } : new Timeouts();
        return new()
        {
            ConnectSeconds = entry.ConnectSeconds ?? usual.ConnectSeconds,
            FirstTokenSeconds = entry.FirstTokenSeconds ?? usual.FirstTokenSeconds,
            NonStreamedSeconds = entry.FirstTokenSeconds ?? entry.TotalSeconds ?? usual.NonStreamedSeconds,
            BetweenTokensSeconds = entry.BetweenTokensSeconds ?? usual.BetweenTokensSeconds,
            TotalSeconds = entry.TotalSeconds ?? usual.TotalSeconds,
        };
    }

    private (string? Address, string? Missing) Address(ProviderEntry entry)
    {
        if (entry.BaseUrl is not { } template)
        {
            var refusedWhileReading = entry.BaseUrlAt.Document is not null;
            if (entry.IsNew && entry.At.Document != shipped && !refusedWhileReading)
                mistakes.Add(entry.At, "\"base_url\" is missing: the provider's address.");
            return (null, "no public address is known; give its \"base_url\" in a configuration file.");
        }

        if (entry.Protocol is UpstreamProtocol.Bedrock or UpstreamProtocol.Vertex && CloudRegions.IsTemplate(template))
            return (template, null); // each endpoint has its own region
        string? missing = null;
        var address = Placeholder().Replace(template, match =>
        {
            var name = match.Groups["name"].Value;
            var value = environment(name)?.Trim();
            if (value is { Length: > 0 and <= 200 } && AddressPart().IsMatch(value))
                return value;
            missing ??= $"its address needs the environment variable {name}, which is {(string.IsNullOrEmpty(value) ? "not set" : "not usable in an address")}.";
            return match.Value;
        });
        if (missing is not null)
            return (template, missing);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            mistakes.Add(entry.BaseUrlAt, "is not a usable address.");
        }
        else if (entry.AllowPrivateNetwork != true && PrivateAddress.Is(uri))
        {
            mistakes.Add(entry.BaseUrlAt, "is a loopback or private address; say \"allow_private_network\": true for this provider if that is meant.");
        }

        return (address, null);
    }

    private (string? Key, string? Missing) Key(ProviderEntry entry)
    {
        if (entry.Auth == AuthScheme.None)
            return (null, null);
        if (entry.ApiKey is { } written)
            return (written, null);
        if (entry.ApiKeyEnv is { Count: > 0 } names)
        {
            foreach (var name in names)
            {
                if (environment(name)?.Trim() is not { Length: > 0 } key)
                    continue;
                return key.AsSpan().ContainsAnyExceptInRange('!', '~')
                    ? (null, $"{name} holds characters that cannot be sent in a header.")
                    : (key, null);
            }

            return entry.KeyRequired == false ? (null, null) : (null, $"{string.Join(" or ", names)} is not set.");
        }

        return entry.KeyRequired == true ? (null, "no key is set; give \"api_key\" or \"api_key_env\" in a configuration file.") : (null, null);
    }

    [GeneratedRegex(@"\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex("^[A-Za-z0-9._-]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressPart();
}
