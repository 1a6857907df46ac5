using Fairlead.Catalog.Building;

namespace Fairlead.Catalog.Configuration;

/// <summary>An <c>aws</c> object as written.</summary>
internal sealed record AwsEntry(string? Region, string? AccessKeyId, string? SecretAccessKey, string? SessionToken)
{
    private static readonly MemberNames Members = new("aws", "region", "access_key_id", "secret_access_key", "session_token");

    public static AwsEntry? Read(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var read = new AwsEntry(null, null, null, null);
        while (json.NextMember(Members, out var name))
        {
            read = name switch
            {
                "region" => read with { Region = json.Text(50) },
                "access_key_id" => read with { AccessKeyId = json.Text(200) },
                "secret_access_key" => read with { SecretAccessKey = json.Text(200) },
                _ => read with { SessionToken = json.Text(8000) },
            };
        }

        return read;
    }

    // A record prints its members, and two of them are secrets.
    public override string ToString() => "aws";
}

/// <summary>A <c>google</c> object as written.</summary>
internal sealed record GoogleEntry(string? Project, string? Location, string? ServiceAccountFile)
{
    private static readonly MemberNames Members = new("google", "project", "location", "service_account_file");

    public static GoogleEntry? Read(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var read = new GoogleEntry(null, null, null);
        while (json.NextMember(Members, out var name))
        {
            read = name switch
            {
                "project" => read with { Project = json.Text(100) },
                "location" => read with { Location = json.Text(50) },
                _ => read with { ServiceAccountFile = json.Text(1000) },
            };
        }

        return read;
    }
}

/// <summary>An <c>azure</c> object as written.</summary>
internal sealed record AzureEntry(string? ApiVersion, string? Deployment)
{
    private static readonly MemberNames Members = new("azure", "api_version", "deployment");

    public static AzureEntry? Read(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var read = new AzureEntry(null, null);
        while (json.NextMember(Members, out var name))
            read = name == "api_version" ? read with { ApiVersion = Version(ref json) } : read with { Deployment = json.Text(100) };
        return read;
    }

    private static string? Version(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Text(30) is not { } version)
            return null;
        if (version is "preview" || AzureAddress.IsDated(version))
            return version;
        json.Report(at, "must be a date such as \"2024-10-21\" or \"2025-04-01-preview\", for addresses with deployments in them, or \"preview\"; without it the v1 addresses are used.");
        return null;
    }
}
