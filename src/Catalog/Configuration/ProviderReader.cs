using System.Buffers;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads one element of <c>providers</c>.</summary>
internal static class ProviderReader
{
    private static readonly MemberNames Members = new("a provider", "slug", "name", "protocol", "base_url", "api_key", "api_key_env", "auth", "key_required",
        "can_abort", "timeouts", "data_policy", "headquarters", "datacenters", "privacy_policy_url", "terms_of_service_url", "status_page_url",
        "allow_private_network", "discover_models", "aws", "google", "azure");

    private static readonly MemberNames TimeoutMembers = new("timeouts", "connect_s", "first_token_s", "between_tokens_s", "total_s");
    private static readonly MemberNames PolicyMembers = new("a data policy", "training", "retains_prompts", "retention_days", "can_publish");
    private static readonly SearchValues<char> SlugCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly SearchValues<char> VariableCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public static ProviderEntry? Read(ref ConfigurationCursor json)
    {
        var at = json.Here;
        if (!json.EnterObject())
            return null;
        string? slug = null;
        var read = new ProviderEntry { Slug = "", At = at };
        while (json.NextMember(Members, out var name))
        {
            switch (name)
            {
                case "slug": slug = Slug(ref json); break;
                case "name": read.Name = json.Text(); break;
                case "protocol": read.Protocol = WireNames.Choice(ref json, WireNames.Protocols); break;
                case "base_url": (read.BaseUrlAt, read.BaseUrl) = (json.Here, Address(ref json, placeholders: true)); break;
                case "api_key": read.ApiKey = ApiKey(ref json); break;
                case "api_key_env": read.ApiKeyEnv = Variables(ref json); break;
                case "auth": read.Auth = WireNames.Choice(ref json, WireNames.AuthSchemes); break;
                case "key_required": read.KeyRequired = json.Flag(); break;
                case "can_abort": read.CanAbort = json.Flag(); break;
                case "timeouts": ReadTimeouts(ref json, read); break;
                case "data_policy": read.DataPolicy = ReadPolicy(ref json); break;
                case "headquarters": read.Headquarters = Country(ref json); break;
                case "datacenters": read.Datacenters = json.Texts(10); break;
                case "privacy_policy_url": read.PrivacyPolicyUrl = Address(ref json, placeholders: false); break;
                case "terms_of_service_url": read.TermsOfServiceUrl = Address(ref json, placeholders: false); break;
                case "status_page_url": read.StatusPageUrl = Address(ref json, placeholders: false); break;
                case "allow_private_network": read.AllowPrivateNetwork = json.Flag(); break;
                case "discover_models": read.DiscoverModels = json.Flag(); break;
                case "aws": read.Aws = AwsEntry.Read(ref json); break;
                case "google": read.Google = GoogleEntry.Read(ref json); break;
                default: read.Azure = AzureEntry.Read(ref json); break;
            }
        }

        if (slug is null && !json.HasMistakeUnder("slug"))
            json.Report(at, "\"slug\" is missing: a short lower-case name, unique among providers.");
        if (read.ApiKey is not null && read.ApiKeyEnv is not null)
            json.Report(at, "give \"api_key\" or \"api_key_env\", not both.");
        return slug is null ? null : read with { Slug = slug };
    }

    public static DataPolicyEntry? ReadPolicy(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var policy = new DataPolicyEntry(null, null, null, null);
        while (json.NextMember(PolicyMembers, out var name))
        {
            policy = name switch
            {
                "training" => policy with { Training = json.Flag() },
                "retains_prompts" => policy with { RetainsPrompts = json.Flag() },
                "retention_days" => policy with { RetentionDays = (int?)json.Whole(0, 100_000) },
                _ => policy with { CanPublish = json.Flag() },
            };
        }

        return policy;
    }

    private static void ReadTimeouts(ref ConfigurationCursor json, ProviderEntry read)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(TimeoutMembers, out var name))
        {
            var seconds = (double?)json.Number(0.01m, 86_400m);
            switch (name)
            {
                case "connect_s": read.ConnectSeconds = seconds; break;
                case "first_token_s": read.FirstTokenSeconds = seconds; break;
                case "between_tokens_s": read.BetweenTokensSeconds = seconds; break;
                default: read.TotalSeconds = seconds; break;
            }
        }
    }

    private static string? Slug(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Text(64) is not { } slug)
            return null;
        if (slug.Length > 0 && char.IsAsciiLetterOrDigit(slug[0]) && !slug.AsSpan().ContainsAnyExcept(SlugCharacters))
            return slug;
        json.Report(at, "must be a lower-case name of letters, digits, '-', '_' and '.', beginning with a letter or digit.");
        return null;
    }

    public static string? ApiKey(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Text(4096) is not { } key)
            return null;
        if (key.Length > 0 && !key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return key;
        json.Report(at, key.Length == 0 ? "is empty; leave it out when no key is needed." : "holds characters that cannot be sent in a header.");
        return null;
    }

    public static IReadOnlyList<string>? Variables(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        var names = json.IsText ? json.Text(100) is { } one ? [one] : null : json.Texts();
        if (names is null)
            return null;
        if (names.Count > 0 && names.All(n => n.Length > 0 && !n.AsSpan().ContainsAnyExcept(VariableCharacters)))
            return names;
        // The value is not repeated: a key pasted here by mistake would end up in the log.
        json.Report(at, "must be the name of an environment variable (letters, digits, '_'), or a list of such names; the key itself belongs in \"api_key\".");
        return null;
    }

    private static string? Country(ref ConfigurationCursor json) => json.Text(10);

    public static string? Address(ref ConfigurationCursor json, bool placeholders)
    {
        var at = json.Mark;
        if (json.Text(1000) is not { } text)
            return null;
        var probe = placeholders ? text.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Replace('_', 'x') : text;
        if (!Uri.TryCreate(probe, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.Host.Length == 0)
        {
            json.Report(at, "must be a complete address that begins with http:// or https://.");
            return null;
        }

        if (!placeholders)
            return text;
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            json.Report(at, "must hold scheme, host, port and path only: no user name, query or fragment.");
            return null;
        }

        return text.TrimEnd('/');
    }
}
