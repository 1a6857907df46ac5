using System.Globalization;
using System.Text;

namespace Fairlead.Server.Operations.Metrics;

/// <summary>One line (or, for a histogram, one block) of the metrics page: the sum of what was measured under one set of tags. Thread-safe.</summary>
internal abstract class Series(TagSet tags)
{
    /// <summary>The tags measured under.</summary>
    public TagSet Tags => tags;

    /// <summary>Takes one measurement.</summary>
    public abstract void Add(double value);

    /// <summary>Writes the lines.</summary>
    public abstract void Write(StringBuilder page, string name);

    /// <summary>Writes <c>name{labels} value</c>.</summary>
    protected static void Line(StringBuilder page, string name, string labels, string extra, double value)
    {
        page.Append(name);
        if (labels.Length > 0 || extra.Length > 0)
            page.Append('{').Append(labels).Append(labels.Length > 0 && extra.Length > 0 ? "," : "").Append(extra).Append('}');
        page.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>A number as the format wants it.</summary>
    protected static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Adds without a lock.</summary>
    protected static void AddTo(ref double target, double value)
    {
        var seen = Volatile.Read(ref target);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref target, seen + value, seen);
            if (before.Equals(seen))
                return;
            seen = before;
        }
    }
}

/// <summary>A counter, or a gauge that goes up and down by steps.</summary>
internal sealed class SumSeries(TagSet tags) : Series(tags)
{
    private double sum;

    /// <inheritdoc/>
    public override void Add(double value) => AddTo(ref sum, value);

    /// <inheritdoc/>
    public override void Write(StringBuilder page, string name) => Line(page, name, Tags.Labels, "", Volatile.Read(ref sum));
}

/// <summary>A value that is simply the last one seen.</summary>
internal sealed class LastSeries(TagSet tags) : Series(tags)
{
    private double last;

    /// <inheritdoc/>
    public override void Add(double value) => Volatile.Write(ref last, value);

    /// <inheritdoc/>
    public override void Write(StringBuilder page, string name) => Line(page, name, Tags.Labels, "", Volatile.Read(ref last));
}

/// <summary>A histogram with fixed bounds. A page read while it is written may be one measurement behind in the sum, never in the order of buckets.</summary>
internal sealed class HistogramSeries(TagSet tags, double[] bounds) : Series(tags)
{
    private readonly long[] buckets = new long[bounds.Length + 1];
    private double sum;

    /// <inheritdoc/>
    public override void Add(double value)
    {
        var at = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref buckets[at < 0 ? ~at : at]);
        AddTo(ref sum, value);
    }

    /// <inheritdoc/>
    public override void Write(StringBuilder page, string name)
    {
        var total = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            total += Interlocked.Read(ref buckets[i]);
            var bound = i < bounds.Length ? Number(bounds[i]) : "+Inf";
            Line(page, name + "_bucket", Tags.Labels, $"le=\"{bound}\"", total);
        }

        Line(page, name + "_sum", Tags.Labels, "", Volatile.Read(ref sum));
        Line(page, name + "_count", Tags.Labels, "", total);
    }
}
