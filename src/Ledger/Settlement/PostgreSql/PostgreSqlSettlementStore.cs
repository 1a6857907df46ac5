using System.Data.Common;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Postings;
using Fairlead.Storage;
using Fairlead.Storage.PostgreSql;
using Npgsql;

namespace Fairlead.Ledger.Settlement.PostgreSql;

/// <summary>
/// The SQL of settlement on PostgreSQL, in two round trips per batch: the generations, of which the server says which are new; then everything that follows
/// from that, and the commit. Several nodes may write at once: postings are numbered by a sequence, sums are added to, never replaced, and what loses against
/// another transaction is run again.
/// </summary>
internal sealed class PostgreSqlSettlementStore : ISettlementStore
{
    /// <summary>How often a batch is run again that lost against another transaction.</summary>
    private const int MostAttempts = 5;

    /// <summary>Numbers of postings fetched at once; those of a run that ends are never used.</summary>
    private const int PostingsFetched = 64;

    private readonly Database _database;
    private readonly LedgerRun _run;
    private readonly GenerationRows _generations = new();
    private readonly TotalRows _totalRows = new();
    private readonly IntentRows _intents;
    private readonly List<long> _doneIntents = [];
    private readonly SettlementTotals _totals = new();
    private readonly PriceNumbers _prices = new();
    private readonly HashSet<long> _months = [];
    private readonly Queue<long> _postings = new();
    private readonly HashSet<string> _inserted = [];
    private NpgsqlBatch _first;
    private int _preparedOn;
    private readonly CommitOutcome _outcome = new();
    private readonly TimeSpan? _patience;
    private string? _transaction;

    public PostgreSqlSettlementStore(Database database, LedgerRun run, DateTimeOffset now, TimeSpan? patience)
    {
        _patience = patience;
        _database = database;
        _run = run;
        _intents = new(run);
        _first = First();
        using var lease = database.Lease();
        try
        {
            EnsureMonth(lease.Connection, GenerationMonth.Of(now));
        }
        catch (DbException failure)
        {
            throw database.Explain(failure, "preparing this month's records");
        }
    }

    /// <inheritdoc/>
    public void Write(WriteLease lease, IReadOnlyList<PendingSettlement> settlements, IReadOnlyList<Hold> intents, IReadOnlyList<long> doneIntents)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                WriteOnce(lease, settlements, intents, doneIntents);
                return;
            }
            catch (DbException failure)
            {
                Undo(lease);
                if (!PostgreSqlFailures.IsTransient(failure) || attempt == MostAttempts)
                {
                    throw _database.Explain(failure, "committing settlements");
                }
            }
            catch
            {
                Undo(lease);
                throw;
            }
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        _outcome.Dispose();
    }

    private void WriteOnce(WriteLease lease, IReadOnlyList<PendingSettlement> settlements, IReadOnlyList<Hold> intents, IReadOnlyList<long> doneIntents)
    {
        var connection = (NpgsqlConnection)lease.Connection;
        _totals.Clear();
        _doneIntents.Clear();
        _doneIntents.AddRange(doneIntents);
        _transaction = null;
        long? posting = null;
        if (settlements.Count > 0)
        {
            posting = NextPosting(connection);
            WriteGenerations(connection, settlements, posting.Value);
        }

        WriteTheRest(lease, connection, settlements, posting, intents);
    }

    private void WriteGenerations(NpgsqlConnection connection, IReadOnlyList<PendingSettlement> settlements, long posting)
    {
        _generations.Rows.Clear();
        foreach (var settlement in settlements)
        {
            settlement.FirstCost = null;
            EnsureMonth(connection, GenerationMonth.Of(settlement.Generation.Id));
            _generations.Add(settlement, settlement.MovesMoney ? posting : null, _prices.Of(connection, settlement.Generation.PriceSnapshot, Seconds));
        }

        InsertGenerations(connection);
        if (_inserted.Count < settlements.Count && settlements.Any(static settlement => settlement.IsJournaled))
        {
            ReplaceRecovered(connection);
        }

        var month = MonthAccounts.Of(settlements[0].SettledAtMs);
        var duplicates = new List<PendingSettlement>();
        foreach (var settlement in settlements)
        {
            if (settlement.IntentRow != 0)
            {
                _doneIntents.Add(settlement.IntentRow);
            }

            // Removed, so that of two with one id in the batch only the first counts as new.
            if (!_inserted.Remove(settlement.Generation.Id))
            {
                duplicates.Add(settlement);
                continue;
            }

            _totals.AddEntries(settlement, month);
            _totals.AddRollUps(settlement);
            _totals.AddLeases(settlement);
        }

        foreach (var duplicate in duplicates)
        {
            duplicate.FirstCost = FirstCost(connection, duplicate.Generation.Id);
        }
    }

    private NpgsqlBatch First()
    {
        var first = new NpgsqlBatch { BatchCommands = { new("BEGIN"), new(_generations.Insert), new("SELECT pg_current_xact_id()::text") } };
        _generations.Rows.BindTo(first.BatchCommands[1].Parameters);
        return first;
    }

    private void InsertGenerations(NpgsqlConnection connection)
    {
        _inserted.Clear();
        if (connection.ProcessID != _preparedOn)
        {
            // The driver keeps with the batch that its statements are prepared, and would look for them in another session too, where they are not.
            _first.Dispose();
            _first = First();
            _preparedOn = connection.ProcessID;
        }

        _first.Connection = connection;
        Hurry(_first);
        using var reader = _first.ExecuteReader();
        while (reader.Read())
        {
            _inserted.Add(reader.GetString(0));
        }

        reader.NextResult();
        reader.Read();
        _transaction = reader.GetString(0);
    }

    /// <summary>What was recorded of them when their node was given up makes room for what they were charged; they count as new.</summary>
    private void ReplaceRecovered(NpgsqlConnection connection)
    {
        using var command = Command(connection, _generations.Replace);
        _generations.Rows.BindTo(command.Parameters);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            _inserted.Add(reader.GetString(0));
        }
    }

    private void WriteTheRest(
        WriteLease lease, NpgsqlConnection connection, IReadOnlyList<PendingSettlement> settlements, long? posting, IReadOnlyList<Hold> intents)
    {
        using var batch = new NpgsqlBatch(connection);
        if (settlements.Count == 0)
        {
            batch.BatchCommands.Add(new("BEGIN"));
        }
        else
        {
            AddTotals(batch, posting!.Value, settlements[0].SettledAtMs);
        }

        if (intents.Count > 0)
        {
            _intents.Fill(intents);
            Add(batch, _intents.Insert, _intents.Rows);
        }

        if (_doneIntents.Count > 0)
        {
            batch.BatchCommands.Add(new("DELETE FROM intents WHERE node_id = $1 AND id = ANY ($2)")
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = _run.Node.Value }, new NpgsqlParameter<List<long>> { TypedValue = _doneIntents } },
            });
        }

        batch.BatchCommands.Add(new("COMMIT"));
        Hurry(batch);
        try
        {
            batch.ExecuteNonQuery();
        }
        catch (DbException failure) when (_transaction is { } transaction && CommitOutcome.IsInDoubt(failure))
        {
            if (_patience is not null)
            {
                // Nobody needs to know yet: what is settled again by the journal is charged once in either case.
                throw new StorageException(StorageFailure.OutcomeUnknown, $"{_database.Explain(failure, "committing settlements").Message} It may have been committed.", failure);
            }

            if (!_outcome.WasCommitted(_database, lease, transaction, failure))
            {
                throw;
            }
        }
    }

    private void AddTotals(NpgsqlBatch batch, long posting, long settledAtMs)
    {
        _totalRows.Fill(_totals);
        if (_totalRows.Entries.Count > 0)
        {
            batch.BatchCommands.Add(new(
                $"INSERT INTO postings (id, kind, created_at_ms, actor, note) VALUES ($1, {(int)PostingKind.Usage}, $2, 'gateway', '')")
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = posting }, new NpgsqlParameter<long> { TypedValue = settledAtMs } },
            });
            var entries = Add(
                batch, $"INSERT INTO entries (posting_id, account_id, amount) SELECT $4, c1, c2 FROM {_totalRows.Entries.Source("e")}", _totalRows.Entries);
            entries.Parameters.Add(new NpgsqlParameter<long> { TypedValue = posting });
            AddCharges(batch);
        }

        if (_totalRows.Keys.Count > 0)
        {
            Add(batch, _totalRows.AddToKeys, _totalRows.Keys);
            Add(batch, _totalRows.AddToActivity, _totalRows.Activity);
        }

        if (_totalRows.Entries.Count > 0)
        {
            Add(batch, _totalRows.AddToPlatform, _totalRows.Entries);
        }
    }

    private void AddCharges(NpgsqlBatch batch)
    {
        if (_totalRows.Customers > 1)
        {
            Add(batch, _totalRows.LockCustomers, _totalRows.Entries);
        }

        if (_totalRows.Customers > 0)
        {
            Add(batch, _totalRows.ChargeCustomers, _totalRows.Entries);
            var draw = Add(batch, _totalRows.DrawOnAccountLeases, _totalRows.Entries);
            draw.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _run.Node.Value });
            draw.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _run.NodeRun });
        }

        if (_totalRows.KeyLeases.Count > 0)
        {
            Add(batch, _totalRows.DrawOnKeyLeases, _totalRows.KeyLeases).Parameters.Add(new NpgsqlParameter<string> { TypedValue = _run.Node.Value });
        }
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql, ArrayRows rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        rows.BindTo(command.Parameters);
        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>Null leaves it to the address.</summary>
    private int? Seconds => _patience is { } patience ? (int)Math.Ceiling(patience.TotalSeconds) : null;

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = Seconds ?? command.CommandTimeout;
        return command;
    }

    private void Hurry(NpgsqlBatch batch) => batch.Timeout = Seconds ?? batch.Timeout;

    /// <summary>The partition of a month, and the next one's ahead of time. 0 is always there.</summary>
    private void EnsureMonth(DbConnection connection, long month)
    {
        if (month == 0 || _months.Contains(month))
        {
            return;
        }

        GenerationPartitions.Ensure(connection, [month, GenerationMonth.Next(month)], seconds: Seconds);
        _months.Add(month);
    }

    private long NextPosting(NpgsqlConnection connection)
    {
        if (_postings.Count == 0)
        {
            using var command = Command(connection, $"SELECT nextval(pg_get_serial_sequence('postings', 'id')) FROM generate_series(1, {PostingsFetched})");
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                _postings.Enqueue(reader.GetInt64(0));
            }
        }

        return _postings.Dequeue();
    }

    private long FirstCost(NpgsqlConnection connection, string id)
    {
        using var command = Command(connection, "SELECT cost FROM generations WHERE month = $1 AND id = $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = GenerationMonth.Of(id) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Ends the transaction, or the connection where that fails.</summary>
    private void Undo(WriteLease lease)
    {
        try
        {
            using var command = Command((NpgsqlConnection)lease.Connection, "ROLLBACK");
            command.ExecuteNonQuery();
        }
        catch (Exception failure) when (failure is DbException or InvalidOperationException)
        {
            lease.Reconnect();
        }
    }
}
