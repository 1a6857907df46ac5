using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Fairlead.Catalog.Health;

namespace Fairlead.Inference.Route.Decisions;

/// <summary>The JSON of a decision: what <c>/generation/why</c> and <c>/route/explain</c> answer (issue C).</summary>
internal static class DecisionJson
{
    /// <param name="decision">The decision.</param>
    /// <param name="attempts">What came of it, a JSON array; null when nothing was sent.</param>
    /// <param name="unknownProviders">Names of the caller's lists that are nobody's.</param>
    /// <param name="notes">Further lines for people.</param>
    /// <param name="output">Where to.</param>
    public static void Write(StoredDecision decision, string? attempts, IReadOnlyList<string> unknownProviders, IReadOnlyList<string> notes, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        // As text: more digits than a client's numbers hold.
        json.WriteString("seed"u8, decision.Seed.ToString(CultureInfo.InvariantCulture));
        json.WriteString("catalog_version"u8, decision.CatalogVersion.ToString(CultureInfo.InvariantCulture));
        if (decision.Routed is { } routed)
        {
            json.WriteStartObject("router"u8);
            json.WriteString("model"u8, routed.Slug);
            json.WriteString("strategy"u8, routed.Strategy);
            json.WriteString("task_type"u8, routed.Task);
            json.WriteString("reason"u8, routed.Why);
            json.WriteEndObject();
        }

        json.WriteStartArray("candidates"u8);
        // Kept ones in the order of attempts, then the others as they are in the catalog.
        foreach (var i in decision.Attempts.Concat(Enumerable.Range(0, decision.Standings.Length).Where(i => decision.Standings[i].Order < 0)))
            WriteCandidate(json, decision, i);
        json.WriteEndArray();
        json.WritePropertyName("attempts"u8);
        json.WriteRawValue(attempts ?? "[]");
        if (unknownProviders.Count > 0)
        {
            json.WriteStartArray("unknown_providers"u8);
            foreach (var name in unknownProviders)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }

        json.WriteString("text"u8, string.Join('\n', [.. DecisionText.Lines(decision), .. notes, .. DecisionText.Attempts(attempts)]));
        json.WriteEndObject();
    }

    private static void WriteCandidate(Utf8JsonWriter json, StoredDecision decision, int at)
    {
        ref readonly var standing = ref decision.Standings[at];
        json.WriteStartObject();
        json.WriteString("model"u8, decision.Models[standing.Model].Slug);
        json.WriteString("endpoint"u8, decision.Names[at].Tag);
        json.WriteString("endpoint_id"u8, decision.Names[at].Id);
        json.WriteBoolean("kept"u8, standing.Order >= 0);
        json.WriteString("filter"u8, standing.Kept ? null : RouteFilters.Name(standing.Filter));
        json.WriteString("reason"u8, DecisionText.Reason(in standing));
        if (standing.Order >= 0)
            json.WriteNumber("order"u8, standing.Order + 1);
        else
            json.WriteNull("order"u8);
        json.WriteNumber("odds"u8, standing.Odds);
        json.WriteNumber("cost_estimate"u8, standing.Estimate.Dollars);
        json.WriteNumber("cost_worst"u8, standing.Worst.Dollars);
        json.WriteStartObject("inputs"u8);
        WriteInputs(json, in standing);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInputs(Utf8JsonWriter json, in Standing standing)
    {
        var health = standing.Health;
        // Dollars per million tokens, as price lists say it.
        json.WriteNumber("price_per_million"u8, standing.Price / 1_000_000_000_000m);
        json.WriteBoolean("stable"u8, !standing.Unstable);
        json.WriteString("circuit"u8, standing.Circuit switch { CircuitState.Open => "open", CircuitState.HalfOpen => "half_open", _ => "closed" });
        json.WriteBoolean("outage"u8, health.Outage);
        json.WriteBoolean("resting"u8, standing.Resting);
        json.WriteBoolean("sticky"u8, standing.Sticky);
        if (health.Uptime5m.Requests > 0)
        {
            json.WriteNumber("requests_5m"u8, health.Uptime5m.Requests);
            json.WriteNumber("failures_5m"u8, health.Uptime5m.Failures);
        }

        WriteMeasured(json, "throughput_5m", health.Throughput5m);
        WriteMeasured(json, "first_token_ms_5m", health.FirstToken5m);
        if (health.Throughput30m.Samples > 0)
        {
            json.WriteNumber("throughput_30m_p50"u8, health.Throughput30m.P50);
            json.WriteNumber("throughput_30m_samples"u8, health.Throughput30m.Samples);
        }

        if (health.ToolAnswers == 0)
            return;
        json.WriteNumber("tool_answers_2h"u8, health.ToolAnswers);
        json.WriteNumber("tool_errors_2h"u8, health.ToolErrors);
    }

    private static void WriteMeasured(Utf8JsonWriter json, string name, in Percentiles measured)
    {
        if (measured.Samples == 0)
            return;
        json.WriteStartObject(name);
        json.WriteNumber("p50"u8, measured.P50);
        json.WriteNumber("p75"u8, measured.P75);
        json.WriteNumber("p90"u8, measured.P90);
        json.WriteNumber("p99"u8, measured.P99);
        json.WriteNumber("samples"u8, measured.Samples);
        json.WriteEndObject();
    }
}
