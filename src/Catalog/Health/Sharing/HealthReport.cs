using System.Buffers.Binary;

namespace Fairlead.Catalog.Health.Sharing;

/// <summary>
/// What one node says of one endpoint to the others: counts, histograms, and for how long it is left alone. Times are relative to the moment it was written, so that no
/// two clocks are compared. Written as numbers of 32 bits, histograms as pairs of bin and count.
/// </summary>
internal sealed record HealthReport
{
    /// <summary>The <see cref="OpenForMs"/> of a circuit whose probe is due and waits for a request.</summary>
    public const int ProbeIsDue = 1;

    private const int Header = 10;
    private const int Histograms = 4;

    /// <summary>Attempts and failures of the last 30 seconds.</summary>
    public Uptime Recent { get; init; }
    public Uptime Uptime5m { get; init; }
    public Uptime Uptime30m { get; init; }
    public Uptime Uptime1d { get; init; }
    /// <summary>The circuit is open for so long until a probe is due, in milliseconds; 0 while it is closed.</summary>
    public int OpenForMs { get; init; }
    /// <summary>It rests for so long (429), in milliseconds.</summary>
    public int RestForMs { get; init; }
    /// <summary>Counts by bin: time to the first token of 5 and of 30 minutes, throughput of 5 and of 30 minutes. Null where nothing was measured.</summary>
    public int[]?[] Bins { get; init; } = new int[]?[Histograms];

    /// <summary>Answers of 2 hours that finished with tool calls, and those of them with a call that could not have worked.</summary>
    public Uptime Tools { get; init; }

    public byte[] ToBytes()
    {
        var numbers = new List<int>(64)
        {
            Recent.Requests, Recent.Failures, Uptime5m.Requests, Uptime5m.Failures, Uptime30m.Requests, Uptime30m.Failures, Uptime1d.Requests, Uptime1d.Failures,
            OpenForMs, RestForMs,
        };
        foreach (var bins in Bins)
        {
            var at = numbers.Count;
            numbers.Add(0);
            for (var bin = 0; bins is not null && bin < bins.Length; bin++)
            {
                if (bins[bin] == 0)
                    continue;
                numbers[at]++;
                numbers.Add(bin);
                numbers.Add(bins[bin]);
            }
        }

        // After the histograms: a node of an earlier version reads no further.
        numbers.Add(Tools.Requests);
        numbers.Add(Tools.Failures);
        var bytes = new byte[numbers.Count * sizeof(int)];
        for (var i = 0; i < numbers.Count; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), numbers[i]);
        return bytes;
    }

    /// <summary>From base64. Null when it is no report: another version of the program may have written it.</summary>
    public static HealthReport? Read(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Read(bytes.AsSpan(0, length)) : null;
    }

    private static HealthReport? Read(ReadOnlySpan<byte> bytes)
    {
        var numbers = new int[bytes.Length / sizeof(int)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
            if (numbers[i] < 0)
                return null;
        }

        if (numbers.Length < Header + Histograms)
            return null;
        var histograms = new int[]?[Histograms];
        var at = Header;
        for (var h = 0; h < Histograms; h++)
        {
            if (at >= numbers.Length || numbers[at] > SampleWindow.Bins || at + (2 * numbers[at]) >= numbers.Length)
                return null;
            var pairs = numbers[at++];
            var bins = pairs > 0 ? histograms[h] = new int[SampleWindow.Bins] : null;
            for (var pair = 0; pair < pairs; pair++, at += 2)
            {
                if (numbers[at] >= SampleWindow.Bins)
                    return null;
                bins![numbers[at]] = numbers[at + 1];
            }
        }

        return new HealthReport
        {
            Recent = new(numbers[0], numbers[1]), Uptime5m = new(numbers[2], numbers[3]), Uptime30m = new(numbers[4], numbers[5]), Uptime1d = new(numbers[6], numbers[7]),
            OpenForMs = numbers[8], RestForMs = numbers[9], Bins = histograms,
            Tools = at + 1 < numbers.Length ? new(numbers[at], numbers[at + 1]) : default,
        };
    }
}
