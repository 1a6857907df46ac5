using Microsoft.Extensions.Hosting;

namespace Fairlead.Catalog.Health;

/// <summary>Lets the <see cref="HealthBook"/> measure every second: outages end, samples grow old.</summary>
internal sealed class HealthRefresher(HealthBook book, HealthMeter meter, TimeProvider time) : BackgroundService
{
    // Held so that the instruments live as long as the service.
    private readonly HealthMeter meter = meter;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                book.Refresh();
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }
}
