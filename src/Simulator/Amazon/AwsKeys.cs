using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;
using Fairlead.Simulator.Replies;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Simulator.Amazon;

/// <summary>
/// Who may call Bedrock: any bearer key, or a Signature Version 4 that is right for the request as it arrived. The secret of an access key <c>X</c> is <c>secret-of-X</c>.
/// </summary>
internal static partial class AwsKeys
{
    /// <summary>Under this key the body lies in the context's items: it is part of what is signed.</summary>
    public const string BodyItem = "body";

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public static BodyReply? Check(HttpRequest request, SimulatorOptions options)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return Simulation.IsBadKey(header[7..].Trim()) ? BedrockErrors.Make(403, "UnrecognizedClientException", "The security token included in the request is invalid.") : null;
        }

        if (header.Length == 0)
        {
            return options.RequireKey ? BedrockErrors.Make(403, "MissingAuthenticationTokenException", "Missing Authentication Token") : null;
        }

        return Signature().Match(header) is { Success: true } signed
            ? CheckSignature(request, signed, options.TimeProvider.GetUtcNow())
            : BedrockErrors.Make(403, "IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.");
    }

    private static BodyReply? CheckSignature(HttpRequest request, Match signed, DateTimeOffset now)
    {
        if (!DateTime.TryParseExact(
            request.Headers["x-amz-date"].ToString(), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            || (now.UtcDateTime - at).Duration() > Skew)
        {
            return BedrockErrors.Make(403, "InvalidSignatureException", "Signature expired: it is not within 5 min. of the current time.");
        }

        var names = signed.Groups["headers"].Value;
        var key = signed.Groups["key"].Value;
        var token = request.Headers["x-amz-security-token"].ToString();
        if (!names.Split(';').Contains("host") || (token.Length > 0 && !names.Split(';').Contains("x-amz-security-token")))
        {
            return BedrockErrors.Make(403, "InvalidSignatureException", "Host and security token must be signed headers.");
        }

        var expected = AWS4Signer.ComputeSignature(
            new ImmutableCredentials(key, "secret-of-" + key, token.Length > 0 ? token : null), signed.Groups["region"].Value, at, "bedrock", names, Canonical(request, names));
        return key != "sim-bad-key" && expected.Signature == signed.Groups["signature"].Value
            ? null
            : BedrockErrors.Make(
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.");
    }

    /// <summary>From the target as it came over the wire, encoded once more.</summary>
    private static string Canonical(HttpRequest request, string names)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        var text = new StringBuilder();
        text.Append(request.Method).Append('\n');
        text.AppendJoin('/', path.Split('/').Select(Uri.EscapeDataString)).Append('\n');
        text.Append(query < 0 ? "" : target[(query + 1)..]).Append('\n');
        foreach (var name in names.Split(';'))
        {
            text.Append(name).Append(':').Append(Spaces().Replace(request.Headers[name].ToString().Trim(), " ")).Append('\n');
        }

        var body = (byte[])request.HttpContext.Items[BodyItem]!;
        return text.Append('\n').Append(names).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body))).ToString();
    }

    [GeneratedRegex(
        "^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)/[0-9]{8}/(?<region>[^/]+)/bedrock/aws4_request, SignedHeaders=(?<headers>[^,]+), Signature=(?<signature>[0-9a-f]{64})$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Signature();

    [GeneratedRegex(" +", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Spaces();
}
