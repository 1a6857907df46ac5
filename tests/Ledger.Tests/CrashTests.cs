using System.Diagnostics;
using System.Globalization;
using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Testing;
using Xunit.Abstractions;

namespace Fairlead.Ledger.Tests;

/// <summary>
/// M1, M2 and M5 against a real <c>kill -9</c> of a process that settles under load. FAIRLEAD_TEST_KILLS sets how many (default 10); the instants of a run
/// with FAIRLEAD_TEST_SEED are those of the run that printed it, as far as the machine lets two runs be alike.
/// </summary>
public abstract class CrashTests(DatabaseEngine engine, ITestOutputHelper output)
{
    [Fact]
    public async Task KilledUnderLoad_EveryAcknowledgedChargeIsThereOnceAndEveryOpenRequestIsResolved()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_KILLS") ?? "10", CultureInfo.InvariantCulture);
        var seed = Environment.GetEnvironmentVariable("FAIRLEAD_TEST_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Environment.TickCount;
        var random = new Random(seed);
        var (acknowledgedInAll, resolvedInAll) = (0, 0);
        using var files = new TestDatabase(engine);
        for (var kill = 0; kill < kills; kill++)
        {
            // A count of acknowledgements, not a time: any instant of the commit cycle can be hit, and nothing sleeps.
            var acknowledged = await RunAndKillAsync(files, kill, killAfter: random.Next(1, 6000));
            resolvedInAll += await CheckAsync(files, acknowledged, $"seed {seed}, kill {kill}");
            acknowledgedInAll += acknowledged.Count;
        }

        output.WriteLine(
            $"{engine}: seed {seed}, {kills} kills, {acknowledgedInAll} charges acknowledged and found, {resolvedInAll} requests in flight resolved");
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

    private static async Task<int> CheckAsync(TestDatabase files, Dictionary<string, long> acknowledged, string where)
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
        return open.Count;
    }

    private static List<string> ReadIntents(TestDatabase files)
    {
        using var connection = files.Connect();
        return connection.Query<string>("SELECT generation_id FROM intents").ToList();
    }
}

public sealed class CrashTestsOnSqlite(ITestOutputHelper output) : CrashTests(DatabaseEngine.Sqlite, output);

public sealed class CrashTestsOnPostgreSql(ITestOutputHelper output) : CrashTests(DatabaseEngine.PostgreSql, output);
