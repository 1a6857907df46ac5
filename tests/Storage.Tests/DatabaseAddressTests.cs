using Npgsql;

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
    [InlineData("postgres://user:secret@db/fairlead", "db:5432/fairlead")]
    [InlineData("postgresql://db:6543/fairlead", "db:6543/fairlead")]
    [InlineData("POSTGRES://user:p%40ss%2Fword%3B@[::1]:5433/my%20data?sslmode=verify-full&connect_timeout=3&application_name=gateway", "[::1]:5433/my data")]
    [InlineData("postgres://user:secret@db", "db:5432/user")]
    [InlineData("Host=db;Username=fairlead;Password=secret", "db:5432/fairlead")]
    [InlineData("Username=fairlead; host=db; Password=\"se;cr=et\"; Database=ledger; SSL Mode=Require", "db:5432/ledger")]
    [InlineData("Server=10.0.0.7;Port=6000;User Id=fairlead;Database=ledger", "10.0.0.7:6000/ledger")]
    public void PostgreSqlAddress_IsUnderstoodAndShownWithoutThePassword(string text, string location)
    {
        var address = DatabaseAddress.Parse(text);

        Assert.Equal((DatabaseEngine.PostgreSql, location), (address.Engine, address.Location));
        Assert.DoesNotContain("secret", address.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("p@ss", address.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void PartsOfAUri_ReachTheConnection()
    {
        var settings = new NpgsqlConnectionStringBuilder(
            DatabaseAddress.Parse("postgres://us%65r:p%40ss%2Fword%3B@db/x?sslmode=verify-full&connect_timeout=3&Maximum%20Pool%20Size=7").ConnectionString);

        Assert.Equal(("user", "p@ss/word;", 3, 7), (settings.Username, settings.Password, settings.Timeout, settings.MaxPoolSize));
        Assert.Equal(SslMode.VerifyFull, settings.SslMode);
    }

    [Theory]
    [InlineData("postgres://user:secret@db/fairlead?sslmode=perhaps")]
    [InlineData("postgres://user:secret@db/fairlead?nonsense=1")]
    [InlineData("postgres://user:secret@")]
    [InlineData("postgres://user:secret@db:port/fairlead")]
    [InlineData("Host=db;Password=secret;Nonsense=1")]
    [InlineData("Host=db;Password=secret;Port=many")]
    [InlineData("Host=;Password=secret")]
    public void PostgreSqlAddressIsWrong_RefusedWithoutRepeatingThePassword(string text)
    {
        Assert.False(DatabaseAddress.TryParse(text, out _, out var error));
        Assert.Contains("PostgreSQL", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
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
