namespace Fairlead.Inference.Route;

/// <summary>SplitMix64: a small deterministic generator, so that a stored seed replays a plan bit for bit on any machine.</summary>
internal struct RouteRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));
}

/// <summary>Hands a different seed to every request. The only randomness of routing; everything after it is a function of the seed.</summary>
internal sealed class RouteSeeds(ulong start)
{
    private ulong counter = start;

    public ulong Next() => new RouteRandom(Interlocked.Increment(ref counter)).Next();
}
