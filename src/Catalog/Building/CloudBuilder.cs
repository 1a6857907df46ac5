using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Building;

/// <summary>
/// What a provider of the families <c>bedrock</c> and <c>vertex</c> needs beyond an address: region, project and credentials, from its entry or else from the
/// environment variables that the vendors' own programs read.
/// </summary>
internal sealed class CloudBuilder(Func<string, string?> environment)
{
    /// <summary>The access; or what is missing, named so that the operator can give it.</summary>
    public (CloudAccess? Access, string? Missing) Amazon(ProviderEntry entry, string? apiKey)
    {
        var region = entry.Aws?.Region ?? First(CloudRegions.AwsVariable, "AWS_DEFAULT_REGION");
        if (region is null)
            return (null, "no region is set; set AWS_REGION, or give \"aws\": { \"region\" } in a configuration file.");
        if (!CloudRegions.IsUsable(region))
            return (null, "its region is not usable in an address.");
        var access = new CloudAccess { Region = region, AddressTemplate = Template(entry) };
        if (apiKey is not null)
            return (access, null);
        // The parts of one key belong together: they are not mixed from file and environment.
        var (id, secret, token) = entry.Aws is { AccessKeyId: not null } or { SecretAccessKey: not null }
            ? (entry.Aws.AccessKeyId, entry.Aws.SecretAccessKey, entry.Aws.SessionToken)
            : (First("AWS_ACCESS_KEY_ID"), First("AWS_SECRET_ACCESS_KEY"), First("AWS_SESSION_TOKEN"));
        return id is null || secret is null
            ? (null, "no key is set; set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
            : (access with { Aws = new AwsCredentials(id, secret, token) }, null);
    }

    /// <inheritdoc cref="Amazon"/>
    public (CloudAccess? Access, string? Missing) Google(ProviderEntry entry, string? apiKey)
    {
        var location = entry.Google?.Location ?? First(CloudRegions.GoogleVariable) ?? "global";
        if (!CloudRegions.IsUsable(location))
            return (null, "its location is not usable in an address.");
        var project = entry.Google?.Project ?? First("GOOGLE_VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT");
        GoogleCredentials? credentials = null;
        if (apiKey is null)
        {
            if ((entry.Google?.ServiceAccountFile ?? First("GOOGLE_APPLICATION_CREDENTIALS")) is not { } file)
                return (null, "no service account is set; set GOOGLE_APPLICATION_CREDENTIALS to its key file, or give \"google\": { \"service_account_file\" } in a configuration file.");
            (credentials, var ofFile, var problem) = ServiceAccountFile.Read(file);
            if (problem is not null)
                return (null, problem);
            project ??= ofFile;
        }

        if (project is null)
            return (null, "no project is set; set GOOGLE_VERTEX_PROJECT, or give \"google\": { \"project\" } in a configuration file.");
        return project.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ':')
            ? (new CloudAccess { Region = location, AddressTemplate = Template(entry), Project = project, Google = credentials }, null)
            : (null, "its project is not usable in an address.");
    }

    private static string? Template(ProviderEntry entry) => entry.BaseUrl is { } address && CloudRegions.IsTemplate(address) ? address : null;

    private string? First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (environment(name)?.Trim() is { Length: > 0 } value)
                return value;
        }

        return null;
    }
}
