using System.Text;
using System.Text.Json;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json.Repair;

namespace Fairlead.Inference.Plugins.ResponseHealing;

/// <summary>Healing of one answer, each choice by itself; tool arguments are never touched (I-16).</summary>
internal sealed class ResponseHealingRun(string id, ResponseFormatKind format) : PluginRun(id)
{
    // Bytes before and after, of each choice that was healed.
    private readonly List<(int Before, int After)> healed = [];

    public override bool ActsOnAnswer => true;

    public override bool ActsPerEndpoint => true;

    /// <summary>An answer whose bytes are passed on with edits could not be changed: the endpoint is sent a request of ours instead.</summary>
    public override ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate) =>
        new(new EndpointShape(request.Original.IsEmpty ? request : request with { Original = default }, null));

    /// <summary>What was cut by the length limit lacks more than brackets.</summary>
    public override string Rewrite(string text, FinishReason finish)
    {
        if (finish == FinishReason.Length || JsonRepair.Repair(text) is not { } repaired)
            return text;
        healed.Add((Encoding.UTF8.GetByteCount(text), Encoding.UTF8.GetByteCount(repaired)));
        return repaired;
    }

    public override bool WriteStage(Utf8JsonWriter json)
    {
        if (healed.Count == 0)
            return false;
        json.WriteString("type", "response_healing");
        json.WriteString("name", Id);
        json.WriteString("summary", healed.Count == 1 ? "An answer was made JSON." : $"{healed.Count} answers were made JSON.");
        json.WriteStartObject("data");
        json.WriteString("mode", format == ResponseFormatKind.JsonSchema ? "json_schema" : "json_object");
        json.WriteBoolean("improved", true);
        json.WriteStartArray("lengths");
        foreach (var (before, after) in healed)
        {
            json.WriteStartObject();
            json.WriteNumber("before", before);
            json.WriteNumber("after", after);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return true;
    }
}
