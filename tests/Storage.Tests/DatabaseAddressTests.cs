namespace Fairlead.Storage.Tests;

public sealed class DatabaseAddressTests
{
    [Theory]
    [InlineData("Data Source=/var/lib/fairlead.db", "/var/lib/fairlead.db")]
    [InlineData("data source = /var/lib/fairlead.db", "/var/lib/fairlead.db")]
    [InlineData("DataSource=/var/lib/my data.db;Cache=Shared", "/var/lib/my data.db")]
    [InlineData("sqlite:/var/lib/fairlead.db", "/var/lib/fairlead.db")]
    [InlineData("SQLITE:///var/lib/fairlead.db", "/var/lib/fairlead.db")]
    public void SqliteAddress_IsUnderstood(string text, string path) =>
        Assert.Equal(new DatabaseAddress(DatabaseEngine.Sqlite, path), DatabaseAddress.Parse(text));

    [Theory]
    [InlineData("Data Source=/var/lib/fairlead.db;Synchronous=Full")]
    [InlineData("synchronous = full; Data Source=/var/lib/fairlead.db")]
    [InlineData("sqlite:/var/lib/fairlead.db;Synchronous=Full")]
    public void SynchronousFull_AsksToSurviveALossOfPower(string text) =>
        Assert.Equal(new DatabaseAddress(DatabaseEngine.Sqlite, "/var/lib/fairlead.db") { SurvivePowerLoss = true }, DatabaseAddress.Parse(text));

    [Fact]
    public void RelativePath_IsTakenFromTheCurrentFolder() =>
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "data", "a.db"), DatabaseAddress.Parse("sqlite:data/a.db").Location);

    [Theory]
    [InlineData("postgres://user:secret@db/fairlead")]
    [InlineData("postgresql://db/fairlead")]
    [InlineData("Host=db;Username=fairlead;Password=secret")]
    [InlineData("Username=fairlead; host=db; Password=secret")]
    public void PostgreSqlAddress_IsRefusedByNameWithoutRepeatingThePassword(string text)
    {
        var refusal = Assert.Throws<StorageException>(() => DatabaseAddress.Parse(text));

        Assert.Equal(StorageFailure.BadAddress, refusal.Failure);
        Assert.Contains("PostgreSQL", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("fairlead.db")]
    [InlineData("sqlite:")]
    [InlineData("Data Source=")]
    [InlineData("Data Source=:memory:")]
    [InlineData("sqlite::memory:")]
    [InlineData("Nonsense=1")]
    [InlineData("Data Source=/a.db;Synchronous=Off")]
    public void AnythingElse_IsRefusedWithASentence(string text)
    {
        Assert.False(DatabaseAddress.TryParse(text, out var address, out var error));
        Assert.Null(address);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
    }
}
