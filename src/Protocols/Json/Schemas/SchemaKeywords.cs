using System.Collections.Frozen;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>What the keywords of JSON Schema are, whoever takes them.</summary>
internal static class SchemaKeywords
{
    /// <summary>The names of types, <c>null</c> aside.</summary>
    public static readonly FrozenSet<string> Types = Set("object", "array", "string", "number", "integer", "boolean");

    // Said about the schema, not about values.
    private static readonly FrozenSet<string> Notes = Set(
        "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$schema", "$id", "id", "$comment", "$anchor", "$vocabulary",
        "contentMediaType", "contentEncoding", "propertyOrdering");

    // Which values they limit: those of a type, the others not at all.
    private static readonly FrozenDictionary<string, string> Limited = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["minimum"] = "number", ["maximum"] = "number", ["exclusiveMinimum"] = "number", ["exclusiveMaximum"] = "number", ["multipleOf"] = "number",
        ["minLength"] = "string", ["maxLength"] = "string", ["pattern"] = "string", ["format"] = "string",
        ["minItems"] = "array", ["maxItems"] = "array", ["uniqueItems"] = "array", ["contains"] = "array", ["minContains"] = "array", ["maxContains"] = "array",
        ["unevaluatedItems"] = "array", ["items"] = "array", ["prefixItems"] = "array",
        ["minProperties"] = "object", ["maxProperties"] = "object", ["patternProperties"] = "object", ["propertyNames"] = "object", ["dependentRequired"] = "object",
        ["dependentSchemas"] = "object", ["dependencies"] = "object", ["unevaluatedProperties"] = "object", ["properties"] = "object", ["required"] = "object",
        ["additionalProperties"] = "object",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Limits of values of every type.
    private static readonly FrozenSet<string> General = Set("not", "if", "then", "else");

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> LimitedByLetters = Limited.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> GeneralByLetters = General.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>It says nothing about which values are valid.</summary>
    public static bool IsNote(string keyword) => Notes.Contains(keyword);

    /// <summary>It limits values, so that leaving it out allows more.</summary>
    public static bool Limits(string keyword) => Limited.ContainsKey(keyword) || General.Contains(keyword);

    /// <summary>The same; <paramref name="about"/> is the type it is about, null for every type.</summary>
    public static bool Limits(ReadOnlySpan<char> keyword, out string? about) => LimitedByLetters.TryGetValue(keyword, out about) || GeneralByLetters.Contains(keyword);

    /// <summary>It says which values are valid, whether by itself or by other schemas.</summary>
    public static bool Judges(string keyword) => Limits(keyword) || keyword is "type" or "enum" or "const" or "nullable" or "anyOf" or "oneOf" or "allOf" or "$ref";

    /// <summary>It is about values of one of the types, or of every type.</summary>
    public static bool Concerns(string keyword, IReadOnlyList<string> types) => !Limited.TryGetValue(keyword, out var about)
        || types.Contains(about) || (about == "number" && types.Contains("integer")) || (keyword == "format" && (types.Contains("number") || types.Contains("integer")));

    /// <summary>The type values of a schema without one are meant to have, by the other keywords it has; null where none tells.</summary>
    public static string? TypeBy(string keyword) => Limited.GetValueOrDefault(keyword);

    private static FrozenSet<string> Set(params string[] words) => words.ToFrozenSet(StringComparer.Ordinal);
}
