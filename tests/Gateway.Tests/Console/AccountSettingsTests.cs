using System.Net;

namespace Fairlead.Gateway.Tests.Console;

/// <summary><c>/api/v1/account/settings</c>.</summary>
public sealed class AccountSettingsTests
{
    private const string Path = "/api/v1/account/settings";

    private const string Untouched =
        "\"default_model\":null,\"default_provider_sort\":null,\"allowed_providers\":[],\"ignored_providers\":[],\"allow_paid_training\":true,"
        + "\"allow_free_training\":true,\"zdr\":false,\"plugins\":[],";

    private static string Limits(string limits) => "{\"data\":{" + Untouched + limits[1..] + "}";

    [Fact]
    public async Task Limits_AreSetChangedOneByOneAndTakenAway_PerAccount()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Equal(Limits("""{"rpm":null,"tpm":null,"concurrency":null}"""), (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);

        var set = await host.SendAsync("PATCH", Path + "/", ConsoleHost.ProvisioningKey, """{"rpm":100,"concurrency":8}""");
        Assert.Equal((HttpStatusCode.OK, Limits("""{"rpm":100,"tpm":null,"concurrency":8}""")), (set.Status, set.Body));
        await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey, """{"tpm":1000000,"rpm":null}""");
        Assert.Equal(Limits("""{"rpm":null,"tpm":1000000,"concurrency":8}"""), (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);

        var (_, manager) = await host.NewAccountAsync();
        Assert.Equal(Limits("""{"rpm":null,"tpm":null,"concurrency":null}"""), (await host.GetAsync(Path, manager.Secret)).Body);
    }

    [Fact]
    public async Task RoutingSettings_AreKept_AndSurviveARestartOfTheIndex()
    {
        await using var host = await ConsoleHost.StartAsync();
        const string Sent =
            """
            {"default_model":"acme/rocket-1:nitro","default_provider_sort":"latency","allowed_providers":["Acme","acme/turbo","acme"],"ignored_providers":["other"],
             "allow_paid_training":false,"allow_free_training":false,"zdr":true,
             "plugins":[{"id":"web","enabled":false,"prevent_overrides":true,"options":{"max_results":3}},{"id":"response-healing"}]}
            """;
        const string Kept =
            "{\"data\":{\"default_model\":\"acme/rocket-1:nitro\",\"default_provider_sort\":\"latency\",\"allowed_providers\":[\"acme\",\"acme/turbo\"],\"ignored_providers\":[\"other\"],"
            + "\"allow_paid_training\":false,\"allow_free_training\":false,\"zdr\":true,\"plugins\":[{\"id\":\"web\",\"enabled\":false,\"prevent_overrides\":true,\"options\":{\"max_results\":3}},"
            + "{\"id\":\"response-healing\",\"enabled\":true,\"prevent_overrides\":false,\"options\":{}}],\"rpm\":null,\"tpm\":null,\"concurrency\":null}}";
        Assert.Equal(Kept, (await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey, Sent)).Body);
        Assert.Equal(Kept, (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);

        var cleared = await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey,
            """{"default_model":null,"default_provider_sort":null,"allowed_providers":[],"ignored_providers":null,"allow_paid_training":true,"allow_free_training":true,"zdr":false,"plugins":[]}""");
        Assert.Equal(Limits("""{"rpm":null,"tpm":null,"concurrency":null}"""), cleared.Body);
    }

    [Theory]
    [InlineData("""{"rpm":1,"retention":true}""", "retention")]
    [InlineData("""{"zdr":null}""", "zdr")]
    [InlineData("""{"allow_paid_training":"no"}""", "allow_paid_training")]
    [InlineData("""{"default_provider_sort":"speed"}""", "default_provider_sort")]
    [InlineData("""{"allowed_providers":"acme"}""", "allowed_providers")]
    [InlineData("""{"ignored_providers":["acme",7]}""", "ignored_providers")]
    [InlineData("""{"plugins":[{"id":"web"},{"id":"wibe"}]}""", "plugins[1]")]
    [InlineData("""{"plugins":[{"id":"web"},{"id":"web"}]}""", "plugins")]
    [InlineData("""{"default_model":""}""", "default_model")]
    [InlineData("""{"rpm":0}""", "rpm")]
    [InlineData("""{"tpm":2.5}""", "tpm")]
    [InlineData("""{"concurrency":"many"}""", "concurrency")]
    public async Task WrongOrUnknownMember_Is400ThatNamesIt_AndChangesNothing(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync();
        var answer = await host.SendAsync("PATCH", Path, ConsoleHost.ProvisioningKey, body);
        Assert.Equal((HttpStatusCode.BadRequest, member), (answer.Status, (string)answer.Json["error"]!["param"]!));
        Assert.Equal(Limits("""{"rpm":null,"tpm":null,"concurrency":null}"""), (await host.GetAsync(Path, ConsoleHost.ProvisioningKey)).Body);
    }
}
