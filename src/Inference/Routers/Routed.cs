using System.Text.Json;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Routers;

/// <summary>What a router decided for a request: kept with the plan, shown in metadata and explanations. Holds nothing of the prompt.</summary>
/// <param name="Slug">The router's slug.</param>
/// <param name="Kind">Which router it was.</param>
/// <param name="Task">The kind of task it took the request for; null where it does not classify.</param>
/// <param name="Why">A sentence for people.</param>
internal sealed record Routed(string Slug, RouterKind Kind, string? Task, string Why)
{
    /// <summary>Place of the first chosen model among those of the request.</summary>
    public int From { get; init; }
    /// <summary>How many were chosen.</summary>
    public int Count { get; init; }

    /// <summary>Its stage of <c>openrouter_metadata.pipeline</c> (routing §17).</summary>
    public void WriteStage(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "plugin"u8);
        json.WriteString("name"u8, $"{Strategy}-router");
        json.WriteString("summary"u8, Why);
        if (Task is not null)
        {
            json.WriteStartObject("data"u8);
            json.WriteString("task_type"u8, Task);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>The word of <c>openrouter_metadata.strategy</c> (routing §17).</summary>
    public string Strategy => Kind switch
    {
        RouterKind.Auto => "auto",
        RouterKind.Free => "free",
        _ => "bodybuilder",
    };
}

/// <summary>The models a router chose, best first, and why.</summary>
internal sealed record RouterChoice(IReadOnlyList<Model> Models, Routed Routed);
