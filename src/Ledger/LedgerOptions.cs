using System.ComponentModel.DataAnnotations;

namespace Fairlead.Ledger;

/// <summary>How the ledger keeps charges while its database is away.</summary>
public sealed class LedgerOptions
{
    /// <summary>
    /// A folder of this node's own, where charges wait for a PostgreSQL that is not reached. The default value is null: then such charges are refused. Not used
    /// with SQLite.
    /// </summary>
    public string? JournalFolder { get; set; }

    /// <summary>
    /// How many bytes may wait there; beyond, answers are refused until the database is back. One charge takes about 1 to 3 KB. The default value is 64 MiB.
    /// Value must be from 64 KiB to 1 GiB.
    /// </summary>
    [Range(64L << 10, 1L << 30)]
    public long JournalBytes { get; set; } = 64L << 20;
}
