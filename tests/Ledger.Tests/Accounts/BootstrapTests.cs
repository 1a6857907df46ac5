using Fairlead.Accounts;
using Fairlead.Accounts.Bootstrap;
using Fairlead.Accounts.Keys;
using Dapper;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Ledger.Tests.Accounts;

public abstract class BootstrapTests : IAsyncDisposable
{
    private readonly TestDatabase _files;
    private readonly ServiceProvider _services;

    protected BootstrapTests(DatabaseEngine engine)
    {
        _files = new(engine);
        _services = new ServiceCollection().AddLogging().AddStorage(_files.Address).AddLedger(() => TestLedger.FirstNode).AddAccounts().BuildServiceProvider();
    }

    [Fact]
    public async Task FirstStartWithoutValues_RandomKeyAHundredDollarsAndASetUpToken()
    {
        var outcome = await ApplyAsync(new());

        Assert.True(outcome.Created);
        Assert.True(outcome.Account.IsOperator);
        Assert.StartsWith("user_", outcome.Account.PublicId, StringComparison.Ordinal);
        Assert.True(KeySecret.IsWellFormed(outcome.GeneratedKey));
        Assert.NotNull(outcome.SetupToken);
        var key = Get<KeyIndex>().Find(outcome.GeneratedKey)!;
        Assert.Equal((outcome.Account.Id, outcome.Account.PublicId, true), (key.AccountId, key.AccountPublicId, key.IsUsable(DateTimeOffset.MaxValue)));
        Assert.Equal(Credits.Exact(100m), Get<CreditLedger>().Balance(outcome.Account.Id).Balance);
        Assert.True(Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task FirstStartWithValues_TheyAreUsedAndNothingIsPrinted()
    {
        var outcome = await ApplyAsync(new()
        {
            Key = Some.Key(1), ProvisioningKey = Some.Key(2), Credits = Credits.Exact(7.5m),
            Email = "a@example.com", Password = "correct horse",
        });

        Assert.Equal((null, null), (outcome.GeneratedKey, outcome.SetupToken));
        Assert.False(Get<KeyIndex>().Find(Some.Key(1))!.IsProvisioning);
        Assert.True(Get<KeyIndex>().Find(Some.Key(2))!.IsProvisioning);
        Assert.Equal(Credits.Exact(7.5m), Get<CreditLedger>().Balance(outcome.Account.Id).Balance);
        Assert.Equal(outcome.Account, await Get<AccountStore>().FindAsync("a@example.com"));
        var hash = await Get<Database>().ReadAsync(connection => connection.ExecuteScalarAsync<string>("SELECT password_hash FROM accounts"), "reading");
        Assert.Equal(PasswordVerificationResult.Success, new PasswordHasher<Account>().VerifyHashedPassword(outcome.Account, hash!, "correct horse"));
    }

    [Fact]
    public async Task LaterStart_ValuesAreIgnored()
    {
        var first = await ApplyAsync(new());

        var second = await ApplyAsync(new() { Key = Some.Key(1), Credits = Credits.Exact(1000m) });

        Assert.Equal((false, first.Account, null), (second.Created, second.Account, second.GeneratedKey));
        Assert.Null(Get<KeyIndex>().Find(Some.Key(1)));
        Assert.Equal(Credits.Exact(100m), Get<CreditLedger>().Balance(first.Account.Id).Balance);
    }

    [Fact]
    public async Task ZeroCredits_NothingIsGranted()
    {
        var outcome = await ApplyAsync(new() { Credits = Credits.Zero });

        Assert.Equal(Credits.Zero, Get<CreditLedger>().Balance(outcome.Account.Id).TotalCredits);
    }

    [Fact]
    public async Task MalformedValues_AreRefusedByNameAndNothingIsMade()
    {
        Assert.Contains("FAIRLEAD_BOOTSTRAP_KEY", (await RefusalAsync(new() { Key = "sk-or-v1-xyz" })).Message, StringComparison.Ordinal);
        Assert.Contains("FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY", (await RefusalAsync(new() { ProvisioningKey = "" })).Message, StringComparison.Ordinal);
        Assert.Contains("FAIRLEAD_BOOTSTRAP_CREDITS", (await RefusalAsync(new() { Credits = Credits.Exact(-1m) })).Message, StringComparison.Ordinal);
        Assert.Contains("FAIRLEAD_BOOTSTRAP_EMAIL", (await RefusalAsync(new() { Password = "x" })).Message, StringComparison.Ordinal);
        var same = await RefusalAsync(new() { Key = Some.Key(), ProvisioningKey = Some.Key() });
        Assert.Contains("differ", same.Message, StringComparison.Ordinal);
        Assert.Null(await Get<AccountStore>().FindFirstAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    private Task<BootstrapOutcome> ApplyAsync(BootstrapValues values) => Get<AccountBootstrap>().ApplyAsync(values);

    private Task<FormatException> RefusalAsync(BootstrapValues values) => Assert.ThrowsAsync<FormatException>(() => ApplyAsync(values));
}

public sealed class BootstrapTestsOnSqlite() : BootstrapTests(DatabaseEngine.Sqlite);

public sealed class BootstrapTestsOnPostgreSql() : BootstrapTests(DatabaseEngine.PostgreSql);
