using System.Security.Cryptography;
using System.Text;
using Dapper;
using Fairlead.Accounts.Keys;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Accounts;

public abstract class KeyTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task KeyIsMade_ItWorksAtOnceAndOnlyItsHashAndMaskAreStored()
    {
        await using var test = await StartAsync();

        var created = await test.Get<KeyStore>().CreateAsync(new()
        {
            AccountId = test.Account.Id, Name = "ci", Limit = Credits.Exact(5m), Reset = LimitReset.Monthly, IncludeByokInLimit = true,
        });

        Assert.True(KeySecret.IsWellFormed(created.Secret));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(created.Secret))), created.Key.Hash);
        Assert.Equal($"sk-or-v1-{created.Secret[9..12]}...{created.Secret[^3..]}", created.Key.Label);
        Assert.Equal(created.Key, test.Get<KeyIndex>().Find(created.Secret));
        Assert.Equal(new(Credits.Exact(5m), Holds.UsageWindow.Monthly, true), created.Key.SpendingLimit);
        var everything = await test.Database.ReadAsync(
            connection => connection.QueryAsync<string>("SELECT hash || name || label FROM api_keys"), "reading");
        Assert.DoesNotContain(everything, row => row.Contains(created.Secret[9..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeyIsDisabledChangedAndDeleted_EachIsVisibleWhenTheCallReturns()
    {
        await using var test = await StartAsync();
        var store = test.Get<KeyStore>();
        var index = test.Get<KeyIndex>();
        var (key, secret) = await store.CreateAsync(new() { AccountId = test.Account.Id, Name = "ci" });

        var changed = await store.ChangeAsync(key.Hash, new() { Disabled = true, Name = "new name", Limit = new(Credits.Exact(1m)) });
        Assert.Equal(changed, index.Find(secret));
        Assert.Equal((true, "new name", Credits.Exact(1m)), (changed!.Disabled, changed.Name, changed.Limit!.Value));
        Assert.False(changed.IsUsable(DateTimeOffset.MinValue));
        Assert.NotNull(changed.UpdatedAt);

        Assert.True(await store.DeleteAsync(key.Hash));
        Assert.Null(index.Find(secret));
        Assert.Null(await store.FindAsync(key.Hash));
        Assert.False(await store.DeleteAsync(key.Hash));
        Assert.Null(await store.ChangeAsync(key.Hash, new() { Disabled = false }));
    }

    [Fact]
    public async Task KeysAreListed_NewestFirstWithoutDisabledDeletedOrProvisioningOnes()
    {
        await using var test = await StartAsync();
        var store = test.Get<KeyStore>();
        var a = await MakeAsync(store, test, "a");
        var b = await MakeAsync(store, test, "b");
        await store.ChangeAsync(b.Hash, new() { Disabled = true });
        await store.DeleteAsync((await MakeAsync(store, test, "c")).Hash);
        await store.CreateAsync(new() { AccountId = test.Account.Id, Name = "p", IsProvisioning = true });

        Assert.Equal(["a", "First key"], (await store.ListAsync(test.Account.Id)).Select(static key => key.Name));
        Assert.Equal(["b", "a", "First key"], (await store.ListAsync(test.Account.Id, includeDisabled: true)).Select(static key => key.Name));
        Assert.Equal(["p"], (await store.ListAsync(test.Account.Id, provisioning: true)).Select(static key => key.Name));
        Assert.Equal(["First key"], (await store.ListAsync(test.Account.Id, offset: 1, count: 1)).Select(static key => key.Name));
        Assert.Empty(await store.ListAsync(test.Account.Id + 1));
        Assert.Equal(a, await store.FindAsync(a.Hash));
    }

    [Fact]
    public async Task AnotherProcessDisablesAKey_OneLookMakesItUnusableHere()
    {
        await using var test = await StartAsync();
        await using var other = test.OpenAsAnotherProcess();
        Assert.False(await test.LookForForeignChangesAsync());

        await other.Get<KeyStore>().ChangeAsync(test.Key.Hash, new() { Disabled = true });

        Assert.True(await test.LookForForeignChangesAsync());
        Assert.True(test.Get<KeyIndex>().Find(Some.Key())!.Disabled);
        Assert.False(await test.LookForForeignChangesAsync());
    }

    [Fact]
    public async Task Restart_KeysAreAsTheyWere()
    {
        await using var test = await StartAsync();
        var (key, secret) = await test.Get<KeyStore>().CreateAsync(new()
        {
            AccountId = test.Account.Id, Name = "ci", ExpiresAt = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
        });

        await test.ReopenAsync();

        Assert.Equal(key, test.Get<KeyIndex>().Find(secret));
        Assert.True(key.IsUsable(new(2029, 12, 31, 23, 59, 59, TimeSpan.Zero)));
        Assert.False(key.IsUsable(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sk-or-v1-")]
    [InlineData("sk-or-v1-000000000000000000000000000000000000000000000000000000000000000G")]
    [InlineData("sk-or-v1-00000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("SK-OR-V1-0000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("sk-or-v1-000000000000000000000000000000000000000000000000000000000000000é")]
    [InlineData("sk-or-v1-0000000000000000000000000000000000000000000000000000000000000009")]
    public async Task MalformedOrUnknownKey_IsNotFound(string secret)
    {
        await using var test = await StartAsync();

        Assert.Null(test.Get<KeyIndex>().Find(secret));
        await Assert.ThrowsAsync<ArgumentException>(
            () => test.Get<KeyStore>().CreateAsync(new() { AccountId = 1, Name = "x", Secret = secret.Length == 73 && secret[^1] == '9' ? "" : secret }));
    }

    [Fact]
    public async Task KeyLookup_AllocatesNothing()
    {
        await using var test = await StartAsync();
        var index = test.Get<KeyIndex>();
        var secret = Some.Key();
        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull(index.Find(secret));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            index.Find(secret);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static async Task<ApiKey> MakeAsync(KeyStore store, TestLedger test, string name) =>
        (await store.CreateAsync(new() { AccountId = test.Account.Id, Name = name })).Key;
}

public sealed class KeyTestsOnSqlite() : KeyTests(DatabaseEngine.Sqlite);

public sealed class KeyTestsOnPostgreSql() : KeyTests(DatabaseEngine.PostgreSql);
