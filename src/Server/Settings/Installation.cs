using Fairlead.Server.Commands;
using Fairlead.Storage;

namespace Fairlead.Server.Settings;

/// <summary>Which installation a command is about: its data folder, its database and its configuration files, all as absolute paths.</summary>
internal sealed record Installation(string DataFolder, DatabaseAddress Database, IReadOnlyList<string> ConfigFiles)
{
    /// <summary>The database file when nobody names one.</summary>
    public const string DefaultDatabaseFile = "fairlead.db";

    /// <summary>The database was named, and not left to be the file in the data folder.</summary>
    public bool NamesDatabase { get; init; }

    /// <summary>
    /// What was typed, else the environment, else the defaults: <c>./data</c> and an SQLite file in it. Throws <see cref="CommandFailure"/> (exit 3) for
    /// an address that is not understood.
    /// </summary>
    public static Installation From(string? data, string? database, IReadOnlyList<string>? config, ProcessEnvironment environment)
    {
        var folder = Path.GetFullPath(data ?? environment.Get("FAIRLEAD_DATA") ?? "data");
        var files = config is { Count: > 0 }
            ? config
            : environment.Get("FAIRLEAD_CONFIG")?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var named = database ?? environment.Get("FAIRLEAD_DATABASE");
        return new(folder, Address(named, folder), [.. files.Select(Path.GetFullPath)]) { NamesDatabase = named is not null };
    }

    private static DatabaseAddress Address(string? text, string folder)
    {
        if (text is null)
            return DatabaseAddress.SqliteFile(Path.Combine(folder, DefaultDatabaseFile));
        return DatabaseAddress.TryParse(text, out var address, out var error) ? address : throw new CommandFailure(ExitCode.NoDatabase, error);
    }
}
