using System.Data.Common;
using System.Security.Authentication;
using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>What an error of PostgreSQL or of the way to it means for the operator (https://www.postgresql.org/docs/15/errcodes-appendix.html).</summary>
public static class PostgreSqlFailures
{
    /// <summary>
    /// The failure behind an exception while doing <paramref name="what"/> ("opening the database at …"). The server's message is shown, its detail is not:
    /// that may hold data.
    /// </summary>
    public static StorageException Explain(DbException cause, string what)
    {
        if (cause is PostgresException answer)
        {
            var (kind, whatToDo) = Judge(answer.SqlState);
            return StorageException.Of(kind, what, $"PostgreSQL {answer.SqlState}: {answer.MessageText}", whatToDo, cause);
        }

        var (failure, advice) = JudgeWay(cause);
        return StorageException.Of(failure, what, cause.InnerException is { } inner ? $"{cause.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}" : cause.Message.TrimEnd('.'), advice, cause);
    }

    /// <summary>Whether the same transaction may succeed when it is simply run again.</summary>
    public static bool IsTransient(DbException cause) =>
        cause is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    private static (StorageFailure Failure, string Advice) Judge(string state) => state switch
    {
        "28P01" or "28000" => (StorageFailure.AccessDenied, "check user and password, and that pg_hba.conf lets this user in from here"),
        "3D000" => (StorageFailure.CannotOpen, "make the database first, for example with \"createdb\""),
        "42501" => (StorageFailure.AccessDenied, "the user needs to own the database, or CREATE and USAGE on its schema and all rights on its tables"),
        "53100" => (StorageFailure.DiskFull, "the server's disk is full; free some space there, nothing already charged is lost"),
        "53300" => (StorageFailure.Unreachable, "the server has no connection left; raise its max_connections or lower \"Maximum Pool Size\" in the address"),
        "55P03" or "57014" => (StorageFailure.Locked, "another session holds the rows or tables; see pg_stat_activity, wait or end it, then try again"),
        "40001" or "40P01" => (StorageFailure.Locked, "other transactions were in the way; try again"),
        "25006" => (StorageFailure.ReadOnly, "the server is a standby or read-only; name the primary"),
        "XX001" or "XX002" => (StorageFailure.Corrupted, "the server's files are damaged; stop it and restore the newest backup"),
        "58030" => (StorageFailure.DiskError, "the server's disk failed; look at its log"),
        "57P01" or "57P02" or "57P03" or "57P05" => (StorageFailure.Unreachable, "the server stops or starts; it is tried again"),
        ['0', '8', ..] => (StorageFailure.Unreachable, "check that the server runs and can be reached from here"),
        ['5', '3', ..] => (StorageFailure.Unreachable, "the server is short of something; look at its log"),
        _ => (StorageFailure.Other, ""),
    };

    /// <summary>Errors the server did not send.</summary>
    private static (StorageFailure Failure, string Advice) JudgeWay(DbException cause)
    {
        if (cause.InnerException is AuthenticationException)
        {
            return (StorageFailure.Unreachable, "the encrypted connection failed; check sslmode and the certificates in the address");
        }

        // Npgsql has no code for these; texts of version 10.
        if (cause.Message.Contains("password", StringComparison.OrdinalIgnoreCase))
        {
            return (StorageFailure.AccessDenied, "put a password into the address, or set PGPASSWORD or a .pgpass file");
        }

        if (cause.Message.Contains("pool has been exhausted", StringComparison.Ordinal))
        {
            return (StorageFailure.Unreachable, "every connection is in use; raise \"Maximum Pool Size\" in the address");
        }

        return (StorageFailure.Unreachable, "check that the server runs and can be reached from here");
    }
}
