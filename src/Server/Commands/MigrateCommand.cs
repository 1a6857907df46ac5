using System.CommandLine;
using Fairlead.Server.Folder;
using Fairlead.Server.Hosting;
using Fairlead.Storage;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead migrate</c>.</summary>
internal static class MigrateCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var migrate = new Command("migrate", "Brings the database to this version and exits; \"serve\" does the same at its start.");
        migrate.SetAction(async (line, _) =>
        {
            var installation = common.Read(line);
            DataFolder.Ensure(installation);
            var services = new ServiceCollection();
            services.AddLogging();
            Rooms.AddStores(services, installation);
            await using var provider = services.BuildServiceProvider();
            var database = provider.GetRequiredService<Database>(); // Opening it applies what is missing, under the database's own lock.
            await line.InvocationConfiguration.Output.WriteLineAsync($"{database.Address.Location} is at the version of this program.");
            return ExitCode.Done;
        });
        root.Add(migrate);
    }
}
