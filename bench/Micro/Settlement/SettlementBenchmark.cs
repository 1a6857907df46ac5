using BenchmarkDotNet.Attributes;

namespace Fairlead.Micro.Settlement;

/// <summary>How long one request's hold and durable settlement take, by how many callers do it at once.</summary>
[MemoryDiagnoser]
public class SettlementBenchmark
{
    private const int Requests = 3200;

    private SettlementRig _rig = null!;

    [Params(1, 10, 32, 100)]
    public int Callers { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync() => _rig = await SettlementRig.StartAsync();

    [Benchmark(OperationsPerInvoke = Requests)]
    public Task HoldAndSettle() => _rig.RunAsync(Callers, Requests / Callers);

    [GlobalCleanup]
    public Task CleanUpAsync() => _rig.DisposeAsync().AsTask();
}
