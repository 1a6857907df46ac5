using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>A schema as a provider takes it, with what had to be changed for that.</summary>
internal sealed record CompiledSchema
{
    /// <summary>The schema to send; empty where it cannot be said in the provider's subset, or is none.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>There is a schema to send.</summary>
    public bool CanBeSaid => !Json.IsEmpty;

    /// <summary>What was changed, each once, in order of appearance; at most <see cref="SchemaReport.MostChanges"/>.</summary>
    public IReadOnlyList<(string Path, string Keyword, SchemaChangeKind Kind)> Changes { get; init; } = [];

    /// <summary>Why it is no schema anybody could be sent, beginning with the place; null where it is one.</summary>
    public string? Fault { get; init; }

    /// <summary>The 400 for a schema that is none.</summary>
    /// <param name="schema">Its name in the report.</param>
    public GatewayError? Error(string schema) => Fault is null ? null : GatewayError.Invalid($"The JSON Schema of {schema} cannot be used: {Fault}", schema);

    /// <summary>Writes the schema as a value.</summary>
    public void Write(Utf8JsonWriter writer) => writer.WriteRawValue(Json.Span, skipInputValidation: true);

    /// <summary>Adds the changes to a report, where one is kept.</summary>
    public CompiledSchema ReportTo(SchemaReport? report, string schema)
    {
        if (report is not null)
        {
            foreach (var (path, keyword, kind) in Changes)
                report.Add(new SchemaChange(schema, path, keyword, kind));
        }

        return this;
    }
}
