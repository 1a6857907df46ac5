using Microsoft.Extensions.Hosting;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>Where several nodes share the database: keeps this node's shares of rate limits every second, hands back unused ones every minute and the rest at the end.</summary>
internal sealed class RateShareKeeper(RateLimiter limiter, TimeProvider clock) : BackgroundService
{
    private const int RoundsPerMinute = 60;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (limiter.Shares is { } shares)
        {
            await shares.HandBackAllAsync();
            shares.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (limiter.Shares is not { } shares)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            for (var round = 1; ; round++)
            {
                await shares.KeepAsync(stoppingToken);
                if (round % RoundsPerMinute == 0)
                {
                    await shares.HandBackUnusedAsync();
                }

                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }
}
