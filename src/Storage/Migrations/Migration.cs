namespace Fairlead.Storage.Migrations;

/// <summary>One step forward of one room's tables. Never edited once released: a mistake is put right by the next step.</summary>
/// <param name="Version">Counts 1, 2, 3 … within the room.</param>
/// <param name="Name">What it does, in a few words.</param>
/// <param name="Sql">
/// The statements, run in one transaction with every other step that is due. Portable where possible: <c>BIGINT</c> (PostgreSQL's <c>INTEGER</c> has 32 bits)
/// and <c>TEXT</c>, flags as numbers.
/// </param>
/// <param name="PostgreSql">The statements for PostgreSQL where they differ; null runs <paramref name="Sql"/> on both.</param>
public sealed record Migration(int Version, string Name, string Sql, string? PostgreSql = null)
{
    /// <summary>The statements for <paramref name="engine"/>.</summary>
    public string For(DatabaseEngine engine) => engine is DatabaseEngine.PostgreSql ? PostgreSql ?? Sql : Sql;
}

/// <summary>All steps of one room, in order.</summary>
/// <param name="Room">The room that owns the tables, lower-case.</param>
/// <param name="Order">Rooms are migrated by ascending order, so that one may refer to another's tables.</param>
/// <param name="Steps">Versions 1 to n without a gap.</param>
public sealed record MigrationSet(string Room, int Order, IReadOnlyList<Migration> Steps);
