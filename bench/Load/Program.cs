using Fairlead.Load;
using Fairlead.Load.Servers;

switch (args)
{
    case ["upstream", var url]:
        await MockUpstream.ServeAsync(url);
        return 0;
    case ["passthrough", var url, var upstream]:
        await Passthrough.ServeAsync(url, new Uri(upstream));
        return 0;
    case ["run", .. var rest] when RunOptions.Parse(rest) is { } options:
        return await new BenchRun(options).RunAsync();
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project bench/Load -- run [--quick] [--no-build] [--no-fairlead] [--only requests,streams,latency,slow] [--rounds N] [--compare PATH/fairlead.dll]
                   … upstream URL                  the mock upstream alone
                   … passthrough URL UPSTREAM-URL  the bare passthrough alone
            """);
        return 2;
}
