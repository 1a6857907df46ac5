using Microsoft.Extensions.Hosting;

namespace Fairlead.Accounts.Limits;

/// <summary>Lets <see cref="RateLimiter"/> forget, once a minute, who did nothing in the last one.</summary>
internal sealed class RateLimitSweeper(RateLimiter limiter, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                limiter.Sweep();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }
}
