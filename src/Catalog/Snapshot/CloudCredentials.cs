namespace Fairlead.Catalog.Snapshot;

/// <summary>What requests to Amazon are signed with. Never printed.</summary>
/// <param name="AccessKeyId">Which key.</param>
/// <param name="SecretAccessKey">The secret.</param>
/// <param name="SessionToken">Belongs to temporary keys; null for others.</param>
public sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>Never prints the secret.</summary>
    public override string ToString() => "AWS credentials";
}

/// <summary>A Google service account, as its key file says. Never printed.</summary>
/// <param name="ClientEmail">Who it is.</param>
/// <param name="PrivateKey">PKCS #8, PEM.</param>
/// <param name="PrivateKeyId">Which key, or null.</param>
/// <param name="TokenAddress">Where access tokens are asked for.</param>
public sealed record GoogleCredentials(string ClientEmail, string PrivateKey, string? PrivateKeyId, string TokenAddress)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => "Google credentials";
}

/// <summary>What it takes to call a provider whose endpoints are spread over regions (<c>bedrock</c>, <c>vertex</c>).</summary>
public sealed record CloudAccess
{
    /// <summary>The operator's region, for endpoints whose tag names none.</summary>
    public required string Region { get; init; }
    /// <summary>The address with a placeholder for the region; null where the operator gave one without.</summary>
    public string? AddressTemplate { get; init; }
    /// <summary>The Google Cloud project; null elsewhere.</summary>
    public string? Project { get; init; }
    /// <summary>Signs requests to Amazon; null where a key is sent instead.</summary>
    public AwsCredentials? Aws { get; init; }
    /// <summary>Gets access tokens from Google; null where a key is sent instead.</summary>
    public GoogleCredentials? Google { get; init; }
}

/// <summary>How a resource of Azure OpenAI is called.</summary>
/// <param name="ApiVersion">A date: addresses with deployments in them; <c>preview</c> or null: the v1 addresses.</param>
/// <param name="Deployment">The name for endpoints that give none; null: each gives its own.</param>
public sealed record AzureAccess(string? ApiVersion, string? Deployment);
