using System.Globalization;
using System.Runtime.InteropServices;
using Fairlead.Simulator;

var url = "http://127.0.0.1:9101";
var seed = 0;
var requireKey = true;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--urls" when i + 1 < args.Length:
            url = args[++i];
            break;
        case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seed):
            i++;
            break;
        case "--no-key":
            requireKey = false;
            break;
        case "--help":
            Console.WriteLine("usage: simulator [--urls http://127.0.0.1:9101] [--seed N] [--no-key]");
            Console.WriteLine("Speaks the chat and embedding protocols of OpenAI, Azure, Anthropic, Gemini, Vertex, Bedrock, Cohere and Ollama. Faults: docs/operations/simulator.md");
            return 0;
        default:
            Console.Error.WriteLine($"simulator: cannot read '{args[i]}'; try --help");
            return 2;
    }
}

SimulatorServer server;
try
{
    server = await SimulatorHost.StartAsync(new SimulatorOptions { Url = url, Seed = seed, RequireKey = requireKey }, CancellationToken.None);
}
catch (Exception e) when (e is IOException or ArgumentException or FormatException or InvalidOperationException)
{
    Console.Error.WriteLine($"simulator: {e.Message}");
    return 2;
}

await using (server)
{
    Console.WriteLine($"simulator listening on {server.Address} (seed {seed})");
    var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        asked.TrySetResult();
    }

    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    await asked.Task;
}

return 0;
