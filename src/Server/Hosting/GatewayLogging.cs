using Fairlead.Server.Commands;
using Microsoft.Extensions.Logging.Console;

namespace Fairlead.Server.Hosting;

/// <summary>
/// Logs go to standard error, one sentence a line; standard output is for what a person asked for. The framework speaks only when something is wrong,
/// so no request line, address or header ever gets into a log by itself.
/// </summary>
internal static class GatewayLogging
{
    /// <summary>Sets logging up. <c>FAIRLEAD_LOG_LEVEL</c> (<c>debug</c>, <c>information</c>, <c>warning</c>) changes how much our own rooms say.</summary>
    public static void Add(ILoggingBuilder logging, ProcessEnvironment environment)
    {
        var ours = Enum.TryParse<LogLevel>(environment.Get("FAIRLEAD_LOG_LEVEL"), ignoreCase: true, out var level) ? level : LogLevel.Information;
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Fairlead", ours);
        // A client that breaks the protocol or goes away is not the operator's business; Kestrel reports it at Information and below.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Error);
        // The host's own request log: nobody reads it (ApiErrors reports what went wrong), and while it may be written every request gets an Activity.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        logging.AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    }
}
