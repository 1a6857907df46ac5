using System.Data.Common;

namespace Fairlead.Storage.Transfer;

/// <summary>
/// What moving one table to another database needs beyond copying the columns that both sides have. A table without a rule is copied as it is. Registered by
/// the room that owns the table.
/// </summary>
/// <param name="table">The table's name.</param>
public abstract class TableTransfer(string table)
{
    /// <summary>The table's name.</summary>
    public string Table => table;

    /// <summary>Asked once per move, in the target's transaction and before its first row, so it may make there what the rows need.</summary>
    /// <param name="source">Reads the source, always the same commit.</param>
    /// <param name="target">Writes the target.</param>
    /// <param name="transaction">The target's transaction.</param>
    public abstract TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction);
}

/// <summary>How the rows of one table are moved.</summary>
public sealed record TransferPlan
{
    /// <summary>False: the table tells about nodes that run, and means nothing elsewhere. The default value is true.</summary>
    public bool Moves { get; init; } = true;

    /// <summary>True: a row that fulfils <see cref="Where"/> is what a node has reserved, and the move is refused. The default value is false.</summary>
    public bool Blocks { get; init; }

    /// <summary>Columns of the source that the target has no use for.</summary>
    public IReadOnlySet<string> Dropped { get; init; } = new HashSet<string>();

    /// <summary>Columns of the target whose value is made from the source's row, which is read by column name (null is NULL).</summary>
    public IReadOnlyDictionary<string, Func<Func<string, object?>, object?>> Computed { get; init; } = new Dictionary<string, Func<Func<string, object?>, object?>>();

    /// <summary>A condition in SQL that rows of the source fulfil; null takes all.</summary>
    public string? Where { get; init; }

    /// <summary>The rows as they are.</summary>
    public static TransferPlan AsIs { get; } = new();
}
