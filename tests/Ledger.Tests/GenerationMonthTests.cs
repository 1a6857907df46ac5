using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

/// <summary>The month of a generation is computed in two places, which must agree: a row in another partition than expected would not be found.</summary>
public sealed class GenerationMonthTests
{
    [Theory]
    [InlineData("gen-1793836800-6Qy3bW1kq7Xn2P9sLf0a", 202611)]
    [InlineData("gen-1577836799-x", 201912)]
    [InlineData("gen-1577836800-x", 202001)]
    [InlineData("gen-9999999999-x", 228611)]
    [InlineData("gen-0999999999-x", 0)]
    [InlineData("gen-999999999-x", 0)]
    [InlineData("gen-10000000000-x", 0)]
    [InlineData("gen-1793836800x", 0)]
    [InlineData("gen-1793836800", 0)]
    [InlineData("Gen-1793836800-x", 0)]
    [InlineData("gen-+793836800-x", 0)]
    [InlineData("gen-1", 0)]
    [InlineData("", 0)]
    public async Task Id_SaysItsMonthToUsAndToPostgreSql(string id, long month)
    {
        await using var test = await TestLedger.StartAsync(DatabaseEngine.PostgreSql);

        Assert.Equal(month, GenerationMonth.Of(id));
        Assert.Equal(
            month, await test.Database.ReadAsync(c => c.ExecuteScalarAsync<long>("SELECT generation_month(@id)", new { id }), "asking for a month"));
    }

    [Theory]
    [InlineData(202611, 202612)]
    [InlineData(202612, 202701)]
    [InlineData(0, 0)]
    public void MonthAfter_CrossesTheYear(long month, long next) => Assert.Equal(next, GenerationMonth.Next(month));
}
