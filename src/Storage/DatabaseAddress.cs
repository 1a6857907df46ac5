using System.Diagnostics.CodeAnalysis;
using Fairlead.Storage.PostgreSql;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage;

/// <summary>Which kind of database an address names.</summary>
public enum DatabaseEngine
{
    /// <summary>One file, one node.</summary>
    Sqlite = 1,
    /// <summary>A server, one node or several.</summary>
    PostgreSql = 2,
}

/// <summary>Where the truth is kept: what <c>--database</c> and <c>FAIRLEAD_DATABASE</c> say, understood.</summary>
/// <param name="Engine">The kind of database.</param>
/// <param name="Location">SQLite: the path of the file. PostgreSQL: <c>host:port/database</c>. Never a password.</param>
public sealed record DatabaseAddress(DatabaseEngine Engine, string Location)
{
    private const string SynchronousFull = "Synchronous=Full";
    private const string HowToWrite = "write \"Data Source=PATH\", \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/DATABASE\".";

    /// <summary>
    /// SQLite: <c>;Synchronous=Full</c> was added, which asks for <see cref="DatabaseOptions.SurvivePowerLoss"/>. The default value is
    /// false.
    /// </summary>
    public bool SurvivePowerLoss { get; init; }

    /// <summary>PostgreSQL: how to connect, the password included; not part of the text of this record.</summary>
    internal string ConnectionString { get; init; } = "";

    /// <summary>The SQLite file at <paramref name="path"/>.</summary>
    public static DatabaseAddress SqliteFile(string path) => new(DatabaseEngine.Sqlite, Path.GetFullPath(path));

    /// <summary>
    /// Understands <c>Data Source=…</c>, <c>sqlite:…</c> (SQLite), each with <c>;Synchronous=Full</c> if so wished, and <c>Host=…</c>,
    /// <c>postgres://…</c> (PostgreSQL). A relative path is taken from the current folder.
    /// </summary>
    /// <returns>True and an address, or false and one sentence for the operator that does not repeat it (exit code 3 or 2 is the caller's).</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out DatabaseAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        var value = text.Trim();
        if (value.Length == 0)
        {
            error = $"The database address is empty; {HowToWrite}";
            return false;
        }

        if (PostgreSqlAddress.Names(value))
        {
            return PostgreSqlAddress.TryParse(value, out address, out error);
        }

        var parts = value.Split(';');
        var survivePowerLoss = parts.Any(AsksForFull);
        value = string.Join(';', parts.Where(static part => !AsksForFull(part)));
        var path = value.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase) ? StripScheme(value["sqlite:".Length..]) : ReadDataSource(value, out error);
        if (string.IsNullOrWhiteSpace(path))
        {
            error = $"The database address is not understood; {HowToWrite}";
            return false;
        }

        if (path.Contains(":memory:", StringComparison.OrdinalIgnoreCase))
        {
            error = "A database in memory would lose every charge at the end of the process; name a file.";
            return false;
        }

        address = SqliteFile(path) with { SurvivePowerLoss = survivePowerLoss };
        error = null;
        return true;
    }

    /// <summary>As <see cref="TryParse"/>; throws <see cref="StorageException"/> with the sentence when the address cannot be used.</summary>
    public static DatabaseAddress Parse(string text) =>
        TryParse(text, out var address, out var error) ? address : throw new StorageException(StorageFailure.BadAddress, error);

    private static bool AsksForFull(string part) => part.Replace(" ", "").Equals(SynchronousFull, StringComparison.OrdinalIgnoreCase);

    private static string StripScheme(string rest) => rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;

    private static string? ReadDataSource(string value, out string? error)
    {
        error = null;
        try
        {
            return new SqliteConnectionStringBuilder(value).DataSource;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
