using System.Text.Json;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// What becomes of a schema with <c>strict: true</c> at hosts that refuse all but a subset: it passes as it came where they take it so, else compiled; where
/// the subset cannot say it (a property that may be absent, an object used as a map) it passes as it came, without <c>strict</c>.
/// </summary>
/// <param name="Compiled">The schema to send instead; null: the caller's own.</param>
/// <param name="IsStrict">Whether <c>strict: true</c> can be sent.</param>
internal readonly record struct StrictSchema(CompiledSchema? Compiled, bool IsStrict)
{
    /// <summary>Decides for a schema a caller wants enforced. One that is none is the provider's to refuse, in its own words.</summary>
    /// <param name="schema">The caller's schema.</param>
    /// <param name="context">The request and where it goes.</param>
    /// <param name="name">Its name in the report.</param>
    public static StrictSchema For(JsonElement schema, RequestContext context, string name)
    {
        if (context.Quirks.StrictSchemas is not { } subset || schema.ValueKind != JsonValueKind.Object)
            return new StrictSchema(null, true);
        if (SchemaCopy.TryMake(schema, subset) is not null)
            return new StrictSchema(null, true); // nothing of it would change
        var compiled = SchemaCompiler.CompileInFull(schema, subset);
        if (compiled.Fault is not null)
            return new StrictSchema(null, true);
        compiled.ReportTo(context.Call.Schemas, name);
        if (!compiled.CanBeSaid)
            return new StrictSchema(null, false);
        using var said = JsonReading.TryParse(compiled.Json.Span);
        return new StrictSchema(said?.RootElement.IsSameAs(schema) == true ? null : compiled, true);
    }

    /// <summary>Decides for a schema that a caller may want enforced; where not, it is only brought into the subset of a host that enforces every schema.</summary>
    public static StrictSchema For(bool strict, JsonElement schema, RequestContext context, string name) =>
        strict ? For(schema, context, name) : context.Quirks.AlwaysStrict ? For(schema, context, name) with { IsStrict = false } : default;

    /// <summary>As <see cref="For(JsonElement, RequestContext, string)"/>, of a schema in its bytes.</summary>
    public static StrictSchema For(ReadOnlySpan<byte> schema, RequestContext context, string name)
    {
        if (context.Quirks.StrictSchemas is null)
            return new StrictSchema(null, true);
        using var document = JsonReading.TryParse(schema);
        return document is null ? new StrictSchema(null, true) : For(document.RootElement, context, name);
    }
}
