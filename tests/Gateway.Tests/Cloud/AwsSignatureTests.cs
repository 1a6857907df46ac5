using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Attempt.Credentials;

namespace Fairlead.Gateway.Tests.Cloud;

/// <summary>Signatures of the vendor's published test suite (aws4_testsuite): credentials, date and region are those of the suite.</summary>
public sealed class AwsSignatureTests
{
    private static readonly AwsCredentials Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);

    [Theory]
    [InlineData("GET", "https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "https://example.amazonaws.com/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    public async Task SignatureOfTheSuite_IsOurs(string method, string address, string signature)
    {
        var signer = new AwsRequestSigner(Keys, "us-east-1", "service", new FixedTime(new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero)));
        using var message = new HttpRequestMessage(new HttpMethod(method), address);
        await signer.AuthorizeAsync(message, ReadOnlyMemory<byte>.Empty, CancellationToken.None);

        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}",
            message.Headers.GetValues("Authorization").Single());
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
