using System.Net;
using System.Text.RegularExpressions;
using Fairlead.Testing.PostgreSql;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Two gateways on one PostgreSQL with different files: each says so and names both versions, and both serve.</summary>
public sealed partial class ConfigurationVersionTests
{
    [Fact]
    public async Task TwoNodesWithDifferentFiles_BothWarnNamingBothVersions_AndBothAreReady()
    {
        var database = PostgreSqlCluster.Current.CreateDatabase();
        using var folder = new TemporaryFolder();
        await using var one = await FairleadProcess.ServeAsync(
            Path.Combine(folder.Path, "one"), null, null, ["--demo", "on", "--database", database, "--config", folder.Write("one.json", """{ "providers": [] }""")]);
        await using var two = await FairleadProcess.ServeAsync(
            Path.Combine(folder.Path, "two"), null, null, ["--demo", "on", "--database", database, "--config", folder.Write("two.json", """{ "providers": [ ] }""")]);

        await one.PrintedAsync(() => Warning().IsMatch(one.Error));
        await two.PrintedAsync(() => Warning().IsMatch(two.Error));

        var (told, heard) = (Warning().Match(one.Error), Warning().Match(two.Error));
        Assert.NotEqual(told.Groups["theirs"].Value, told.Groups["ours"].Value);
        Assert.Equal((told.Groups["theirs"].Value, told.Groups["ours"].Value), (heard.Groups["ours"].Value, heard.Groups["theirs"].Value));
        foreach (var server in (FairleadProcess[])[one, two])
        {
            using var client = server.Client("none");
            using var ready = await client.GetAsync(new Uri("readyz", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }
    }

    [GeneratedRegex(@"runs with configuration (?<theirs>\S+) and this node, \S+, with (?<ours>\S+): requests", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Warning();
}
