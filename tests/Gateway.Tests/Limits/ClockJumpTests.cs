using System.Globalization;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger.Verification;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Somebody sets the machine's clock an hour forward or back: no limit opens twice, nobody is locked out for longer, and the ledger adds up.</summary>
public sealed class ClockJumpTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task RateLimit_CountsTimeThatPassed_WhateverTheClockShows()
    {
        var clock = new SetClock(new(2026, 3, 4, 23, 30, 0, TimeSpan.Zero));
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=10"), Clock = clock });
        using var key = await host.NewKeyAsync("\"rpm\":2");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);

        foreach (var jump in (TimeSpan[])[TimeSpan.Zero, Hour, -2 * Hour])
        {
            clock.Now += jump;
            Assert.Equal(429, (await key.Client.ChatAsync()).Status);
        }

        clock.Pass(TimeSpan.FromSeconds(60.5));
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
    }

    [Fact]
    public async Task DailyKeyLimit_EndsWithItsDay_AndADayAlreadyReachedIsNotLeftByGoingBack_NorByARestart()
    {
        var folder = Directory.CreateTempSubdirectory("fairlead-test-").FullName;
        try
        {
            var clock = new SetClock(new(2026, 3, 4, 23, 30, 0, TimeSpan.Zero));
            string secret;
            await using (var host = await StartAsync())
            {
                using var key = await host.NewKeyAsync("\"limit\":1,\"limit_reset\":\"daily\"");
                secret = key.Client.DefaultRequestHeaders.Authorization!.Parameter!;
                var cost = (await key.Client.ChatAsync()).Cost;
                await host.ChangeKeyAsync(key, string.Create(CultureInfo.InvariantCulture, $"\"limit\":{cost}"));
                Assert.Equal(403, (await key.Client.ChatAsync()).Status);

                // Into the next day: its limit, once.
                clock.Now += Hour;
                var body = ChatClient.Body();
                await host.ChangeKeyAsync(key, string.Create(CultureInfo.InvariantCulture, $"\"limit\":{cost + 0.5m}"));
                var next = await key.Client.ChatAsync(body);
                Assert.Equal(200, next.Status);
                await host.ChangeKeyAsync(key, string.Create(CultureInfo.InvariantCulture, $"\"limit\":{next.Cost}"));
                Assert.Equal(403, (await key.Client.ChatAsync()).Status);

                clock.Now -= Hour;
                Assert.Equal(403, (await key.Client.ChatAsync()).Status);
                AssertVerified(host);
            }

            foreach (var jump in (TimeSpan[])[TimeSpan.Zero, Hour, -Hour])
            {
                clock.Now += jump;
                await using var again = await StartAsync();
                using var client = again.NewClient(secret);
                Assert.Equal(403, (await client.ChatAsync()).Status);
                AssertVerified(again);
            }

            Task<GatewayHost> StartAsync() => GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=10"), Clock = clock, DataFolder = folder });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task StreamInFlight_IsChargedOnceAndHoldsNothingAfterwards(int hours)
    {
        var clock = new SetClock(new(2026, 3, 4, hours > 0 ? 23 : 0, 30, 0, TimeSpan.Zero));
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=10&token_ms=30"), Clock = clock });
        using var response = await host.OpenStreamAsync(ChatClient.Body(stream: true));
        clock.Now += hours * Hour;
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("data: [DONE]", text, StringComparison.Ordinal);
        Assert.True(await host.SpentAsync() > 0);
        Assert.Equal(Ledger.Credits.Zero, host.Services.GetRequiredService<Ledger.CreditLedger>().Balance(1).Held);
        AssertVerified(host);
    }

    private static void AssertVerified(GatewayHost host)
    {
        var report = new StringWriter();
        Assert.True(host.Services.GetRequiredService<LedgerVerifier>().Verify(report), report.ToString());
    }
}
