using System.Text.RegularExpressions;

namespace Fairlead.Catalog.Building;

/// <summary>Which region an endpoint of a cloud is called in: the one its tag names (<c>amazon-bedrock/eu-west-1</c>), else the operator's.</summary>
internal static partial class CloudRegions
{
    /// <summary>The placeholder of the region in Amazon's address.</summary>
    public const string AwsVariable = "AWS_REGION";
    /// <summary>The placeholder of the location in Google's address.</summary>
    public const string GoogleVariable = "GOOGLE_VERTEX_LOCATION";

    private const string GoogleHost = "{" + GoogleVariable + "}-aiplatform.googleapis.com";

    /// <summary>The AWS region; profiles that span regions (<c>us</c>, <c>global</c>) are called in the operator's.</summary>
    public static string Aws(string tag, string own) => Suffix(tag) is { } region && AwsRegion().IsMatch(region) ? region : own;

    /// <summary>The Vertex location.</summary>
    public static string Google(string tag, string own) => Suffix(tag) switch
    {
        null => own,
        "europe" => "eu",
        var location => location,
    };

    /// <summary>An address of the shipped catalog with the region in its place; an operator's own address has no placeholder and stays.</summary>
    public static string InAddress(string template, string region) => template
        .Replace(GoogleHost, GoogleHostOf(region), StringComparison.Ordinal)
        .Replace("{" + AwsVariable + "}", region, StringComparison.Ordinal);

    /// <summary>The address has a region to be filled in.</summary>
    public static bool IsTemplate(string address) =>
        address.Contains("{" + AwsVariable + "}", StringComparison.Ordinal) || address.Contains(GoogleHost, StringComparison.Ordinal);

    /// <summary>It can be part of a host name and of a path.</summary>
    public static bool IsUsable(string region) => Usable().IsMatch(region);

    // Multi-regions have hosts of their own (providers contract §6.1).
    private static string GoogleHostOf(string location) => location switch
    {
        "global" => "aiplatform.googleapis.com",
        "us" or "eu" => $"aiplatform.{location}.rep.googleapis.com",
        _ => location + "-aiplatform.googleapis.com",
    };

    private static string? Suffix(string tag) => tag.Split('/') is [_, var suffix, ..] && IsUsable(suffix) ? suffix : null;

    [GeneratedRegex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AwsRegion();

    [GeneratedRegex("^[a-z][a-z0-9-]{0,40}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Usable();
}
