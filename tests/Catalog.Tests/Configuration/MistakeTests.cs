namespace Fairlead.Catalog.Tests.Configuration;

public class MistakeTests
{
    [Fact]
    public void UnknownMember_IsNamedWithLineColumnPathAndSuggestion()
    {
        var mistake = Build.Mistake("{\n  \"providers\": [\n    { \"slug\": \"acme\", \"protocol\": \"gemini\",\n      \"base_ulr\": \"https://x.example\", \"base_url\": \"https://x.example\" }\n  ]\n}");

        Assert.Equal(("file1.json", 4, 7, "providers[0]"), (mistake.File, mistake.Line, mistake.Column, mistake.Path));
        Assert.Contains("did you mean \"base_url\"?", mistake.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"name\": 3", "providers[0].name", "must be text in quotes, not a number.")]
    [InlineData("\"timeouts\": {\"connect_s\": \"5\"}", "providers[0].timeouts.connect_s", "must be a number, not text.")]
    [InlineData("\"timeouts\": {\"connect_s\": 0}", "providers[0].timeouts.connect_s", "from 0.01 to 86400")]
    [InlineData("\"allow_private_network\": \"yes\"", "providers[0].allow_private_network", "must be true or false, not text.")]
    [InlineData("\"auth\": \"bearar\"", "providers[0].auth", "did you mean \"bearer\"?")]
    [InlineData("\"name\": \"a\", \"name\": \"b\"", "providers[0]", "given twice")]
    [InlineData("\"datacenters\": \"US\"", "providers[0].datacenters", "must be a list, not text.")]
    [InlineData("\"api_key\": \"sk\", \"api_key_env\": \"X\"", "providers[0]", "not both")]
    [InlineData("\"status_page_url\": \"status\"", "providers[0].status_page_url", "must be a complete address")]
    public void ProviderMistake_IsNamed(string members, string path, string reason)
    {
        var mistake = Build.Mistake(Build.Provider(members));

        Assert.Equal(path, mistake.Path);
        Assert.Contains(reason, mistake.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://acme.example", "must be a complete address")]
    [InlineData("acme.example/v1", "must be a complete address")]
    [InlineData("https://user:pass@acme.example", "no user name")]
    [InlineData("https://acme.example/?key=1", "no user name, query")]
    [InlineData("http://127.0.0.1:9/v1", "loopback or private")]
    [InlineData("http://localhost/v1", "loopback or private")]
    [InlineData("http://10.1.2.3/v1", "loopback or private")]
    [InlineData("http://169.254.169.254/latest", "loopback or private")]
    [InlineData("http://[::1]/v1", "loopback or private")]
    [InlineData("http://[::ffff:10.0.0.1]/v1", "loopback or private")]
    [InlineData("http://2130706433/v1", "loopback or private")]
    public void Address_ThatIsNotUsable_IsRefused(string address, string reason)
    {
        var mistake = Build.Mistake($$"""{"providers":[{"slug":"acme","protocol":"openai-chat","base_url":"{{address}}"}]}""");

        Assert.Equal("providers[0].base_url", mistake.Path);
        Assert.Contains(reason, mistake.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"prompt\": 0.000001, \"completion\": \"0\"", ".prompt", "must be text in quotes, not a number.")]
    [InlineData("\"prompt\": \"1e-6\", \"completion\": \"0\"", ".prompt", "without exponent")]
    [InlineData("\"prompt\": \"-1\", \"completion\": \"0\"", ".prompt", "cannot be negative")]
    [InlineData("\"prompt\": \"3\", \"completion\": \"0\"", ".prompt", "not per million")]
    [InlineData("\"prompt\": \"0.0000000000000000000000001\", \"completion\": \"0\"", ".prompt", "at most 24 digits")]
    [InlineData("\"prompt\": \"0.1234567890123456789\", \"completion\": \"0\"", ".prompt", "18 that count")]
    [InlineData("\"prompt\": \"NaN\", \"completion\": \"0\"", ".prompt", "plain decimal text")]
    [InlineData("\"prompt\": \"0\"", "", "\"completion\" is missing")]
    [InlineData("\"prompt\": \"0\", \"completion\": \"0\", \"overrides\": [{\"prompt\": \"0\"}]", ".overrides[0]", "needs a condition")]
    [InlineData("\"prompt\": \"0\", \"completion\": \"0\", \"overrides\": [{\"utc_start\": 1275, \"utc_end\": 1300}]", ".overrides[0].utc_start", "HHMM")]
    public void PriceMistake_IsNamed(string prices, string path, string reason)
    {
        var mistakes = Build.From(Build.Priced(prices)).Mistakes;

        Assert.Contains(mistakes, m => m.Path == "models[0].endpoints[0].pricing" + path && m.Reason.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"provider\": \"amce\", \"pricing\": {\"prompt\":\"0\",\"completion\":\"0\"}", "models[0].endpoints[0].provider", "did you mean \"acme\"?")]
    [InlineData("\"pricing\": {\"prompt\":\"0\",\"completion\":\"0\"}", "models[0].endpoints[0]", "\"provider\" is missing")]
    [InlineData("\"provider\": \"acme\"", "models[0].endpoints[0]", "\"pricing\" is missing")]
    [InlineData("\"provider\": \"acme\", \"tag\": \"other\", \"pricing\": {\"prompt\":\"0\",\"completion\":\"0\"}", "models[0].endpoints[0].tag", "must be \"acme\"")]
    [InlineData("\"provider\": \"acme\", \"protocol\": \"smtp\", \"pricing\": {\"prompt\":\"0\",\"completion\":\"0\"}", "models[0].endpoints[0].protocol", "must be one of")]
    [InlineData("\"provider\": \"acme\", \"tool_choice\": [\"maybe\"], \"pricing\": {\"prompt\":\"0\",\"completion\":\"0\"}", "models[0].endpoints[0].tool_choice", "may hold only")]
    public void EndpointMistake_IsNamed(string members, string path, string reason)
    {
        var mistake = Build.Mistake(Build.Endpoint(members));

        Assert.Equal(path, mistake.Path);
        Assert.Contains(reason, mistake.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"models\": [{\"id\": \"a/b\"}, {\"id\": \"A/B\"}]}", "models[1]", "given twice")]
    [InlineData("{\"providers\": [{\"slug\": \"A\"}]}", "providers[0].slug", "lower-case")]
    [InlineData("{\"models\": [{\"id\": \"no-author\"}]}", "models[0].id", "author/model")]
    [InlineData("{\"models\": {}}", "models", "must be a list, not an object.")]
    [InlineData("[]", "", "must be an object, not a list.")]
    [InlineData("{\"inference\": {\"max_attempts\": 0}}", "inference.max_attempts", "from 1 to 50")]
    [InlineData("{\"inference\": {\"free_models\": {\"per_day\": -1}}}", "inference.free_models.per_day", "from 0 to 2147483647")]
    [InlineData("{\"inference\": {\"free_models\": {\"purchase_usd\": \"10\"}}}", "inference.free_models.purchase_usd", "a number")]
    [InlineData("{\"inference\": {\"free_models\": {\"per_min\": 1}}}", "inference.free_models", "has no member \"per_min\"")]
    [InlineData("{\"inference\": {\"free_models\": 20}}", "inference.free_models", "object")]
    [InlineData("{\"inference\": {\"auto_router\": {\"code\": [\"acme/one\", \"ac*e/two\"]}}}", "inference.auto_router.code[1]", "author/prefix*")]
    [InlineData("{\"inference\": {\"auto_router\": {\"chat\": []}}}", "inference.auto_router.chat", "1 to 200 models")]
    [InlineData("{\"inference\": {\"auto_router\": {\"poetry\": [\"*\"]}}}", "inference.auto_router", "has no member \"poetry\"")]
    [InlineData("{\"inference\": {\"auto_router\": {\"cost_quality_tradeoff\": 11}}}", "inference.auto_router.cost_quality_tradeoff", "from 0 to 10")]
    [InlineData("{\"catalog\": {\"list\": \"everything\"}}", "catalog.list", "must be one of: live, all")]
    public void DocumentMistake_IsNamed(string document, string path, string reason)
    {
        var mistakes = Build.From(document).Mistakes;

        Assert.Contains(mistakes, m => m.Path == path && m.Reason.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\n  \"models\": [\n    x\n  ]\n}", 3, 5)]
    [InlineData("{\"models\": []", 1, 14)]
    [InlineData("", 1, 1)]
    [InlineData("{} {}", 1, 4)]
    public void BrokenSyntax_IsNamedByLineAndColumn(string document, int line, int column)
    {
        var mistake = Build.Mistake(document);

        Assert.Equal((line, column), (mistake.Line, mistake.Column));
        Assert.StartsWith("is not valid JSON", mistake.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryMistake_IsReportedAtOnce()
    {
        var outcome = Build.From("""{"providers":[{"slug":"a","protocol":"x","base_url":7},{"slug":"b","nmae":""}],"models":[{"id":"a/b","endpoints":[{"provider":"zz"}]}],"oops":1}""");

        Assert.Null(outcome.Snapshot);
        Assert.True(outcome.Mistakes.Count >= 5, string.Join('\n', outcome.Mistakes));
    }

    [Fact]
    public void Secrets_AreNeverRepeated()
    {
        var outcome = Build.From(
            Build.Provider("\"api_key\": \"sk-SECRET with space\""),
            Build.Provider("\"api_key_env\": \"sk-SECRET-pasted\""),
            Build.Provider("\"api_key\": {\"sk-SECRET\": 1}"),
            Build.Provider("\"aws\": {\"secret_access_key\": 12345678}"));

        Assert.NotEmpty(outcome.Mistakes);
        Assert.DoesNotContain(outcome.Mistakes.Concat(outcome.Warnings), m => m.ToString().Contains("SECRET", StringComparison.Ordinal) || m.ToString().Contains("12345678", StringComparison.Ordinal));
    }

    [Fact]
    public void HostileDocuments_NeverThrow()
    {
        foreach (var document in (string[])[new string('[', 100_000), "{\"a\":" + new string('[', 100_000), "\"\\ud800\"", "{\"\\ud800\":1}", "{\"providers\":[{\"slug\":\"\\ud800\"}]}", "null", "{\"models\":[null,1,\"\"]}", "\0"])
            Assert.NotEmpty(Build.From(document).Mistakes);
    }

    [Fact]
    public void AHundredThousandMistakes_AreCountedWithoutHanging()
    {
        var outcome = Build.From("{\"models\":[" + string.Join(",\n", Enumerable.Repeat("{}", 100_000)) + "]}");

        Assert.Equal(1001, outcome.Mistakes.Count);
        Assert.Equal("and 99000 more.", outcome.Mistakes[^1].Reason);
    }
}
