using System.Text.RegularExpressions;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Building;

/// <summary>
/// Where a resource of Azure is called (providers contract §5.1, §8). Its address may be given bare or with the path of a form; the API version decides which
/// form is meant: a date the older one with deployments in the path, none (or <c>preview</c>) the one that is called v1.
/// </summary>
internal static partial class AzureAddress
{
    private const string FoundryHost = ".services.ai.azure.com";

    private static readonly string[] OpenAIHosts = [".openai.azure.com", ".cognitiveservices.azure.com"];

    /// <summary>The address that the path of a format is appended to; null where none is known.</summary>
    public static string? For(string? address, UpstreamProtocol protocol, string? version)
    {
        if (address is null)
            return null;
        var root = Without(Without(Without(address, "/v1"), "/openai"), "/anthropic");
        if (protocol != UpstreamProtocol.AnthropicMessages)
            return root + (IsDated(version) ? "/openai" : "/openai/v1");
        // Claude is served under the resource's other name.
        foreach (var host in OpenAIHosts)
            root = root.Replace(host, FoundryHost, StringComparison.OrdinalIgnoreCase);
        return root + "/anthropic/v1";
    }

    /// <summary>The version of the older form: a date.</summary>
    public static bool IsDated(string? version) => version is not null && Dated().IsMatch(version);

    private static string Without(string address, string end) => address.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? address[..^end.Length] : address;

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d(-preview)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Dated();
}
