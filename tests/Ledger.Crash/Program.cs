// Settles under load until it is killed, and prints each generation's id and cost after its settlement has completed: what a caller would have been
// shown. The test that started it kills it at some instant and checks the database it leaves.
using Fairlead.Accounts;
using Fairlead.Accounts.Bootstrap;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Storage;
using Microsoft.Extensions.DependencyInjection;

const int Callers = 24;
var run = args[1];
await using var services = new ServiceCollection()
    .AddLogging().AddStorage(DatabaseAddress.Parse(args[0])).AddLedger(() => new NodeId(args[2])).AddAccounts().BuildServiceProvider();
var ledger = services.GetRequiredService<CreditLedger>();
await ledger.StartAsync(default);
await services.GetRequiredService<KeyIndex>().StartAsync(default);
var account = (await services.GetRequiredService<AccountBootstrap>().ApplyAsync(new() { Credits = Credits.Exact(1_000_000m) })).Account;
using var output = Console.Out;
Console.WriteLine("ready");
await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller))));

async Task CallAsync(int caller)
{
    var random = new Random(caller);
    for (var i = 0; ; i++)
    {
        var id = $"gen-{run}-{caller}-{i}";
        var outcome = await ledger.TryHoldAsync(new()
        {
            GenerationId = id, AccountId = account.Id, KeyId = 1, KeyLimit = null, Amount = Credits.Exact(0.01m), Model = "acme/rocket-1",
        });
        if (!outcome.Granted)
        {
            throw new InvalidOperationException($"{id} was refused: {outcome.Refusal}.");
        }

        using var hold = outcome.Hold;
        // Every third caller is slow enough for its intent to be written first.
        await Task.Delay(caller % 3 == 0 ? random.Next(25, 80) : 0);
        if (random.Next(20) == 0)
        {
            continue;
        }

        var cost = await ledger.SettleAsync(hold, new Generation
        {
            Id = id, AccountId = account.Id, KeyId = 1, CreatedAtMs = 1, Model = "acme/rocket-1", ModelPermaslug = "acme/rocket-1",
            Cost = new Credits(random.Next(1, 20_000_000)), UpstreamCost = new Credits(random.Next(1, 20_000_000)),
        });
        lock (services)
        {
            Console.WriteLine($"{id} {cost.PicoDollars}");
        }
    }
}
