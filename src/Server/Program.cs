using Fairlead.Server.Commands;

// Signals are the host's: `serve` drains on SIGTERM, every other command ends as the shell expects.
return await CommandTree.RunAsync(args, System.Console.Out, System.Console.Error, new ProcessEnvironment());
