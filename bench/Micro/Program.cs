if (args is ["settlement"])
{
    await Fairlead.Micro.Settlement.SettlementCost.PrintAsync(Console.Out);
    return;
}

BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
