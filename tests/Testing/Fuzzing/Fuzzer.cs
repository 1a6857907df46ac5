using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fairlead.Testing.Fuzzing;

/// <summary>
/// Gives a parser damaged input. <c>FAIRLEAD_TEST_FUZZ_ROUNDS</c> says how often (default 400), or <c>FAIRLEAD_TEST_FUZZ_SECONDS</c> how long for each parser, with the
/// rounds noted in <c>artifacts/fuzz.txt</c>; <c>FAIRLEAD_TEST_SEED</c> begins elsewhere (default 0). A failure prints its input, which then belongs into the
/// project's <c>found.txt</c>.
/// </summary>
public static class Fuzzer
{
    // Far beyond what any round needs, on any machine: only what hangs or grows without bound comes here.
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(30);
    private const long MostBytesPerRound = 256L * 1024 * 1024;

    private static readonly Lock Report = new();

    /// <summary>Rounds where nothing else is asked for.</summary>
    public static int Rounds { get; } = Number("FAIRLEAD_TEST_FUZZ_ROUNDS") ?? 400;

    /// <summary>Runs the rounds; throws what the first failing one found, with its input.</summary>
    public static void Run(FuzzTarget target)
    {
        var seconds = Number("FAIRLEAD_TEST_FUZZ_SECONDS");
        var seed = Number("FAIRLEAD_TEST_SEED") ?? 0;
        var clock = Stopwatch.StartNew();
        var round = 0;
        for (; seconds is { } most ? clock.Elapsed.TotalSeconds < most : round < Rounds; round++)
        {
            var random = new Random(SeedOf(seed, round));
            Read(target, Mutation.Of(target.Samples, random), random);
        }

        if (seconds is not null)
            Note(string.Create(CultureInfo.InvariantCulture, $"{target.Name,-40} {round,10} rounds {clock.Elapsed.TotalSeconds,7:0.0} s, seed {seed}"));
    }

    /// <summary>One input.</summary>
    public static void Read(FuzzTarget target, byte[] input, Random random)
    {
        var began = Stopwatch.GetTimestamp();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Read(input, random);
        }
        catch (Exception wrong)
        {
            throw Broken(target, input, wrong.ToString(), wrong);
        }

        if (Stopwatch.GetElapsedTime(began) is var took && took > LongestRound)
            throw Broken(target, input, $"took {took.TotalSeconds:0} s", null);
        if (GC.GetAllocatedBytesForCurrentThread() - allocated is var bytes && bytes > MostBytesPerRound)
            throw Broken(target, input, $"allocated {bytes} bytes", null);
    }

    /// <summary>What was found once: lines of a target's name and its input as base64; <c>#</c> begins a remark.</summary>
    public static IEnumerable<(string Target, byte[] Input)> Found(string file) =>
        File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', 2)).Select(parts => (parts[0], Convert.FromBase64String(parts[1])));

    private static FuzzException Broken(FuzzTarget target, byte[] input, string why, Exception? cause) =>
        new($"{target.Name}: {why}\n{Encoding.UTF8.GetString(input)}\nfound.txt: {target.Name} {Convert.ToBase64String(input)}", cause);

    // The same in every process, unlike System.HashCode.
    private static int SeedOf(int seed, int round) => unchecked((seed * 1_000_003) ^ round);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Note(string line, [CallerFilePath] string here = "")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(here)!, "../../../artifacts"));
        lock (Report)
            File.AppendAllText(Path.Combine(folder.FullName, "fuzz.txt"), line + "\n", Encoding.UTF8);
    }
}

/// <summary>Something did not hold for an input.</summary>
public sealed class FuzzException : Exception
{
    /// <inheritdoc/>
    public FuzzException()
    {
    }

    /// <inheritdoc/>
    public FuzzException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public FuzzException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
