using System.Collections.Frozen;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>The subsets of JSON Schema that wire formats take: one row for each place a schema can go to.</summary>
internal static class SchemaSubsets
{
    /// <summary>OpenAI's <c>strict: true</c>, of <c>response_format</c> and of functions; Azure's too.</summary>
    public static SchemaSubset OpenAIStrict { get; } = new()
    {
        Source = "providers §3.1; developers.openai.com, Structured Outputs, supported schemas (2026-02)",
        Keywords = Set("title", "const", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
        Formats = Set("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"),
        Root = RootForm.Object,
        References = ReferenceForm.Recursive,
        RootReference = true,
        LoneReferences = true,
        TypeLists = true,
        TypeRequired = true,
        Any = AnyForm.None,
        Closed = true,
        AllRequired = true,
        RequiredDescribed = true,
        ItemsRequired = true,
        MostLevels = 10,
        MostProperties = 5_000,
        MostChoices = 1_000,
        WholeOrNot = true,
    };

    /// <summary>Groq's <c>strict: true</c>. Its page lists types, unions and references, and no limits of values.</summary>
    public static SchemaSubset GroqStrict { get; } = new()
    {
        Source = "console.groq.com/docs/structured-outputs, Schema Requirements, strict mode (2026)",
        Keywords = Set("title"),
        Formats = [],
        Root = RootForm.Object,
        References = ReferenceForm.Recursive,
        RootReference = true,
        LoneReferences = true,
        TypeLists = true,
        TypeRequired = true,
        Any = AnyForm.None,
        Closed = true,
        AllRequired = true,
        RequiredDescribed = true,
        ItemsRequired = true,
        WholeOrNot = true,
    };

    /// <summary>Cerebras' <c>strict: true</c>, checked by it from its version 2 on (21 July 2026).</summary>
    public static SchemaSubset CerebrasStrict { get; } = new()
    {
        Source = "inference-docs.cerebras.ai/capabilities/structured-outputs, Supported Schemas (2026, before July); lists of types are refused by the same page of 2025",
        Keywords = Set("prefixItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        Formats = [],
        Root = RootForm.Object,
        References = ReferenceForm.Finite,
        LoneReferences = true,
        TypeRequired = true,
        Any = AnyForm.None,
        Closed = true,
        RequiredDescribed = true,
        ItemsRequired = true,
        MostLevels = 10,
        MostProperties = 500,
        MostChoices = 500,
        MostCharacters = 5_000,
        WholeOrNot = true,
    };

    /// <summary>xAI's <c>response_format</c> and tools, which are strict whether they say so or not.</summary>
    public static SchemaSubset XaiSchema { get; } = new()
    {
        Source = "docs.x.ai/developers/model-capabilities/text/structured-outputs, JSON Schema support, rejected schemas (2026)",
        Keywords = Set(
            "title", "default", "const", "prefixItems", "pattern", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
            "minProperties", "maxProperties", "additionalProperties"),
        References = ReferenceForm.FiniteOrCut,
        TypeLists = true,
        Choices = ChoiceKinds.All,
        OpenStated = true,
    };

    /// <summary>Anthropic's <c>output_config.format</c> and strict tools.</summary>
    public static SchemaSubset AnthropicEnforced { get; } = new()
    {
        Source = "providers §5.2; platform.claude.com, Structured outputs, limitations (2026-08)",
        Keywords = Set("title", "default", "const", "minItems"),
        Formats = Set("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"),
        MostMinItems = 1,
        Root = RootForm.Object,
        References = ReferenceForm.Finite,
        TypeLists = true,
        Any = AnyForm.None,
        Closed = true,
        RequiredDescribed = true,
        WholeOrNot = true,
    };

    /// <summary>A tool's <c>input_schema</c> at Anthropic and in Converse: taken in full below the root.</summary>
    public static SchemaSubset AnthropicInput { get; } = new() { Source = "providers §5.2, §7.2 (2026-08)", Root = RootForm.FlatObject };

    /// <summary>Gemini's <c>responseSchema</c> and <c>parameters</c>, of generations that take nothing else.</summary>
    public static SchemaSubset GeminiSchema { get; } = new()
    {
        Source = "providers §6.7; the proto of google.ai.generativelanguage.v1beta.Schema (2026-08)",
        Keywords = Set(
            "title", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "pattern"),
        Formats = Set("enum", "date-time", "int32", "int64", "float", "double"),
        References = ReferenceForm.Inlined,
        TypeRequired = true,
        Null = NullForm.Member,
        Any = AnyForm.Union,
        Choices = ChoiceKinds.Strings,
        EmptyChoices = false,
        RequiredDescribed = true,
        ItemsRequired = true,
    };

    /// <summary>Gemini's <c>responseJsonSchema</c> and <c>parametersJsonSchema</c>, from 2.5 on.</summary>
    public static SchemaSubset GeminiJsonSchema { get; } = new()
    {
        Source = "providers §6.7; GenerationConfig.responseJsonSchema of aiplatform v1 and generativelanguage v1beta (2026-08)",
        Keywords = Set("title", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "additionalProperties", "propertyOrdering"),
        References = ReferenceForm.RecursiveWhereOptional,
        LoneReferences = true,
        TypeLists = true,
        Choices = ChoiceKinds.Strings | ChoiceKinds.Numbers,
    };

    /// <summary>Cohere's <c>response_format.json_schema</c>.</summary>
    public static SchemaSubset Cohere { get; } = new()
    {
        Source = "docs.cohere.com, Structured Outputs, schema constraints and unsupported features (2026-05)",
        Keywords = Set("title", "const"),
        Formats = Set("date-time", "uuid", "date", "time"),
        Root = RootForm.Object,
        References = ReferenceForm.Inlined,
        Unions = false,
        TypeRequired = true,
        Null = NullForm.None,
        Any = AnyForm.None,
        Choices = ChoiceKinds.Strings | ChoiceKinds.Numbers | ChoiceKinds.Booleans,
        SomeRequired = true,
        RequiredDescribed = true,
        WholeOrNot = true,
    };

    /// <summary>Ollama's <c>format</c>, from which a grammar is made; one it cannot read fails the request.</summary>
    public static SchemaSubset Ollama { get; } = new()
    {
        Source = "providers §10.1; json-schema-to-grammar of llama.cpp, which refuses patterns without anchors and many with them (2026-08)",
        Keywords = Set(
            "title", "default", "const", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
            "additionalProperties"),
        Formats = Set("date", "time", "date-time", "uuid"),
        References = ReferenceForm.Recursive,
        RootReference = true,
        TypeLists = true,
        Choices = ChoiceKinds.All,
    };

    /// <summary>A tool's <c>parameters</c> at Ollama, which reads them into types of its own: what these have no field for is lost, what does not fit them fails the request.</summary>
    public static SchemaSubset OllamaTool { get; } = new()
    {
        Source = "api/types.go of ollama/ollama, ToolFunctionParameters and ToolProperty (2026)",
        // Limits are not read there, and do no harm: told in words they would lengthen every prompt.
        Keywords = Set(
            "title", "default", "pattern", "prefixItems", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
            "multipleOf", "minProperties", "maxProperties", "additionalProperties"),
        References = ReferenceForm.Inlined,
        TypeLists = true,
        Choices = ChoiceKinds.All,
    };

    /// <summary>Every row, for tests that walk the table.</summary>
    public static IReadOnlyDictionary<string, SchemaSubset> All { get; } = new Dictionary<string, SchemaSubset>(StringComparer.Ordinal)
    {
        ["openai-strict"] = OpenAIStrict,
        ["groq-strict"] = GroqStrict,
        ["cerebras-strict"] = CerebrasStrict,
        ["xai"] = XaiSchema,
        ["anthropic-enforced"] = AnthropicEnforced,
        ["anthropic-input"] = AnthropicInput,
        ["gemini-schema"] = GeminiSchema,
        ["gemini-json-schema"] = GeminiJsonSchema,
        ["cohere"] = Cohere,
        ["ollama"] = Ollama,
        ["ollama-tool"] = OllamaTool,
    };

    private static FrozenSet<string> Set(params string[] words) => words.ToFrozenSet(StringComparer.Ordinal);
}
