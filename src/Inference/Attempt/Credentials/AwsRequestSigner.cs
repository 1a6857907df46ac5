using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Attempt.Credentials;

/// <summary>
/// Signs requests with AWS Signature Version 4 (providers contract §7.1). The key and the signature are the vendor's library's work; the canonical form of a request is
/// written here, from the very address and bytes that are sent.
/// </summary>
internal sealed class AwsRequestSigner(AwsCredentials credentials, string region, string service, TimeProvider time) : IRequestAuthorizer
{
    private readonly ImmutableCredentials key = new(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken);

    public ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var date = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        message.Headers.TryAddWithoutValidation("x-amz-date", date);
        if (credentials.SessionToken is { } token)
            message.Headers.TryAddWithoutValidation("x-amz-security-token", token);

        // In the order of their names.
        List<(string Name, string Value)> signed = [("host", message.RequestUri!.Authority), ("x-amz-date", date)];
        if (message.Content?.Headers.ContentType is { } type)
            signed.Insert(0, ("content-type", type.ToString()));
        if (credentials.SessionToken is { } signedToken)
            signed.Add(("x-amz-security-token", signedToken));
        var names = string.Join(';', signed.Select(h => h.Name));
        var canonical = Canonical(message.Method.Method, message.RequestUri, signed, names, body.Span);
        var result = AWS4Signer.ComputeSignature(key, region, now, service, names, canonical);
        message.Headers.TryAddWithoutValidation("Authorization", result.ForAuthorizationHeader);
        return ValueTask.CompletedTask;
    }

    public bool TryRenew() => false;

    /// <summary>The canonical request. The path is encoded once more than it is sent.</summary>
    private static string Canonical(string method, Uri address, List<(string Name, string Value)> headers, string names, ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(512);
        text.Append(method).Append('\n');
        text.AppendJoin('/', address.AbsolutePath.Split('/').Select(Uri.EscapeDataString)).Append('\n');
        text.Append(address.Query.TrimStart('?')).Append('\n');
        foreach (var (name, value) in headers)
            text.Append(name).Append(':').Append(value).Append('\n');
        return text.Append('\n').Append(names).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body))).ToString();
    }
}
