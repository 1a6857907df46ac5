using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Testing;

namespace Fairlead.Catalog.Tests.Health;

/// <summary>What routing is told of an endpoint, by the clock.</summary>
public sealed class MonitorTests
{
    private readonly SetClock clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly HealthBook book;
    private readonly EndpointMonitor monitor;
    private readonly string id;

    public MonitorTests()
    {
        var catalog = Build.From(Build.Acme).Snapshot!;
        var endpoint = catalog.Find("acme/rocket-1")!.Endpoints[0];
        id = endpoint.Id;
        book = new HealthBook(new CatalogSource(catalog), clock);
        monitor = book.For(endpoint);
    }

    private EndpointHealth Now => book.Current.Of(id);

    private long UnixMs => clock.Now.ToUnixTimeMilliseconds();

    [Fact]
    public void ThreeFailuresInARow_OpenTheCircuit_AndRoutingKnowsAtOnce()
    {
        Fail(2);
        Assert.Equal(CircuitState.Closed, Now.Circuit);
        Fail(1);

        Assert.Equal(CircuitState.Open, Now.CircuitAt(UnixMs));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
    }

    [Fact]
    public void AGoodAnswerInBetween_BeginsTheCountAnew()
    {
        for (var i = 0; i < 4; i++)
        {
            Fail(2);
            Succeed(3);
        }

        Assert.Equal(CircuitPass.Closed, monitor.Ask().Circuit);
    }

    [Fact]
    public void HalfOfTenFailed_OpensTheCircuit_HalfOfEightDoesNot()
    {
        for (var i = 0; i < 4; i++)
        {
            Succeed(1);
            Fail(1);
        }

        Assert.Equal(CircuitState.Closed, Now.Circuit);
        Succeed(1);
        Fail(1);
        Assert.Equal(CircuitState.Open, Now.Circuit);
    }

    [Fact]
    public void OneProbeAfter15Seconds_ThenEvery20_AGoodAnswerCloses()
    {
        Fail(3);
        clock.Pass(TimeSpan.FromSeconds(14.9));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        clock.Pass(TimeSpan.FromSeconds(0.2));
        Assert.Equal(CircuitState.HalfOpen, Now.CircuitAt(UnixMs));

        var probe = monitor.Ask();
        Assert.Equal(CircuitPass.Probe, probe.Circuit);
        Assert.Equal(CircuitState.Open, Now.CircuitAt(UnixMs));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        // A probe that hangs is not joined by a second one.
        clock.Pass(TimeSpan.FromSeconds(19));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        Fail(1);
        monitor.ProbeOver(probe);
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        clock.Pass(TimeSpan.FromSeconds(1.1));

        var second = monitor.Ask();
        Assert.Equal(CircuitPass.Probe, second.Circuit);
        monitor.FirstToken(TimeSpan.FromMilliseconds(5));
        monitor.ProbeOver(second);
        Assert.Equal(CircuitPass.Closed, monitor.Ask().Circuit);
        Assert.Equal(CircuitState.Closed, Now.Circuit);
        Assert.False(Now.Outage);
    }

    [Fact]
    public void AnswerThatClosedTheCircuit_AndBreaks_OpensItAgainAtOnce()
    {
        Fail(3);
        clock.Pass(TimeSpan.FromSeconds(16));
        var probe = monitor.Ask();
        monitor.FirstToken(TimeSpan.FromMilliseconds(5));
        monitor.ProbeOver(probe);
        Fail(1);

        Assert.Equal(CircuitState.Open, Now.Circuit);
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
    }

    [Fact]
    public async Task ManyAskAtOnce_OneIsTheProbe()
    {
        for (var round = 0; round < 50; round++)
        {
            Fail(3);
            clock.Pass(TimeSpan.FromSeconds(21));
            var passes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(monitor.Ask)));

            var probe = Assert.Single(passes, pass => pass.Circuit == CircuitPass.Probe);
            Assert.Equal(7, passes.Count(pass => pass.Circuit == CircuitPass.Open));
            monitor.ProbeOver(probe);
        }
    }

    [Fact]
    public void TwoFailuresThatAreHalf_AreAnOutage_For30Seconds()
    {
        Succeed(2);
        Fail(1);
        Assert.False(Now.Outage);
        Fail(1);
        Assert.True(Now.Outage);
        Assert.Equal(CircuitState.Closed, Now.Circuit);

        clock.Pass(TimeSpan.FromSeconds(28));
        book.Refresh();
        Assert.True(Now.Outage);
        clock.Pass(TimeSpan.FromSeconds(3));
        book.Refresh();
        Assert.False(Now.Outage);
    }

    [Fact]
    public void Broken_OpensAtOnce_IsToldOnce_AndAGoodAnswerMends()
    {
        Assert.True(monitor.Failed(EndpointFault.Credentials));
        Assert.False(monitor.Failed(EndpointFault.Credentials));
        Assert.Equal((EndpointFault.Credentials, CircuitState.Open), (monitor.BrokenBy, Now.Circuit));
        clock.Pass(TimeSpan.FromSeconds(59));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        clock.Pass(TimeSpan.FromSeconds(1.1));
        var probe = monitor.Ask();
        Assert.Equal(CircuitPass.Probe, probe.Circuit);
        monitor.ProbeOver(probe);
        clock.Pass(TimeSpan.FromSeconds(59));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        clock.Pass(TimeSpan.FromSeconds(1.1));
        probe = monitor.Ask();
        monitor.FirstToken(null);
        monitor.ProbeOver(probe);

        Assert.Equal((EndpointFault.None, CircuitState.Closed), (monitor.BrokenBy, Now.Circuit));
        Assert.True(monitor.Failed(EndpointFault.UnknownModel));
    }

    [Fact]
    public void Rest_LastsAsLongAsAnnounced_TheLongerOneCounts_AnHourAtMost_WhateverTheWallClockDoes()
    {
        monitor.Rest(TimeSpan.FromSeconds(20));
        monitor.Rest(TimeSpan.FromSeconds(5));
        Assert.Equal(CircuitPass.Open, monitor.Ask().Circuit);
        Assert.True(Now.RestsAt(UnixMs + 19_990));
        clock.Now += TimeSpan.FromHours(1);
        book.Refresh();
        Assert.True(Now.RestsAt(UnixMs + 19_990));
        Assert.False(Now.RestsAt(UnixMs + 20_010));
        clock.Pass(TimeSpan.FromSeconds(20.1));
        Assert.Equal(CircuitPass.Closed, monitor.Ask().Circuit);

        monitor.Rest(TimeSpan.FromDays(2));
        clock.Pass(TimeSpan.FromMinutes(61));
        Assert.Equal(CircuitPass.Closed, monitor.Ask().Circuit);
    }

    [Fact]
    public void RateLimit_OfRequests_IsUsedUp_AndFreeAgainAMinuteLater()
    {
        var limited = monitor.Endpoint with { RpmLimit = 2 };
        Assert.Equal(CircuitPass.Closed, monitor.Ask(limited, 10).Circuit);
        clock.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal(CircuitPass.Closed, monitor.Ask(limited, 10).Circuit);
        Assert.Equal(CircuitPass.Open, monitor.Ask(limited, 10).Circuit);
        Assert.True(Now.RestsAt(UnixMs + 39_000));

        clock.Pass(TimeSpan.FromSeconds(42));
        Assert.Equal(CircuitPass.Closed, monitor.Ask(limited, 10).Circuit);
        Assert.Equal(CircuitPass.Open, monitor.Ask(limited, 10).Circuit);
        // What is sent for want of anything else counts.
        monitor.Sends(limited, 10);
        clock.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(CircuitPass.Open, monitor.Ask(limited, 10).Circuit);
    }

    [Fact]
    public void RateLimit_OfTokens_CountsPromptsAndAnswers()
    {
        var limited = monitor.Endpoint with { TpmLimit = 100 };
        Assert.Equal(CircuitPass.Open, monitor.Ask(limited, 101).Circuit);
        Assert.False(Now.RestsAt(UnixMs + 1));
        Assert.Equal(CircuitPass.Closed, monitor.Ask(limited, 40).Circuit);
        Succeed(1, tokens: 50, seconds: 1);
        Assert.Equal(CircuitPass.Open, monitor.Ask(limited, 11).Circuit);
        Assert.Equal(CircuitPass.Closed, monitor.Ask(limited, 10).Circuit);
        Assert.True(Now.RestsAt(UnixMs + 50_000));
    }

    [Fact]
    public void Uptimes_AndPercentiles_ByWindow()
    {
        for (var i = 0; i < 60; i++)
        {
            Succeed(1, tokens: 100, seconds: 2);
            monitor.FirstToken(TimeSpan.FromMilliseconds(200));
        }

        Fail(2);
        Succeed(1, tokens: 9, seconds: 0.001);
        book.Refresh();
        Assert.Equal((new Uptime(63, 2), new Uptime(63, 2), new Uptime(63, 2)), (Now.Uptime5m, Now.Uptime30m, Now.Uptime1d));
        Assert.Equal((60, 60), (Now.Throughput5m.Samples, Now.FirstToken30m.Samples));
        Assert.InRange(Now.Throughput5m.P50, 47, 53);
        Assert.InRange(Now.FirstToken5m.P99, 188, 212);

        clock.Pass(TimeSpan.FromMinutes(10));
        RefreshAll();
        Assert.Equal((new Uptime(0, 0), new Uptime(63, 2), new Uptime(63, 2)), (Now.Uptime5m, Now.Uptime30m, Now.Uptime1d));
        Assert.Equal((0, 60), (Now.Throughput5m.Samples, Now.Throughput30m.Samples));
        clock.Pass(TimeSpan.FromMinutes(30));
        RefreshAll();
        Assert.Equal((new Uptime(0, 0), new Uptime(63, 2), 0), (Now.Uptime30m, Now.Uptime1d, Now.Throughput30m.Samples));
        clock.Pass(TimeSpan.FromHours(25));
        RefreshAll();
        Assert.Equal(0, book.Current.Count);
    }

    [Fact]
    public void Recording_AllocatesNothing()
    {
        Succeed(1, tokens: 100, seconds: 1);
        monitor.FirstToken(TimeSpan.FromMilliseconds(3));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            var pass = book.For(monitor.Endpoint).Ask();
            monitor.FirstToken(TimeSpan.FromMilliseconds(i));
            monitor.Succeeded(100, TimeSpan.FromMilliseconds(i));
            monitor.ProbeOver(pass);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Settings_AreThoseOfTheFiles_AndMistakesAreNamed()
    {
        var circuit = Build.From(Build.Acme, """{"inference":{"circuit":{"failures":5,"failure_percent":20,"min_attempts":4,"first_probe_s":1.5,"probe_every_s":2,"broken_probe_s":3,"outage_failures":7}}}""")
            .Snapshot!.Options.Circuit;
        Assert.Equal(
            new CircuitOptions
            {
                Failures = 5, FailurePercent = 20, MinAttempts = 4, FirstProbe = TimeSpan.FromSeconds(1.5), ProbeEvery = TimeSpan.FromSeconds(2),
                BrokenProbe = TimeSpan.FromSeconds(3), OutageFailures = 7,
            },
            circuit);
        foreach (var wrong in (string[])["\"failures\":0", "\"failure_percent\":101", "\"first_probe_s\":0", "\"probe_every_s\":\"soon\"", "\"retries\":3"])
            Assert.Contains("inference.circuit", Build.Mistake("{\"inference\":{\"circuit\":{" + wrong + "}}}").ToString(), StringComparison.Ordinal);
    }

    private void RefreshAll()
    {
        for (var i = 0; i < 5; i++)
            book.Refresh();
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
            monitor.Failed(EndpointFault.Failed);
    }

    private void Succeed(int times, long tokens = 0, double seconds = 1)
    {
        for (var i = 0; i < times; i++)
            monitor.Succeeded(tokens, TimeSpan.FromSeconds(seconds));
    }
}
