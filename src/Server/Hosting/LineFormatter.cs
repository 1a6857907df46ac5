using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Fairlead.Server.Hosting;

/// <summary>Log lines for people and for grep: time in UTC, level, room, sentence; an exception below, indented.</summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>Name it is registered under.</summary>
    public const string FormatterName = "line";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
        textWriter.Write(entry.LogLevel switch
        {
            LogLevel.Trace => " trace ",
            LogLevel.Debug => " debug ",
            LogLevel.Information => " info  ",
            LogLevel.Warning => " warn  ",
            LogLevel.Error => " error ",
            _ => " fatal ",
        });
        textWriter.Write(Room(entry.Category));
        textWriter.Write(": ");
        textWriter.WriteLine(OneLine(entry.Formatter(entry.State, entry.Exception)));
        if (entry.Exception is { } exception)
            textWriter.WriteLine("    " + exception.ToString().ReplaceLineEndings(Environment.NewLine + "    "));
    }

    // Fairlead.Ledger.Settlement.Writer is the room Ledger; other code keeps its own name.
    private static string Room(string category)
    {
        var parts = category.Split('.');
        return parts.Length > 1 && parts[0] == "Fairlead" ? parts[1] : category;
    }

    // What comes from outside (a file name, a provider's word) must not be able to forge a line.
    private static string OneLine(string message) => message.AsSpan().IndexOfAny('\r', '\n') < 0 ? message : message.ReplaceLineEndings(" ");
}
