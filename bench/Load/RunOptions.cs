namespace Fairlead.Load;

/// <summary>How much of the benchmark runs.</summary>
internal sealed record RunOptions
{
    /// <summary>A fifth of the requests: to see that everything works, not to compare.</summary>
    public bool Quick { get; init; }

    public bool Build { get; init; } = true;

    public bool Fairlead { get; init; } = true;

    /// <summary>Another build's fairlead.dll, measured in the same rounds.</summary>
    public string? Compare { get; init; }

    public int Rounds { get; init; } = 5;

    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>(StringComparer.Ordinal) { "requests", "streams", "latency", "slow" };

    public static RunOptions? Parse(ReadOnlySpan<string> args)
    {
        var options = new RunOptions();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick":
                    options = options with { Quick = true, Rounds = 3 };
                    break;
                case "--no-build":
                    options = options with { Build = false };
                    break;
                case "--no-fairlead":
                    options = options with { Fairlead = false };
                    break;
                case "--compare" when i + 1 < args.Length:
                    options = options with { Compare = args[++i] };
                    break;
                case "--rounds" when i + 1 < args.Length && int.TryParse(args[i + 1], out var rounds) && rounds > 0:
                    options = options with { Rounds = rounds };
                    i++;
                    break;
                case "--only" when i + 1 < args.Length:
                    options = options with { Only = args[++i].Split(',').ToHashSet(StringComparer.Ordinal) };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    public int Scale(int count) => Quick ? Math.Max(1, count / 5) : count;
}
