using System.Data.Common;
using System.Diagnostics;
using Fairlead.Storage;
using Npgsql;

namespace Fairlead.Ledger.Settlement.PostgreSql;

/// <summary>
/// Finds out, on another connection, whether a transaction was committed whose connection was lost meanwhile: the server remembers it
/// (https://www.postgresql.org/docs/15/functions-info.html#FUNCTIONS-PG-SNAPSHOT, pg_xact_status).
/// </summary>
internal sealed class CommitOutcome : IDisposable
{
    /// <summary>How long the server may take to come back, as after a restart or a switch to its standby.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly ManualResetEventSlim _stop = new();

    /// <summary>Whether a failure leaves open what became of the commit: the server did not say, or ended the session.</summary>
    public static bool IsInDoubt(DbException failure) => failure is not PostgresException answer || answer.SqlState.StartsWith("57P", StringComparison.Ordinal);

    /// <summary>True when it was committed, false when it was not. Throws <see cref="StorageException"/> when the server does not come back to tell.</summary>
    public bool WasCommitted(Database database, WriteLease lease, string transaction, DbException failure)
    {
        var began = Stopwatch.GetTimestamp();
        do
        {
            lease.Reconnect();
            try
            {
                using var command = new NpgsqlCommand("SELECT pg_xact_status($1::xid8)", (NpgsqlConnection)lease.Connection)
                {
                    Parameters = { new NpgsqlParameter { Value = transaction, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } },
                };
                if (command.ExecuteScalar() is string and not "in progress" and var status)
                {
                    return status is "committed";
                }
            }
            catch (DbException)
            {
                // Not back yet: the next look is a new connection.
                continue;
            }
        }
        while (!_stop.Wait(BetweenLooks) && Stopwatch.GetElapsedTime(began) < Patience);

        var explained = database.Explain(failure, "committing settlements");
        throw new StorageException(
            StorageFailure.OutcomeUnknown, $"{explained.Message} The server did not come back to say whether it had committed.", failure);
    }

    public void Dispose()
    {
        _stop.Set();
        _stop.Dispose();
    }
}
