using System.Net;

namespace Fairlead.Gateway.Tests.Console;

/// <summary><c>/api/v1/account/settings</c>.</summary>
public sealed class AccountSettingsTests
{
    private const string Path = "/api/v1/account/settings";

    [Fact]
    public async Task Limits_AreSetChangedOneByOneAndTakenAway_PerAccount()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Equal("""{"data":{"rpm":null,"tpm":null,"concurrency":null}}""", (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);

        var set = await host.SendAsync("PATCH", Path + "/", ConsoleHost.ProvisioningKey, """{"rpm":100,"concurrency":8}""");
        Assert.Equal((HttpStatusCode.OK, """{"data":{"rpm":100,"tpm":null,"concurrency":8}}"""), (set.Status, set.Body));
        await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey, """{"tpm":1000000,"rpm":null}""");
        Assert.Equal("""{"data":{"rpm":null,"tpm":1000000,"concurrency":8}}""", (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);

        var (_, manager) = await host.NewAccountAsync();
        Assert.Equal("""{"data":{"rpm":null,"tpm":null,"concurrency":null}}""", (await host.GetAsync(Path, manager.Secret)).Body);
    }

    [Theory]
    [InlineData("""{"rpm":1,"zdr":true}""", "zdr")]
    [InlineData("""{"rpm":0}""", "rpm")]
    [InlineData("""{"tpm":2.5}""", "tpm")]
    [InlineData("""{"concurrency":"many"}""", "concurrency")]
    public async Task WrongOrUnknownMember_Is400ThatNamesIt_AndChangesNothing(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync();
        var answer = await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey, body);
        Assert.Equal((HttpStatusCode.BadRequest, member), (answer.Status, (string)answer.Json["error"]!["param"]!));
        Assert.Equal("""{"data":{"rpm":null,"tpm":null,"concurrency":null}}""", (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);
    }
}
