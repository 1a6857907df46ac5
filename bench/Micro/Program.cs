using Fairlead.Storage;

switch (args)
{
    case ["settlement"]:
        await Fairlead.Micro.Settlement.SettlementCost.PrintAsync(Console.Out, server: null);
        return 0;
    case ["settlement", var address]:
        if (!DatabaseAddress.TryParse(address, out var server, out var error))
        {
            await Console.Error.WriteLineAsync(error);
            return 2;
        }

        if (server.Engine is not DatabaseEngine.PostgreSql)
        {
            await Console.Error.WriteLineAsync("An address is for PostgreSQL; without one, SQLite is measured on a file of its own.");
            return 2;
        }

        await Fairlead.Micro.Settlement.SettlementCost.PrintAsync(Console.Out, server);
        return 0;
    default:
        BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
