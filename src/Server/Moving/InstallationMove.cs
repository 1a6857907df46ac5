using System.Globalization;
using Fairlead.Ledger;
using Fairlead.Ledger.Verification;
using Fairlead.Server.Commands;
using Fairlead.Server.Folder;
using Fairlead.Server.Hosting;
using Fairlead.Storage;
using Fairlead.Storage.Transfer;

namespace Fairlead.Server.Moving;

/// <summary>
/// <c>fairlead migrate --from --to</c>: everything in one database goes into another, of either engine; afterwards both ledgers are verified and compared. The
/// source is only brought to this version. The target is left empty when anything fails.
/// </summary>
internal sealed class InstallationMove(string dataFolder, DatabaseAddress from, DatabaseAddress to, TextWriter output)
{
    // A gateway that was killed a moment ago is believed alive for as long as its lease.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>Moves; the exit code. Throws <see cref="CommandFailure"/> and <see cref="StorageException"/> with a sentence for the operator.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (from.Engine == to.Engine && from.Location == to.Location)
            throw new CommandFailure(ExitCode.Usage, "--from and --to name the same database.");
        if (from.Engine is DatabaseEngine.Sqlite && !File.Exists(from.Location))
            throw new CommandFailure(ExitCode.NoDatabase, $"There is no database at {from.Location}.");
        DataFolder.Ensure(new(dataFolder, to, []));
        using var taken = DataFolderLock.TryTake(dataFolder)
            ?? throw new CommandFailure(ExitCode.NoDatabase, $"A fairlead uses the data folder {dataFolder}. Stop it and repeat.");
        if (CreditLedger.CountJournaled(DataFolder.Journal(dataFolder)) is > 0 and var waiting)
        {
            throw new CommandFailure(
                ExitCode.Wrong,
                $"The journal in {DataFolder.Journal(dataFolder)} holds {waiting} charges that are not in the database yet. Start the gateway once, which settles them, stop it with SIGTERM, and repeat.");
        }

        foreach (var address in (DatabaseAddress[])[from, to])
        {
            if (await DatabaseUse.FindAsync(address, Patience, cancellationToken) is { } user)
                throw new CommandFailure(ExitCode.NoDatabase, user + " Stop it and repeat.");
        }

        await using var source = Open(from);
        await using var target = Open(to);
        try
        {
            return await MoveAsync(source, target, cancellationToken);
        }
        catch (TransferRefusedException refusal)
        {
            throw new CommandFailure(ExitCode.Wrong, refusal.Message, refusal);
        }
    }

    private async Task<int> MoveAsync(ServiceProvider source, ServiceProvider target, CancellationToken cancellationToken)
    {
        var copy = source.GetRequiredService<DatabaseCopy>();
        if (copy.FindFilledTable(target.GetRequiredService<Database>()) is { } filled)
            throw TransferRefusedException.NotEmpty(to.Location, filled);

        await output.WriteLineAsync($"Verifying the source, {Name(from)}.");
        var before = Verify(source);
        if (before.Any(static check => !check.Holds))
            throw new CommandFailure(ExitCode.Wrong, "The ledger of the source is broken; the lines above name where. Nothing was copied.");

        await output.WriteLineAsync($"Copying to {Name(to)}.");
        var tables = await copy.CopyAsync(source.GetRequiredService<Database>(), target.GetRequiredService<Database>(), Tell, cancellationToken);

        await output.WriteLineAsync("Verifying the target.");
        var after = Verify(target);
        var comparison = Compare(source, target, before, after, tables);
        var width = comparison.Max(static line => line.What.Length);
        await output.WriteLineAsync($"{"".PadRight(width)}  {"source",24}  {"target",24}");
        foreach (var (what, was, became) in comparison)
            await output.WriteLineAsync($"{what.PadRight(width)}  {was,24}  {became,24}{(was == became ? "" : "  DIFFERS")}");
        if (after.Any(static check => !check.Holds) || comparison.Any(static line => line.Was != line.Became))
        {
            throw new CommandFailure(
                ExitCode.Wrong, "The target is not what the source is; the lines above name where. Do not serve from it: drop it. The source was not changed.");
        }

        await output.WriteLineAsync($"Both sides are equal. Serve from the target with --database and this data folder, whose secret and node-id belong to it; keep {from.Location} until you are content.");
        return ExitCode.Done;
    }

    private ServiceProvider Open(DatabaseAddress address)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        Rooms.AddStores(services, new(dataFolder, address, []));
        var provider = services.BuildServiceProvider();
        provider.GetRequiredService<Database>(); // Opening it brings it to this version.
        return provider;
    }

    private List<CheckResult> Verify(ServiceProvider side)
    {
        var results = new List<CheckResult>();
        foreach (var result in side.GetRequiredService<LedgerVerifier>().Run())
        {
            output.WriteLine(result);
            results.Add(result);
        }

        return results;
    }

    private void Tell(TableProgress table)
    {
        if (table.Copied > 0 || table.Done)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {table.Table}: {table.Copied:n0}{(table.Done ? " rows" : $" of {table.Total:n0}")}"));
        output.Flush();
    }

    /// <summary>What must be equal. Pages and indexes, which the file check counts, are each engine's own.</summary>
    private static List<(string What, string Was, string Became)> Compare(
        ServiceProvider source, ServiceProvider target, List<CheckResult> before, List<CheckResult> after, IReadOnlyList<TableProgress> tables)
    {
        var (was, became) = (Figures(source), Figures(target));
        var lines = new List<(string, string, string)>
        {
            ("accounts of the ledger", Number(was.Accounts), Number(became.Accounts)),
            ("credits of customers, USD", Dollars(was.CustomerBalances), Dollars(became.CustomerBalances)),
            ("the platform's accounts, USD", Dollars(was.PlatformBalances), Dollars(became.PlatformBalances)),
            ("generations", Number(was.Generations), Number(became.Generations)),
            ("charged for them, USD", Dollars(was.Charged), Dollars(became.Charged)),
        };
        lines.AddRange(before.Zip(after).Where(static pair => pair.First.Name != FileCheckName)
            .Select(static pair => ($"checked for {pair.First.Name}", Number(pair.First.Looked), Number(pair.Second.Looked))));
        var counted = target.GetRequiredService<DatabaseCopy>().Count(target.GetRequiredService<Database>());
        lines.AddRange(tables.Select(table => ($"rows of {table.Table}", Number(table.Copied), Number(counted[table.Table]))));
        return lines;
    }

    private const string FileCheckName = "file";

    private static LedgerFigures Figures(ServiceProvider side)
    {
        using var lease = side.GetRequiredService<Database>().ReadSnapshot();
        return LedgerFigures.Read(lease.Connection);
    }

    private static string Name(DatabaseAddress address) => $"{address.Location} ({(address.Engine is DatabaseEngine.Sqlite ? "SQLite" : "PostgreSQL")})";

    private static string Number(long number) => number.ToString("n0", CultureInfo.InvariantCulture);

    private static string Dollars(Int128 picoDollars) => ((decimal)picoDollars / 1_000_000_000_000m).ToString("0.000000000000", CultureInfo.InvariantCulture);
}
