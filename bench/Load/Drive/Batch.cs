using System.Collections.Concurrent;

namespace Fairlead.Load.Drive;

/// <summary>A closed loop: so many callers, each sending its next request when the last is answered.</summary>
internal sealed record Batch(IReadOnlyList<Exchange> Exchanges)
{
    public int Good(int events) => Exchanges.Count(e => e.Status == 200 && (events == 0 || (e.Done && e.Events >= events)));

    /// <summary>Runs <paramref name="callers"/> callers of <paramref name="each"/> requests; their starts are spread over <paramref name="spread"/>.</summary>
    public static async Task<Batch> RunAsync(Target target, ReadOnlyMemory<byte> request, int callers, int each, TimeSpan spread)
    {
        var all = new ConcurrentBag<Exchange[]>();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            await Task.Delay(spread * caller / callers);
            using var connection = new Connection(target.Address);
            var mine = new Exchange[each];
            for (var i = 0; i < each; i++)
            {
                mine[i] = await connection.SendAsync(request, CancellationToken.None);
            }

            all.Add(mine);
        }));
        return new Batch([.. all.SelectMany(e => e)]);
    }
}
