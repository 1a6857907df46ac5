using System.Globalization;
using System.Text.Json;
using Fairlead.Catalog.Health;

namespace Fairlead.Inference.Route.Decisions;

/// <summary>A decision in plain words: what <c>route explain</c> prints and <c>/generation/why</c> says.</summary>
internal static class DecisionText
{
    /// <summary>One line per fact, most important first.</summary>
    public static IReadOnlyList<string> Lines(StoredDecision decision)
    {
        var lines = new List<string>();
        if (decision.Routed is { } routed)
            lines.Add(Text($"{routed.Slug}: {(routed.Task is { } task ? $"taken for {task}, " : "")}{routed.Why}."));
        var kept = decision.Attempts.ToList();
        for (var model = 0; model < decision.Models.Count; model++)
        {
            var mine = Enumerable.Range(0, decision.Standings.Length).Where(i => decision.Standings[i].Model == model).ToList();
            lines.Add(Text($"{decision.Models[model].Slug}: {mine.Count} {(mine.Count == 1 ? "endpoint" : "endpoints")}, {mine.Count(kept.Contains)} may answer, {Strategy(decision, model)}."));
        }

        foreach (var i in kept)
            lines.Add(Text($"  {decision.Standings[i].Order + 1}. {decision.Names[i].Tag} ({decision.Models[decision.Standings[i].Model].Slug}): {Kept(in decision.Standings[i])}"));
        for (var i = 0; i < decision.Standings.Length; i++)
        {
            if (decision.Standings[i].Order < 0)
                lines.Add(Text($"  -  {decision.Names[i].Tag} ({decision.Models[decision.Standings[i].Model].Slug}): {Reason(in decision.Standings[i])}"));
        }

        lines.Add(Text($"Seed {decision.Seed}, catalog {decision.CatalogVersion}."));
        return lines;
    }

    /// <summary>What was sent and what came back, a line each.</summary>
    /// <param name="attempts">The record's <c>provider_responses</c>; null when nothing was sent.</param>
    public static IEnumerable<string> Attempts(string? attempts)
    {
        if (attempts is null)
            yield break;
        foreach (var attempt in JsonElement.Parse(attempts).EnumerateArray())
        {
            var status = attempt.GetProperty("status");
            var answered = status.ValueKind == JsonValueKind.Number ? Text($"answered {status.GetInt32()}") : "did not answer";
            yield return Text($"Tried {attempt.GetProperty("provider_name").GetString()}: {answered} after {attempt.GetProperty("latency").GetInt64()} ms.");
        }
    }

    /// <summary>Why a candidate is where it is, or is not there.</summary>
    public static string Reason(in Standing standing) => standing.Filter switch
    {
        RouteFilter.None => Place(in standing),
        RouteFilter.ServiceTier => "its service tier was not asked for",
        RouteFilter.DataCollection => "it stores or trains on prompts, or its policy is not known (data_collection)",
        RouteFilter.Training => "it trains on prompts, or its policy is not known, and the account does not allow that",
        RouteFilter.Zdr => "it is not known to keep nothing (zdr)",
        RouteFilter.Distillation => "its author is not known to permit distillation",
        RouteFilter.AllowedProviders => "it is not among the account's allowed providers",
        RouteFilter.Only => "it is not in only",
        RouteFilter.Ignored => "it is ignored, by the request or the account",
        RouteFilter.Quantization => "its quantization was not asked for",
        RouteFilter.Price => "it costs more than max_price",
        RouteFilter.Throughput => "it is slower than min_throughput",
        RouteFilter.Latency => "its first token comes later than max_latency",
        RouteFilter.InputModality => "it does not read what the prompt holds",
        RouteFilter.OutputModality => "it does not write what was asked for",
        RouteFilter.OutputLength => "it cannot write that much",
        RouteFilter.ContextLength => "prompt and answer do not fit its context",
        RouteFilter.Tools => "it lacks tools, or the tool choice",
        RouteFilter.Parameters => "it lacks a parameter of the request (require_parameters)",
        RouteFilter.SoftParameters => "others have the response format or verbosity, it does not",
        _ => "fallbacks are off, and another endpoint comes first",
    };

    private static string Strategy(StoredDecision decision, int model) => decision.Rules switch
    {
        { Ordered: true } => "in the order given",
        { Together: true } => "all models together, " + Sorted(decision.Models[0].Sort),
        _ => Sorted(decision.Models[model].Sort),
    };

    private static string Sorted(RouteSort sort) => RouteSorts.IsBalanced(sort) ? RouteSorts.Name(sort) : "sorted by " + RouteSorts.Name(sort);

    private static string Kept(in Standing standing) => Text(
        $"{standing.Odds:P1} likely to be first of its model, about {standing.Estimate} USD, at most {standing.Worst} USD{(Place(in standing) is { Length: > 0 } why ? "; " + why : "")}");

    private static string Place(in Standing standing)
    {
        var why = new List<string>();
        if (standing.Sticky)
            why.Add("has the conversation in its cache");
        if (standing.Resting)
            why.Add("rests after a rate limit or refused credentials");
        if (standing.Circuit == CircuitState.Open)
            why.Add("its circuit is open");
        if (standing.Circuit == CircuitState.HalfOpen)
            why.Add("a probe of it is due");
        if (standing.Health.Outage)
            why.Add("in outage");
        if (standing.Lowered)
            why.Add("declared degraded");
        if (standing.Deranked)
            why.Add("declared last resort");
        if (standing.Health.Uptime5m.Share is { } up && up < 0.95)
            why.Add(Text($"up {up:P0} of 5 minutes"));
        if (why.Count == 0 && standing.Listed != Standing.Unlisted)
            why.Add("listed in order");
        return string.Join(", ", why);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
