using System.Net;
using System.Text.Json.Nodes;
using Fairlead.Accounts.Keys;
using Fairlead.Gateway.Tests.Contract;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Console;

/// <summary><c>/api/v1/keys</c>.</summary>
public sealed class KeyRouteTests(ConsoleFixture fixture) : IClassFixture<ConsoleFixture>
{
    private const string Keys = "/api/v1/keys";
    private readonly ConsoleHost host = fixture.Host;

    [Theory]
    [InlineData("/api/v1/keys")]
    [InlineData("/api/v1/keys/")]
    public async Task Made_ShowsItsTextOnce_AndWorksAtOnce(string path)
    {
        var made = await host.SendAsync("POST", path, ConsoleHost.ProvisioningKey,
            """{"name":" ci ","limit":12.5,"limit_reset":"monthly","include_byok_in_limit":true,"expires_at":"2099-12-31T23:59:59Z","rpm":null,"tpm":null,"concurrency":null}""");
        Assert.True(made.Status == HttpStatusCode.Created, made.Body);
        Fits(made.Json, "post", "/keys");
        var secret = (string)made.Json["key"]!;
        Assert.True(KeySecret.IsWellFormed(secret));
        JsonNode expected = JsonNode.Parse($$"""
            {
              "hash": "{{KeySecret.Hash(secret)}}", "name": "ci", "label": "{{KeySecret.Label(secret)}}", "disabled": false, "limit": 12.5, "limit_remaining": 12.5,
              "limit_reset": "monthly", "include_byok_in_limit": true, "usage": 0, "usage_daily": 0, "usage_weekly": 0, "usage_monthly": 0, "byok_usage": 0,
              "byok_usage_daily": 0, "byok_usage_weekly": 0, "byok_usage_monthly": 0, "rpm": null, "tpm": null, "concurrency": null,
              "created_at": "{{made.Data["created_at"]}}", "updated_at": null, "expires_at": "2099-12-31T23:59:59+00:00",
              "creator_user_id": "{{made.Data["creator_user_id"]}}", "workspace_id": null
            }
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, made.Data), made.Body);
        Assert.StartsWith("user_", (string)made.Data["creator_user_id"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/api/v1/key", secret)).Status);

        var shown = await host.GetAsync($"{Keys}/{KeySecret.Hash(secret)}", ConsoleHost.ProvisioningKey);
        Fits(shown.Json, "get", "/keys/{hash}");
        Assert.True(JsonNode.DeepEquals(expected, shown.Data), shown.Body);
        Assert.DoesNotContain(secret, shown.Body + (await host.GetAsync(Keys, ConsoleHost.ProvisioningKey)).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "")]
    [InlineData("{}", "name")]
    [InlineData("{\"name\":\"\"}", "name")]
    [InlineData("{\"name\":\"  \"}", "name")]
    [InlineData("{\"name\":null}", "name")]
    [InlineData("{\"name\":7}", "name")]
    [InlineData("{\"name\":\"a\\u0000b\"}", "name")]
    [InlineData("{\"name\":\"\\ud800\"}", "name")]
    [InlineData("{\"name\":\"k\",\"limit\":-1}", "limit")]
    [InlineData("{\"name\":\"k\",\"limit\":\"5\"}", "limit")]
    [InlineData("{\"name\":\"k\",\"limit\":1e30}", "limit")]
    [InlineData("{\"name\":\"k\",\"limit\":9000000.1}", "limit")]
    [InlineData("{\"name\":\"k\",\"limit_reset\":\"yearly\"}", "limit_reset")]
    [InlineData("{\"name\":\"k\",\"limit_reset\":1}", "limit_reset")]
    [InlineData("{\"name\":\"k\",\"include_byok_in_limit\":\"yes\"}", "include_byok_in_limit")]
    [InlineData("{\"name\":\"k\",\"expires_at\":\"2027-01-01T00:00:00+01:00\"}", "expires_at")]
    [InlineData("{\"name\":\"k\",\"expires_at\":\"2027-01-01T00:00:00\"}", "expires_at")]
    [InlineData("{\"name\":\"k\",\"expires_at\":\"2027-01-01\"}", "expires_at")]
    [InlineData("{\"name\":\"k\",\"expires_at\":\"soonZ\"}", "expires_at")]
    [InlineData("{\"name\":\"k\",\"expires_at\":1798761600}", "expires_at")]
    [InlineData("{\"name\":\"k\",\"rpm\":0}", "rpm")]
    [InlineData("{\"name\":\"k\",\"rpm\":1.5}", "rpm")]
    [InlineData("{\"name\":\"k\",\"tpm\":-3}", "tpm")]
    [InlineData("{\"name\":\"k\",\"tpm\":\"9\"}", "tpm")]
    [InlineData("{\"name\":\"k\",\"concurrency\":1e18}", "concurrency")]
    public async Task WrongBody_Is400ThatNamesTheMember_AndMakesNothing(string body, string member)
    {
        var before = await CountAsync();
        var answer = await host.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.True(SchemaCheck.Faults(answer.Json, PublishedContract.Failure("post", "/keys", 400)).Count == 0, answer.Body);
        Assert.Equal(member, (string?)answer.Json["error"]!["param"] ?? "");
        Assert.Contains(member, (string)answer.Json["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());
    }

    [Theory]
    [InlineData("0.30000000000000004", "0.3")]
    [InlineData("0.3333333333333333", "0.333333333333")]
    [InlineData("0.0000000000015", "0.000000000002")]
    [InlineData("0.0000000000025", "0.000000000002")]
    [InlineData("1e-13", "0")]
    public async Task LimitFinerThanTheLedger_IsRounded_AndTheAnswerShowsIt(string given, string rounded)
    {
        var made = await host.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey, $"{{\"name\":\"fine\",\"limit\":{given}}}");
        var changed = await host.SendAsync("PATCH", $"{Keys}/{made.Data["hash"]}", ConsoleHost.ProvisioningKey, $"{{\"limit\":{given}}}");

        var expected = decimal.Parse(rounded, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((HttpStatusCode.Created, expected), (made.Status, (decimal)made.Data["limit"]!));
        Assert.Equal((HttpStatusCode.OK, expected), (changed.Status, (decimal)changed.Data["limit"]!));
    }

    [Fact]
    public async Task HugeBody_Is413() => Assert.Equal(
        HttpStatusCode.RequestEntityTooLarge, (await host.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey, $"{{\"name\":\"{new string('x', 70_000)}\"}}")).Status);

    [Fact]
    public async Task UnknownMembersAndNulls_AreTakenAsTheServiceDoes()
    {
        var made = await host.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey,
            """{"name":"k","limit":null,"limit_reset":null,"expires_at":null,"rpm":null,"tpm":null,"concurrency":null,"workspace_id":"w","later":{}}""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Null(made.Data["limit"]);
        Assert.Null(made.Data["limit_remaining"]);
    }

    [Fact]
    public async Task RateLimits_AreSetShownAndChangedOneByOne()
    {
        var made = await host.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey, """{"name":"k","rpm":60,"tpm":1e5,"concurrency":4.0}""");
        Assert.Equal((60, 100_000L, 4), Rates(made.Data));
        var hash = (string)made.Data["hash"]!;
        Assert.Equal((60, 5L, 4), Rates((await ChangeAsync(hash, """{"tpm":5}""")).Data));
        Assert.Equal((null, 5L, 1_000_000), Rates((await ChangeAsync(hash, """{"rpm":null,"concurrency":1000000}""")).Data));
        Assert.Equal((null, 5L, 1_000_000), Rates((await host.GetAsync($"{Keys}/{hash}", ConsoleHost.ProvisioningKey)).Data));
    }

    [Fact]
    public async Task Change_SetsWhatIsNamed_LeavesWhatIsNot_AndCountsAtOnce()
    {
        var (hash, secret) = await MakeAsync("""{"name":"before","limit":5,"limit_reset":"daily","expires_at":"2099-01-01T00:00:00Z"}""");

        var renamed = await ChangeAsync(hash, """{"name":"after","include_byok_in_limit":true,"expires_at":null}""");
        Fits(renamed.Json, "patch", "/keys/{hash}");
        Assert.Equal(("after", 5m, "daily", true), ((string)renamed.Data["name"]!, (decimal)renamed.Data["limit"]!, (string)renamed.Data["limit_reset"]!, (bool)renamed.Data["include_byok_in_limit"]!));
        Assert.Equal("2099-01-01T00:00:00+00:00", (string)renamed.Data["expires_at"]!);
        Assert.NotNull(renamed.Data["updated_at"]);

        var freed = await ChangeAsync(hash, """{"limit":null,"limit_reset":null,"rpm":null,"concurrency":null}""");
        Assert.All((string[])["limit", "limit_remaining", "limit_reset", "rpm", "concurrency"], name => Assert.Null(freed.Data[name]));

        await ChangeAsync(hash, """{"disabled":true}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/api/v1/key", secret)).Status);
        await ChangeAsync(hash, """{"disabled":false}""");
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/api/v1/key", secret)).Status);
    }

    [Theory]
    [InlineData("{\"name\":null}", "name")]
    [InlineData("{\"disabled\":null}", "disabled")]
    [InlineData("{\"limit\":[]}", "limit")]
    [InlineData("{\"limit_reset\":\"\"}", "limit_reset")]
    [InlineData("{\"rpm\":-1}", "rpm")]
    public async Task WrongChange_Is400ThatNamesTheMember_AndChangesNothing(string body, string member)
    {
        var (hash, _) = await MakeAsync("""{"name":"k","limit":1}""");
        var answer = await host.SendAsync("PATCH", $"{Keys}/{hash}", ConsoleHost.ProvisioningKey, body);
        Assert.Equal((HttpStatusCode.BadRequest, member), (answer.Status, (string)answer.Json["error"]!["param"]!));
        Assert.Null((await host.GetAsync($"{Keys}/{hash}", ConsoleHost.ProvisioningKey)).Data["updated_at"]);
    }

    [Fact]
    public async Task ChangesOfDifferentMembersAtOnce_AreAllKept()
    {
        var (hash, _) = await MakeAsync("""{"name":"k"}""");
        await Task.WhenAll(ChangeAsync(hash, """{"limit":3}"""), ChangeAsync(hash, """{"limit_reset":"weekly"}"""), ChangeAsync(hash, """{"name":"n"}"""), ChangeAsync(hash, """{"disabled":true}"""));
        var shown = (await host.GetAsync($"{Keys}/{hash}", ConsoleHost.ProvisioningKey)).Data;
        Assert.Equal((3m, "weekly", "n", true), ((decimal)shown["limit"]!, (string)shown["limit_reset"]!, (string)shown["name"]!, (bool)shown["disabled"]!));
    }

    [Fact]
    public async Task Deleted_IsRefusedAtOnce_AndFoundNoMore()
    {
        var (hash, secret) = await MakeAsync("""{"name":"short"}""");
        var deleted = await host.SendAsync("DELETE", $"{Keys}/{hash}", ConsoleHost.ProvisioningKey);
        Fits(deleted.Json, "delete", "/keys/{hash}");
        Assert.Equal("""{"deleted":true}""", deleted.Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/api/v1/key", secret)).Status);
        foreach (var method in (string[])["GET", "PATCH", "DELETE"])
            Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(method, $"{Keys}/{hash}", ConsoleHost.ProvisioningKey, method == "PATCH" ? "{}" : null)).Status);
    }

    [Fact]
    public async Task KeysOfOthersAndManagementKeys_DoNotExistHere()
    {
        var (theirs, manager) = await host.NewAccountAsync();
        foreach (var hash in (string[])[theirs.Key.Hash, KeySecret.Hash(ConsoleHost.ProvisioningKey), new('0', 64), "x"])
        {
            foreach (var method in (string[])["GET", "PATCH", "DELETE"])
            {
                var answer = await host.SendAsync(method, $"{Keys}/{hash}", ConsoleHost.ProvisioningKey, method == "PATCH" ? """{"disabled":true}""" : null);
                Assert.Equal(HttpStatusCode.NotFound, answer.Status);
                Assert.True(SchemaCheck.Faults(answer.Json, PublishedContract.Failure("get", "/keys/{hash}", 404)).Count == 0, answer.Body);
            }
        }

        Assert.Equal(["theirs"], (await host.GetAsync(Keys, manager.Secret)).Data.AsArray().Select(static key => (string)key!["name"]!));
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/api/v1/key", theirs.Secret)).Status);
    }

    [Fact]
    public async Task List_NewestHundredThenTheRest_DisabledOnesOnlyWhenAsked()
    {
        await using var own = await ConsoleHost.StartAsync();
        var store = own.Get<KeyStore>();
        var account = own.KeyOf(ConsoleHost.Key).AccountId;
        for (var i = 0; i < 102; i++)
            await store.CreateAsync(new() { AccountId = account, Name = $"k{i}" });
        await store.ChangeAsync((await store.ListAsync(account, count: 1))[0].Hash, new() { Disabled = true });

        var first = await own.GetAsync(Keys, ConsoleHost.ProvisioningKey);
        Fits(first.Json, "get", "/keys");
        Assert.Equal((100, "k100", "k1"), Page(first));
        Assert.Equal((2, "k0", "First key"), Page(await own.GetAsync(Keys + "?offset=100", ConsoleHost.ProvisioningKey)));
        Assert.Equal((100, "k101", "k2"), Page(await own.GetAsync(Keys + "?include_disabled=true", ConsoleHost.ProvisioningKey)));
        Assert.Equal((100, "k100", "k1"), Page(await own.GetAsync(Keys + "/?include_disabled=false&offset=0", ConsoleHost.ProvisioningKey)));
        Assert.Empty((await own.GetAsync(Keys + "?offset=2000000000", ConsoleHost.ProvisioningKey)).Data.AsArray());
        foreach (var (query, member) in (IEnumerable<(string, string)>)[("offset=-1", "offset"), ("offset=x", "offset"), ("offset=99999999999", "offset"), ("include_disabled=maybe", "include_disabled")])
        {
            var wrong = await own.GetAsync($"{Keys}?{query}", ConsoleHost.ProvisioningKey);
            Assert.Equal((HttpStatusCode.BadRequest, member), (wrong.Status, (string)wrong.Json["error"]!["param"]!));
        }
    }

    [Fact]
    public async Task Usage_ByDayWeekAndMonth_FromTheDaysItWasSettledOn()
    {
        // 10 February 2026 is a Tuesday: the week began on the 9th.
        var clock = new SetClock(new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
        await using var own = await ConsoleHost.StartAsync(clock: clock);
        var made = await own.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey, """{"name":"k","limit":10,"limit_reset":"weekly","include_byok_in_limit":true}""");
        var key = own.KeyOf((string)made.Json["key"]!);
        foreach (var (month, day, cost, byok) in (IEnumerable<(int, int, decimal, decimal)>)[(1, 31, 1m, 0), (2, 1, 0.5m, 0), (2, 9, 0.25m, 4m), (2, 10, 0.125m, 0)])
        {
            clock.Now = new(2026, month, day, 12, 0, 0, TimeSpan.Zero);
            await own.ChargeAsync(key, cost, byok: byok);
        }

        var hash = (string)made.Data["hash"]!;
        var listed = (await own.GetAsync(Keys, ConsoleHost.ProvisioningKey)).Data.AsArray().Single(one => (string)one!["hash"]! == hash)!;
        var shown = (await own.GetAsync($"{Keys}/{hash}", ConsoleHost.ProvisioningKey)).Data;
        Assert.True(JsonNode.DeepEquals(listed, shown));
        Assert.Equal((1.875m, 0.125m, 0.375m, 0.875m), Windows(shown, "usage"));
        Assert.Equal((4m, 0m, 4m, 4m), Windows(shown, "byok_usage"));
        // 10 less this week's 0.375 and 4.
        Assert.Equal(5.625m, (decimal)shown["limit_remaining"]!);

        // The clock goes back a day: what was spent stays spent.
        clock.Now = clock.Now.AddDays(-1);
        Assert.Equal((1.875m, 0.375m, 0.375m, 0.875m), Windows((await own.GetAsync($"{Keys}/{hash}", ConsoleHost.ProvisioningKey)).Data, "usage"));
    }

    private static (decimal Total, decimal Day, decimal Week, decimal Month) Windows(JsonNode key, string name) =>
        ((decimal)key[name]!, (decimal)key[name + "_daily"]!, (decimal)key[name + "_weekly"]!, (decimal)key[name + "_monthly"]!);

    private static (int? Rpm, long? Tpm, int? Concurrency) Rates(JsonNode key) => ((int?)key["rpm"], (long?)key["tpm"], (int?)key["concurrency"]);

    private static (int Count, string First, string Last) Page(Answer answer)
    {
        var keys = answer.Data.AsArray();
        return (keys.Count, (string)keys[0]!["name"]!, (string)keys[^1]!["name"]!);
    }

    private static void Fits(JsonNode answer, string method, string path)
    {
        var faults = SchemaCheck.Faults(answer, PublishedContract.Answer(method, path));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private async Task<int> CountAsync() => (await host.GetAsync(Keys + "?include_disabled=true", ConsoleHost.ProvisioningKey)).Data.AsArray().Count;

    private async Task<(string Hash, string Secret)> MakeAsync(string body)
    {
        var made = await host.SendAsync("POST", Keys, ConsoleHost.ProvisioningKey, body);
        return ((string)made.Data["hash"]!, (string)made.Json["key"]!);
    }

    private async Task<Answer> ChangeAsync(string hash, string body)
    {
        var answer = await host.SendAsync("PATCH", $"{Keys}/{hash}", ConsoleHost.ProvisioningKey, body);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body);
        return answer;
    }
}
