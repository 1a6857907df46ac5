namespace Fairlead.Inference.Plugins.FileParser.Pdf;

/// <summary>What a child process that reads a stranger's file may use. Beyond any of these it is killed.</summary>
internal sealed record ProcessLimits
{
    /// <summary>From its start to its end. The default value is 20 seconds.</summary>
    public TimeSpan Wall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Processor time. The default value is 10 seconds: a book of 1,000 pages takes about 2.</summary>
    public int CpuSeconds { get; init; } = 10;

    /// <summary>Address space, in bytes. The default value is 512 MiB.</summary>
    public long MemoryBytes { get; init; } = 512L << 20;

    /// <summary>What it may print, in bytes. The default value is 8 MiB, more than any model reads at once.</summary>
    public int OutputBytes { get; init; } = 8 << 20;
}
