using System.Net;

namespace Fairlead.Gateway.Tests.Console;

/// <summary><c>/api/v1/account/settings</c>.</summary>
public sealed class AccountSettingsTests
{
    private const string Path = "/api/v1/account/settings";

    [Fact]
    public async Task NoLimits_AreShownAndMayBeSaid_PerAccount()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Equal("""{"data":{"rpm":null,"tpm":null,"concurrency":null}}""", (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);

        var said = await host.SendAsync("PATCH", Path + "/", ConsoleHost.ProvisioningKey, """{"rpm":null,"concurrency":null}""");
        Assert.Equal((HttpStatusCode.OK, """{"data":{"rpm":null,"tpm":null,"concurrency":null}}"""), (said.Status, said.Body));

        var (_, manager) = await host.NewAccountAsync();
        Assert.Equal("""{"data":{"rpm":null,"tpm":null,"concurrency":null}}""", (await host.GetAsync(Path, manager.Secret)).Body);
    }

    [Theory]
    [InlineData("""{"rpm":1,"zdr":true}""", "zdr")]
    [InlineData("""{"rpm":0}""", "rpm")]
    // Not enforced in this version, and a limit that does not hold must not be accepted.
    [InlineData("""{"rpm":100}""", "rpm")]
    [InlineData("""{"tpm":1000000}""", "tpm")]
    [InlineData("""{"concurrency":8}""", "concurrency")]
    [InlineData("""{"tpm":2.5}""", "tpm")]
    [InlineData("""{"concurrency":"many"}""", "concurrency")]
    public async Task WrongUnknownOrUnenforcedMember_Is400ThatNamesIt_AndChangesNothing(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync();
        var answer = await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey, body);
        Assert.Equal((HttpStatusCode.BadRequest, member), (answer.Status, (string)answer.Json["error"]!["param"]!));
        Assert.Equal("""{"data":{"rpm":null,"tpm":null,"concurrency":null}}""", (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);
    }
}
