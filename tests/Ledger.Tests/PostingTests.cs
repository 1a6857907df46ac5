using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

public abstract class PostingTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task PurchaseGrantRefundExpiryAndAdjustment_EachMovesItsWayAndHasItsCounterEntry()
    {
        await using var test = await StartAsync(credits: 0);

        await PostAsync(test, PostingKind.Purchase, 20m);
        await PostAsync(test, PostingKind.Grant, 5m);
        await PostAsync(test, PostingKind.Refund, 4m);
        await PostAsync(test, PostingKind.Expiry, 3m);
        await PostAsync(test, PostingKind.Adjustment, 2m);
        await PostAsync(test, PostingKind.Adjustment, -1m);

        var balance = test.Ledger.Balance(test.Account.Id);
        Assert.Equal((Credits.Exact(19m), Credits.Exact(19m), Credits.Exact(22m)), (balance.Balance, balance.TotalCredits, balance.TotalPurchased));
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task SamePostingTwice_SecondChangesNothing()
    {
        await using var test = await StartAsync(credits: 0);

        var first = await PostAsync(test, PostingKind.Purchase, 20m, "stripe-1");
        var second = await PostAsync(test, PostingKind.Purchase, 20m, "stripe-1");
        var other = await PostAsync(test, PostingKind.Purchase, 21m, "stripe-1");

        Assert.Equal((PostingResult.Posted, PostingResult.AlreadyPosted, PostingResult.KeyReused), (first.Result, second.Result, other.Result));
        Assert.Equal(first.PostingId, second.PostingId);
        Assert.Equal(Credits.Exact(20m), test.Ledger.Balance(test.Account.Id).Balance);
    }

    [Fact]
    public async Task WithdrawalOfWhatOpenHoldsSetAside_IsRefused()
    {
        await using var test = await StartAsync(credits: 10m);
        using var hold = await test.HoldAsync("gen-1", 8m);

        var outcome = await PostAsync(test, PostingKind.Refund, 3m);

        Assert.Equal(PostingResult.InsufficientBalance, outcome.Result);
        Assert.Equal(Credits.Exact(2m), test.Ledger.Balance(test.Account.Id).Available);
        Assert.True((await PostAsync(test, PostingKind.Refund, 2m)).IsPosted);
    }

    [Fact]
    public async Task PostingPastNineMillionDollars_IsRefused()
    {
        await using var test = await StartAsync(credits: 0);
        await PostAsync(test, PostingKind.Purchase, 9_000_000m);

        Assert.Equal(PostingResult.TooLarge, (await PostAsync(test, PostingKind.Purchase, 1_000_000m)).Result);
        Assert.Equal(Credits.Exact(9_000_000m), test.Ledger.Balance(test.Account.Id).Balance);
    }

    [Theory]
    [InlineData(PostingKind.Purchase, -1)]
    [InlineData(PostingKind.Grant, 0)]
    [InlineData(PostingKind.Adjustment, 0)]
    [InlineData(PostingKind.Usage, 1)]
    public async Task AmountDoesNotFitTheKind_Throws(PostingKind kind, int amount)
    {
        await using var test = await StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => PostAsync(test, kind, amount));
    }

    [Fact]
    public async Task AnotherProcessPosts_BalanceInMemoryFollows()
    {
        await using var test = await StartAsync(credits: 1m);
        using var hold = await test.HoldAsync("gen-1", 0.4m);
        await using var other = test.OpenAsAnotherProcess();

        await other.Ledger.PostAsync(Some(test, PostingKind.Purchase, 5m, "by the command line"));
        Assert.True(await test.LookForForeignChangesAsync());

        var balance = test.Ledger.Balance(test.Account.Id);
        Assert.Equal((Credits.Exact(6m), Credits.Exact(5.6m)), (balance.Balance, balance.Available));
    }

    [Fact]
    public void StoredNumbers_NeverChange()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6], Enum.GetValues<PostingKind>().Select(static kind => (int)kind));
        Assert.Equal([1, 2, 3, 4, 5, 6], Enum.GetValues<PlatformAccount>().Select(static kind => (int)kind));
        Assert.Equal(-20261105, LedgerAccountId.Of(PlatformAccount.Overrun, new(2026, 11, 30, 23, 59, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task DatabaseHoldsNoFloatingPointAmount_EvenPastTheRange()
    {
        await using var test = await StartAsync();

        await Assert.ThrowsAnyAsync<DbException>(async () =>
        {
            await using var other = test.Files.Connect();
            await other.ExecuteAsync("UPDATE ledger_accounts SET balance = 9223372036854775807 + 1 WHERE id = 1");
        });

        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    private static int _number;

    private static Posting Some(TestLedger test, PostingKind kind, decimal amount, string? key = null) => new()
    {
        AccountId = test.Account.Id, Kind = kind, Amount = Credits.Exact(amount), Actor = "test",
        IdempotencyKey = key ?? $"k{Interlocked.Increment(ref _number)}",
    };

    private static Task<PostingOutcome> PostAsync(TestLedger test, PostingKind kind, decimal amount, string? key = null) =>
        test.Ledger.PostAsync(Some(test, kind, amount, key));
}

public sealed class PostingTestsOnSqlite() : PostingTests(DatabaseEngine.Sqlite);

public sealed class PostingTestsOnPostgreSql() : PostingTests(DatabaseEngine.PostgreSql);
