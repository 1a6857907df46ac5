using System.CommandLine;
using Fairlead.Server.Hosting;
using Fairlead.Server.Settings;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead serve</c>, and <c>fairlead</c> without a command.</summary>
internal static class ServeCommand
{
    /// <summary>Adds the command, and its options to the root as well.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var urls = new Option<string?>("--urls")
        {
            Description = "Addresses to listen on, separated by \";\". Default http://127.0.0.1:8080, or FAIRLEAD_URLS.", HelpName = "URLS",
        };
        var demo = new Option<string?>("--demo")
        {
            Description = "Built-in demo models: on, off, or auto (when nothing else could answer). Default auto, or FAIRLEAD_DEMO.", HelpName = "on|off|auto",
        };
        demo.AcceptOnlyFromAmong("on", "off", "auto");
        var drain = new Option<int>("--drain")
        {
            Description = "Seconds that open streams may go on after SIGTERM.", HelpName = "SECONDS", DefaultValueFactory = _ => 30,
        };
        drain.Validators.Add(option =>
        {
            if (option.Tokens.Count == 1 && (!int.TryParse(option.Tokens[0].Value, out var seconds) || seconds is < 0 or > 86400))
                option.AddError("--drain takes whole seconds from 0 to 86400.");
        });

        var serve = new Command("serve", "The gateway. Stops on SIGTERM or Ctrl+C, after open streams have ended.");
        foreach (var command in (Command[])[root, serve])
        {
            command.Add(urls);
            command.Add(demo);
            command.Add(drain);
            command.SetAction((line, cancellationToken) => GatewayServer.RunAsync(
                new ServeSettings
                {
                    Installation = common.Read(line),
                    Urls = (line.GetValue(urls) ?? common.Environment.Get("FAIRLEAD_URLS")) is { } text
                        ? ListenAddress.ParseAll(text)
                        : [ListenAddress.Default],
                    Demo = Mode(line.GetValue(demo) ?? common.Environment.Get("FAIRLEAD_DEMO")),
                    Drain = TimeSpan.FromSeconds(line.GetValue(drain)),
                    Environment = common.Environment,
                },
                line.InvocationConfiguration.Output,
                cancellationToken));
        }

        root.Add(serve);
    }

    private static DemoMode Mode(string? text) => text?.ToLowerInvariant() switch
    {
        null or "auto" => DemoMode.Auto,
        "on" => DemoMode.On,
        "off" => DemoMode.Off,
        _ => throw new CommandFailure(ExitCode.Usage, "FAIRLEAD_DEMO is neither on, off nor auto."),
    };
}
