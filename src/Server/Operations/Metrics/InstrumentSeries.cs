using System.Diagnostics.Metrics;
using System.Text;

namespace Fairlead.Server.Operations.Metrics;

/// <summary>
/// All series of one instrument. Finding a series takes no lock and allocates nothing; making one does, and is bounded: past
/// <see cref="MostSeries"/> everything new is summed under <c>overflow="true"</c>, so that no tag can make memory grow.
/// </summary>
internal sealed class InstrumentSeries
{
    private const int MostSeries = 2000;
    private static readonly TagSet Overflow = new([new("overflow", "true")]);

    private readonly Lock adding = new();
    private readonly Func<TagSet, Series> make;
    private readonly string kind;
    private readonly string help;
    private Table table = new([]);

    /// <summary>Chooses the kind of series by the instrument's type.</summary>
    public InstrumentSeries(Instrument instrument, double[] bounds)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        var counter = type == typeof(Counter<>) || type == typeof(ObservableCounter<>);
        (kind, make) = type == typeof(Histogram<>) ? ("histogram", tags => new HistogramSeries(tags, bounds))
            : type == typeof(Counter<>) ? ("counter", tags => new SumSeries(tags))
            : type == typeof(UpDownCounter<>) ? ("gauge", tags => new SumSeries(tags))
            : (counter ? "counter" : "gauge", (Func<TagSet, Series>)(tags => new LastSeries(tags)));
        Name = MetricNames.Metric(instrument.Name, instrument.Unit, counter);
        help = (instrument.Description ?? instrument.Name).Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }

    /// <summary>The metric's name on the page.</summary>
    public string Name { get; }

    /// <summary>Takes one measurement.</summary>
    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = TagSet.HashOf(tags);
        var series = Volatile.Read(ref table).Find(hash, tags) ?? FindOrAdd(hash, tags);
        series.Add(value);
    }

    /// <summary>Writes head and lines.</summary>
    public void Write(StringBuilder page)
    {
        var all = Volatile.Read(ref table).All;
        if (all.Length == 0)
            return;
        page.Append("# HELP ").Append(Name).Append(' ').Append(help).Append('\n');
        page.Append("# TYPE ").Append(Name).Append(' ').Append(kind).Append('\n');
        foreach (var (_, series) in all)
            series.Write(page, Name);
    }

    private Series FindOrAdd(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (adding)
        {
            if (table.Find(hash, tags) is { } there)
                return there;
            if (table.All.Length < MostSeries)
                return Publish(hash, make(new TagSet(tags)));
            KeyValuePair<string, object?>[] overflow = [new("overflow", "true")];
            var overflowHash = TagSet.HashOf(overflow);
            return table.Find(overflowHash, overflow) ?? Publish(overflowHash, make(Overflow));
        }
    }

    private Series Publish(int hash, Series series)
    {
        Volatile.Write(ref table, new Table([.. table.All, (hash, series)]));
        return series;
    }

    // Replaced whole when a series is added: readers need no lock. Open addressing over a power of two, at most half full.
    private sealed class Table
    {
        private readonly int[] slots;

        public Table((int Hash, Series Series)[] all)
        {
            All = all;
            slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, all.Length * 2))];
            for (var i = 0; i < all.Length; i++)
            {
                var at = all[i].Hash & (slots.Length - 1);
                while (slots[at] != 0)
                    at = (at + 1) & (slots.Length - 1);
                slots[at] = i + 1;
            }
        }

        public (int Hash, Series Series)[] All { get; }

        public Series? Find(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            for (var at = hash & (slots.Length - 1); slots[at] != 0; at = (at + 1) & (slots.Length - 1))
            {
                var (entryHash, series) = All[slots[at] - 1];
                if (entryHash == hash && series.Tags.Is(tags))
                    return series;
            }

            return null;
        }
    }
}
