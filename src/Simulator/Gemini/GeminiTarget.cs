namespace Fairlead.Simulator.Gemini;

/// <summary>The model and the verb of <c>…/models/{model}:{verb}?query</c>.</summary>
internal sealed record GeminiTarget(string Model, bool Stream, bool Sse)
{
    private const string Whole = ":generateContent";
    private const string Streamed = ":streamGenerateContent";

    /// <summary>Reads a request target; null when it names neither verb. The model may carry its faults, percent-encoded or as typed.</summary>
    public static GeminiTarget? Parse(string target)
    {
        var start = target.IndexOf("/models/", StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var decoded = target.Replace("%3A", ":", StringComparison.OrdinalIgnoreCase);
        var stream = decoded.LastIndexOf(Streamed, StringComparison.Ordinal);
        var verb = stream >= 0 ? stream : decoded.LastIndexOf(Whole, StringComparison.Ordinal);
        if (verb < start)
        {
            return null;
        }

        var model = Uri.UnescapeDataString(decoded[(start + "/models/".Length)..verb]);
        var rest = decoded[(verb + (stream >= 0 ? Streamed : Whole).Length)..];
        return new GeminiTarget(model, stream >= 0, rest.Contains("alt=sse", StringComparison.Ordinal));
    }
}
