using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// Reads <c>Host=…;Username=…</c> (Npgsql's keywords) and <c>postgres://user:password@host:port/database?sslmode=require</c>. What is wrong with an address is
/// said without repeating it: it may hold a password.
/// </summary>
internal static class PostgreSqlAddress
{
    private const string HowToWrite = "write \"postgres://USER:PASSWORD@HOST:5432/DATABASE\" or \"Host=HOST;Username=USER;Password=PASSWORD;Database=DATABASE\".";

    /// <summary>Whether an address names PostgreSQL at all.</summary>
    public static bool Names(string value) =>
        IsUri(value)
        || value.Split(';').Any(static part =>
            part.Trim().StartsWith("Host=", StringComparison.OrdinalIgnoreCase) || part.Trim().StartsWith("Server=", StringComparison.OrdinalIgnoreCase));

    /// <summary>The address understood, or one sentence that does not repeat it.</summary>
    public static bool TryParse(string value, [NotNullWhen(true)] out DatabaseAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        try
        {
            var builder = IsUri(value) ? FromUri(value, out error) : FromKeywords(value, out error);
            if (builder is null)
            {
                error ??= $"The PostgreSQL address is not understood; {HowToWrite}";
                return false;
            }

            if (string.IsNullOrWhiteSpace(builder.Host))
            {
                error = $"The PostgreSQL address names no host; {HowToWrite}";
                return false;
            }

            // Npgsql and PostgreSQL take the user's name; the operator should see which database is meant.
            builder.Database ??= builder.Username ?? "postgres";
            address = new(DatabaseEngine.PostgreSql, $"{(builder.Host.Contains(':') ? $"[{builder.Host}]" : builder.Host)}:{builder.Port}/{builder.Database}") { ConnectionString = builder.ConnectionString };
            error = null;
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
        {
            error = $"The PostgreSQL address is not understood; {HowToWrite}";
            return false;
        }
    }

    private static bool IsUri(string value) =>
        value.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    private static NpgsqlConnectionStringBuilder? FromKeywords(string value, out string? error)
    {
        var known = new NpgsqlConnectionStringBuilder();
        foreach (string keyword in new DbConnectionStringBuilder { ConnectionString = value }.Keys)
        {
            if (!known.ContainsKey(keyword))
            {
                error = $"The PostgreSQL address has a part \"{keyword}\" that is not known.";
                return null;
            }
        }

        error = null;
        return new(value);
    }

    private static NpgsqlConnectionStringBuilder? FromUri(string value, out string? error)
    {
        error = null;
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri))
        {
            return null;
        }

        var builder = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost, Port = uri.Port > 0 ? uri.Port : NpgsqlConnection.DefaultPort };
        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        if (uri.UserInfo.Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(colon < 0 ? uri.UserInfo : uri.UserInfo[..colon]);
            builder.Password = colon < 0 ? null : Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]);
        }

        if (uri.AbsolutePath.Length > 1)
        {
            builder.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        }

        foreach (var option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            var name = Uri.UnescapeDataString(equals < 0 ? option : option[..equals]);
            var text = equals < 0 ? "" : Uri.UnescapeDataString(option[(equals + 1)..]);
            if (!TrySet(builder, name, text))
            {
                error = $"The PostgreSQL address has an option \"{name}\" that is not known or has a value that cannot be used.";
                return null;
            }
        }

        return builder;
    }

    /// <summary>libpq's names (https://www.postgresql.org/docs/current/libpq-connect.html), and Npgsql's own.</summary>
    private static bool TrySet(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        var keyword = name.ToLowerInvariant() switch
        {
            "sslmode" => "SSL Mode",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "sslpassword" => "SSL Password",
            "connect_timeout" => "Timeout",
            "application_name" => "Application Name",
            "target_session_attrs" => "Target Session Attributes",
            "host" => "Host",
            "port" => "Port",
            "user" => "Username",
            "password" => "Password",
            "dbname" => "Database",
            "options" => "Options",
            _ => name,
        };
        try
        {
            // "verify-full" is VerifyFull.
            builder[keyword] = keyword is "SSL Mode" or "Target Session Attributes" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException or InvalidCastException or KeyNotFoundException)
        {
            return false;
        }
    }
}
