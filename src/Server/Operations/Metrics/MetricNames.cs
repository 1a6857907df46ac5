using System.Text;

namespace Fairlead.Server.Operations.Metrics;

/// <summary>OpenTelemetry names as Prometheus writes them: <c>gen_ai.client.duration</c> in <c>s</c> becomes <c>gen_ai_client_duration_seconds</c>.</summary>
internal static class MetricNames
{
    /// <summary>The metric's name; counters end in <c>_total</c>.</summary>
    public static string Metric(string instrument, string? unit, bool counter)
    {
        var name = new StringBuilder(Clean(instrument, allowColon: true));
        var suffix = Unit(unit);
        if (suffix.Length > 0 && !EndsWith(name, "_" + suffix))
            name.Append('_').Append(suffix);
        if (counter && !EndsWith(name, "_total"))
            name.Append("_total");
        return name.ToString();
    }

    /// <summary>A label's name.</summary>
    public static string Label(string tag) => Clean(tag, allowColon: false);

    // Units in braces ({request}) are annotations and "1" is no unit, by the convention both systems share.
    private static string Unit(string? unit) => unit switch
    {
        null or "" or "1" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" or "µs" => "microseconds",
        "By" => "bytes",
        ['{', ..] => "",
        _ => Clean(unit, allowColon: false).ToLowerInvariant(),
    };

    private static string Clean(string name, bool allowColon)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var c in name)
            clean.Append(char.IsAsciiLetterOrDigit(c) || (allowColon && c == ':') ? c : '_');
        if (clean.Length == 0 || char.IsAsciiDigit(clean[0]))
            clean.Insert(0, '_');
        return clean.ToString();
    }

    private static bool EndsWith(StringBuilder text, string end) => text.Length >= end.Length && text.ToString(text.Length - end.Length, end.Length) == end;
}
