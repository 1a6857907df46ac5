using System.Globalization;
using Fairlead.Accounts;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;

namespace Fairlead.Gateway.Tests.Console;

/// <summary>Makes what management pages show: charged requests and further accounts, without an upstream.</summary>
internal static class Charges
{
    private static int count;

    /// <summary>Charges one request of a key now.</summary>
    public static async Task ChargeAsync(this ConsoleHost host, ApiKey key, decimal dollars, string endpoint = "endpoint-1", string model = "acme/rocket-1", decimal byok = 0)
    {
        var ledger = host.Get<CreditLedger>();
        var id = $"gen-1-{Interlocked.Increment(ref count).ToString("d20", CultureInfo.InvariantCulture)}";
        var hold = await ledger.TryHoldAsync(new HoldRequest { GenerationId = id, AccountId = key.AccountId, KeyId = key.Id, KeyLimit = key.SpendingLimit, Amount = Credits.Exact(dollars), Model = model });
        Assert.True(hold.Granted);
        await ledger.SettleAsync(hold.Hold, new Generation
        {
            Id = id, AccountId = key.AccountId, KeyId = key.Id, CreatedAtMs = 0, Model = model, ModelPermaslug = model + "-20251101", EndpointId = endpoint,
            ProviderName = "Acme AI", Cost = Credits.Exact(dollars), UpstreamCost = Credits.Exact(byok == 0 ? dollars : byok), IsByok = byok != 0,
            NativeTokensPrompt = 10, NativeTokensCompletion = 20, NativeTokensReasoning = 5,
        });
    }

    /// <summary>A second account with a key and a management key of its own.</summary>
    public static async Task<(CreatedKey Key, CreatedKey Manager)> NewAccountAsync(this ConsoleHost host)
    {
        var account = await host.Get<Database>().WriteAsync(
            (connection, transaction) => host.Get<AccountStore>().InsertAsync(connection, transaction, "Other", null, null, isOperator: false, null), "making an account");
        var keys = host.Get<KeyStore>();
        return (await keys.CreateAsync(new() { AccountId = account.Id, Name = "theirs" }), await keys.CreateAsync(new() { AccountId = account.Id, Name = "manager", IsProvisioning = true }));
    }

    /// <summary>The key with this text.</summary>
    public static ApiKey KeyOf(this ConsoleHost host, string secret) => host.Get<KeyIndex>().Find(secret)!;
}
