using System.Diagnostics;
using System.Globalization;
using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests;

/// <summary>M1, M2 and M5 against a real <c>kill -9</c> of a process that settles under load. FAIRLEAD_TEST_KILLS sets how many (default 10).</summary>
public abstract class CrashTests(DatabaseEngine engine)
{
    [Fact]
    public async Task KilledUnderLoad_EveryAcknowledgedChargeIsThereOnceAndEveryOpenRequestIsResolved()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_KILLS") ?? "10", CultureInfo.InvariantCulture);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var files = new TestDatabase(engine);
        for (var kill = 0; kill < kills; kill++)
        {
            // A count of acknowledgements, not a time: any instant of the commit cycle can be hit, and nothing sleeps.
            var acknowledged = await RunAndKillAsync(files, kill, killAfter: random.Next(1, 6000));
            await CheckAsync(files, acknowledged, $"seed {seed}, kill {kill}");
        }
    }

    private static async Task<Dictionary<string, long>> RunAndKillAsync(TestDatabase files, int run, int killAfter)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Fairlead.Ledger.Crash.dll");
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [program, files.AddressText, $"{run}", TestLedger.FirstNode.Value]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var acknowledged = new Dictionary<string, long>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (acknowledged.Count >= killAfter && !process.HasExited)
            {
                process.Kill();
            }

            // A line is one write to the pipe, so the kill cannot cut it: what arrives after the kill was shown before it.
            if (line.Split(' ') is [var id, var cost])
            {
                acknowledged.Add(id, long.Parse(cost, CultureInfo.InvariantCulture));
            }
        }

        await process.WaitForExitAsync();
        Assert.True(acknowledged.Count >= killAfter, $"The program ended by itself after {acknowledged.Count} settlements.");
        return acknowledged;
    }

    private static async Task CheckAsync(TestDatabase files, Dictionary<string, long> acknowledged, string where)
    {
        var open = ReadIntents(files);
        var started = Stopwatch.GetTimestamp();
        await using var test = await TestLedger.StartAsync(files);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), $"{where}: recovery took {Stopwatch.GetElapsedTime(started)}");

        var report = new StringWriter();
        Assert.True(test.Get<LedgerVerifier>().Verify(report), $"{where}: {report}");
        var generations = test.Get<GenerationStore>();
        foreach (var (id, cost) in acknowledged)
        {
            Assert.True(await generations.FindAsync(test.Account.Id, id) is { } found && found.Cost.PicoDollars == cost, $"{where}: {id} was shown {cost}");
        }

        foreach (var id in open)
        {
            var found = await generations.FindAsync(test.Account.Id, id);
            Assert.True(found is { Cancelled: true } && found.Cost == Credits.Zero, $"{where}: {id} was in flight and is {found}");
        }

        Assert.Equal(Credits.Zero, test.Ledger.Balance(test.Account.Id).Held);
        Assert.Empty(ReadIntents(files));
    }

    private static List<string> ReadIntents(TestDatabase files)
    {
        using var connection = files.Connect();
        return connection.Query<string>("SELECT generation_id FROM intents").ToList();
    }
}

public sealed class CrashTestsOnSqlite() : CrashTests(DatabaseEngine.Sqlite);

public sealed class CrashTestsOnPostgreSql() : CrashTests(DatabaseEngine.PostgreSql);
