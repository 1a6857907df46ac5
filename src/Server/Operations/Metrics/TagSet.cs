using System.Globalization;
using System.Text;

namespace Fairlead.Server.Operations.Metrics;

/// <summary>
/// The tags of one measurement, as the label text Prometheus wants (<c>{model="a/b",provider="p"}</c>) and as a key that is compared without making
/// that text again. Immutable.
/// </summary>
internal sealed class TagSet
{
    private readonly KeyValuePair<string, object?>[] tags;

    /// <summary>Keeps a copy of the tags.</summary>
    public TagSet(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        this.tags = tags.ToArray();
        Labels = Render(this.tags);
    }

    /// <summary>The labels without braces, sorted by name; empty when there are no tags.</summary>
    public string Labels { get; }

    /// <summary>A hash over names and values in the order given (an instrument's call sites always use one order).</summary>
    public static int HashOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (name, value) in tags)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether these are the same tags in the same order.</summary>
    public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> other)
    {
        if (other.Length != tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (!string.Equals(tags[i].Key, other[i].Key, StringComparison.Ordinal) || !Equals(tags[i].Value, other[i].Value))
                return false;
        }

        return true;
    }

    private static string Render(KeyValuePair<string, object?>[] tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(MetricNames.Label(name)).Append("=\"");
            Escape(text, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            text.Append('"');
        }

        return text.ToString();
    }

    // The exposition format knows three escapes inside a label value; a value from outside must not be able to end it.
    private static void Escape(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(c),
            };
        }
    }
}
