using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Fairlead.Server.Operations.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary><c>GET /metrics</c>: the text format, and that it counts what happens.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricsPage page;
    private readonly Meter meter;

    public MetricsTests()
    {
        var factory = services.GetRequiredService<IMeterFactory>();
        page = new MetricsPage(factory);
        meter = factory.Create("Fairlead.Test");
    }

    [Fact]
    public void Counter_IsASumPerTagsWithHelpAndType()
    {
        var counter = meter.CreateCounter<long>("fairlead.things", "{thing}", "Things that\nhappened.");
        counter.Add(2, new KeyValuePair<string, object?>("model", "a/b"), new KeyValuePair<string, object?>("status", 200));
        counter.Add(3, new KeyValuePair<string, object?>("model", "a/b"), new KeyValuePair<string, object?>("status", 200));
        counter.Add(1, new KeyValuePair<string, object?>("model", "c"), new KeyValuePair<string, object?>("status", 500));

        Assert.Equal(
            """
            # HELP fairlead_things_total Things that\nhappened.
            # TYPE fairlead_things_total counter
            fairlead_things_total{model="a/b",status="200"} 5
            fairlead_things_total{model="c",status="500"} 1

            """,
            page.Write());
    }

    [Fact]
    public void LabelValueFromOutside_CannotEndItsLabel()
    {
        var counter = meter.CreateCounter<long>("fairlead.things");
        counter.Add(1, new KeyValuePair<string, object?>("model", "a\"} 1\nevil 2 \\"));

        Assert.Contains("""{model="a\"} 1\nevil 2 \\"} 1""", page.Write(), StringComparison.Ordinal);
        Assert.Equal(3, page.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Histogram_HasCumulativeBucketsSumAndCount()
    {
        var histogram = meter.CreateHistogram("fairlead.wait", "s", "Waiting.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 7])
            histogram.Record(value);

        Assert.Equal(
            """
            # HELP fairlead_wait_seconds Waiting.
            # TYPE fairlead_wait_seconds histogram
            fairlead_wait_seconds_bucket{le="0.1"} 2
            fairlead_wait_seconds_bucket{le="1"} 3
            fairlead_wait_seconds_bucket{le="+Inf"} 4
            fairlead_wait_seconds_sum 7.65
            fairlead_wait_seconds_count 4

            """,
            page.Write());
    }

    [Fact]
    public void UpDownCounterAndGauge_AreGauges()
    {
        var open = meter.CreateUpDownCounter<int>("fairlead.open");
        open.Add(3);
        open.Add(-1);
        meter.CreateObservableGauge("fairlead.depth", () => 7L);

        Assert.Contains("# TYPE fairlead_open gauge\nfairlead_open 2\n", page.Write(), StringComparison.Ordinal);
        Assert.Contains("# TYPE fairlead_depth gauge\nfairlead_depth 7\n", page.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void EndlessTagValues_EndInOneOverflowSeries()
    {
        var counter = meter.CreateCounter<long>("fairlead.things");
        for (var i = 0; i < 5000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("model", i.ToString(CultureInfo.InvariantCulture)));

        var lines = page.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 2000, 2003);
        Assert.Contains("fairlead_things_total{overflow=\"true\"} 3000", lines);
    }

    [Fact]
    public void OtherMetersAndOtherHosts_AreNotOnThePage()
    {
        using var foreign = new Meter("System.Something");
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var twin = other.GetRequiredService<IMeterFactory>().Create("Fairlead.Test");
        foreign.CreateCounter<long>("foreign").Add(1);
        twin.CreateCounter<long>("twin").Add(1);

        Assert.Equal("", page.Write());
    }

    [Fact]
    public async Task ManyThreads_LoseNothing()
    {
        var counter = meter.CreateCounter<long>("fairlead.things");
        var histogram = meter.CreateHistogram<double>("fairlead.wait");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("worker", (worker + i) % 16));
                histogram.Record(1);
            }
        })));

        var text = page.Write();
        var sum = Regex.Matches(text, "things_total\\{.*\\} (\\d+)").Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(80_000, sum);
        Assert.Contains("fairlead_wait_count 80000\n", text, StringComparison.Ordinal);
        Assert.Contains("fairlead_wait_sum 80000\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void MeasuringAgain_AllocatesNothing()
    {
        var counter = meter.CreateCounter<long>("fairlead.things");
        var histogram = meter.CreateHistogram<double>("fairlead.wait");
        void Measure()
        {
            counter.Add(1, new KeyValuePair<string, object?>("model", "a/b"), new KeyValuePair<string, object?>("provider", "p"));
            histogram.Record(0.2, new KeyValuePair<string, object?>("model", "a/b"));
        }

        for (var i = 0; i < 100; i++)
            Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Measure();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task ServedRequest_IsCountedByModelAndProvider()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var answer = await gateway.Client.PostAsJsonAsync(
            "api/v1/chat/completions", new { model = "acme/anthropic", messages = new[] { new { role = "user", content = "Say \"seven\"." } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());

        using var response = await gateway.Anonymous.GetAsync("metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());

        // A request is counted when it is over, a moment after its caller has the last byte.
        var text = "";
        for (var looks = 0; looks < 1000 && !text.Contains("fairlead_requests_total{", StringComparison.Ordinal); looks++)
            text = await gateway.Anonymous.GetStringAsync("metrics");
        Assert.Contains("fairlead_requests_total{model=\"acme/anthropic\",status=\"200\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("fairlead_attempts_total{model=\"acme/anthropic\",outcome=\"ok\",provider=\"two\"} 1", text, StringComparison.Ordinal);
        Assert.Matches("fairlead_tokens_total\\{model=\"acme/anthropic\",provider=\"two\",type=\"completion\"\\} [1-9]", text);
        Assert.Matches("fairlead_cost_total\\{model=\"acme/anthropic\",provider=\"two\"\\} (0\\.\\d+|\\d+(\\.\\d+)?E-\\d+)\n", text);
        Assert.Contains("fairlead_time_to_first_token_seconds_count{model=\"acme/anthropic\",provider=\"two\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("fairlead_overhead_seconds_count 1", text, StringComparison.Ordinal);
        Assert.Contains("fairlead_ledger_settled_total 1", text, StringComparison.Ordinal);
        Assert.Contains("fairlead_ledger_queue_depth 0", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or-v1-", text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        page.Dispose();
        services.Dispose();
    }
}
