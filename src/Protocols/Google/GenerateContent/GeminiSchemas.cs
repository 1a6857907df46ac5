using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>The schemas of a request as a model generation takes them (providers contract §6.7): plain JSON Schema from 2.5 on, the vendor's own before.</summary>
internal sealed class GeminiSchemas
{
    private readonly Dictionary<ToolDefinition, CompiledSchema> tools = new(ReferenceEqualityComparer.Instance);

    /// <summary>The schema of the answer; null without one.</summary>
    public CompiledSchema? Answer { get; private set; }

    /// <summary>Compiles them; fails where one is no schema.</summary>
    /// <param name="offered">The tools.</param>
    /// <param name="format">The format of the answer; null where it is not enforced.</param>
    /// <param name="model">The generation.</param>
    /// <param name="report">Is told what is changed.</param>
    public static (GeminiSchemas? Schemas, GatewayError? Error) From(IReadOnlyList<ToolDefinition> offered, ResponseFormat? format, GeminiModel model, SchemaReport? report)
    {
        var subset = model.JsonSchema ? SchemaSubsets.GeminiJsonSchema : SchemaSubsets.GeminiSchema;
        var schemas = new GeminiSchemas();
        if (format?.Schema is { ValueKind: JsonValueKind.Object } answer)
        {
            schemas.Answer = SchemaCompiler.Compile(answer, subset).ReportTo(report, SchemaReport.Answer);
            if (schemas.Answer.Error(SchemaReport.Answer) is { } error)
                return (null, error);
        }

        foreach (var tool in offered)
        {
            if (tool.Parameters is not { } parameters || IsEmptyObject(parameters))
                continue;
            var compiled = SchemaCompiler.Compile(parameters, subset).ReportTo(report, SchemaReport.Tool(tool.Name));
            if (compiled.Error(SchemaReport.Tool(tool.Name)) is { } error)
                return (null, error);
            schemas.tools[tool] = compiled;
        }

        return (schemas, null);
    }

    /// <summary>The schema of a function's arguments; null where there are none, which the vendor wants left out.</summary>
    public CompiledSchema? Of(ToolDefinition tool) => tools.GetValueOrDefault(tool);

    private static bool IsEmptyObject(JsonElement schema) => schema.ValueKind != JsonValueKind.Object
        || (!(schema.Member("properties"u8) is { ValueKind: JsonValueKind.Object } properties && properties.EnumerateObject().Any())
            && schema.Member("$ref"u8) is null && schema.Member("anyOf"u8) is null && schema.Member("oneOf"u8) is null && schema.Member("allOf"u8) is null);
}
