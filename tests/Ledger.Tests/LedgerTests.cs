using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

/// <summary>Tests that every engine must pass: a class derives from it, and one for each engine from that.</summary>
public abstract class LedgerTests(DatabaseEngine engine)
{
    protected DatabaseEngine Engine { get; } = engine;

    /// <summary>Text that differs by engine, side by side.</summary>
    protected string ByEngine(string sqlite, string postgreSql) => Engine is DatabaseEngine.PostgreSql ? postgreSql : sqlite;

    /// <summary>A started ledger on a new database.</summary>
    protected Task<TestLedger> StartAsync(decimal credits = 100m, TimeProvider? clock = null, int busyTimeoutSeconds = 5) =>
        TestLedger.StartAsync(Engine, credits, clock, busyTimeoutSeconds);
}
