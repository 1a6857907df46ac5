namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// Names of advisory locks, taken for a transaction (<see cref="NodeSpace"/>: for a session) and shared by every Fairlead on one database. The first half of the key is ours, so that other programs in
/// the same database are unlikely to meet it.
/// </summary>
public static class PostgreSqlLock
{
    /// <summary>The first half of every key: "fair" in ASCII.</summary>
    public const int Space = 0x66616972;

    /// <summary>The first half of the key that a node holds for as long as it runs; the second is the hash of its id. "node" in ASCII.</summary>
    public const int NodeSpace = 0x6e6f6465;

    /// <summary>The first half of the key that is held while a node's share of something grows; the second is the hash of its name. "shar" in ASCII.</summary>
    public const int ShareSpace = 0x73686172;

    /// <summary>Held while tables are brought to the newest version.</summary>
    public const int Migration = 1;

    /// <summary>Held by <see cref="Database.WriteAsync"/>.</summary>
    public const int Write = 2;

    /// <summary>Held while a partition is made.</summary>
    public const int Partition = 3;
}
