using System.CommandLine;
using Fairlead.Server.Folder;
using Fairlead.Server.Hosting;
using Fairlead.Server.Moving;
using Fairlead.Storage;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead migrate</c>: brings a database to this version, or, with <c>--from</c> and <c>--to</c>, moves everything to another.</summary>
internal static class MigrateCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var from = new Option<string?>("--from") { Description = "With --to: the database to move from, written as for --database.", HelpName = "CONN" };
        var to = new Option<string?>("--to") { Description = "With --from: the empty database to move to, of the same engine or the other.", HelpName = "CONN" };
        var migrate = new Command(
            "migrate",
            "Brings the database to this version and exits; \"serve\" does the same at its start. With --from and --to moves a whole installation, while no "
            + "gateway serves either, and compares the ledgers of both.") { from, to };
        migrate.Validators.Add(command =>
        {
            if (command.GetResult(from) is null != command.GetResult(to) is null)
                command.AddError("--from and --to belong together.");
        });
        migrate.SetAction(async (line, cancellationToken) =>
        {
            var output = line.InvocationConfiguration.Output;
            var installation = common.Read(line);
            if (line.GetValue(from) is { } source && line.GetValue(to) is { } target)
                return await new InstallationMove(installation.DataFolder, Parse("--from", source), Parse("--to", target), output).RunAsync(cancellationToken);
            DataFolder.Ensure(installation);
            var services = new ServiceCollection();
            services.AddLogging();
            Rooms.AddStores(services, installation);
            await using var provider = services.BuildServiceProvider();
            var database = provider.GetRequiredService<Database>(); // Opening it applies what is missing, under the database's own lock.
            await output.WriteLineAsync($"{database.Address.Location} is at the version of this program.");
            return ExitCode.Done;
        });
        root.Add(migrate);
    }

    private static DatabaseAddress Parse(string option, string text) =>
        DatabaseAddress.TryParse(text, out var address, out var error) ? address : throw new CommandFailure(ExitCode.Usage, $"{option}: {error}");
}
