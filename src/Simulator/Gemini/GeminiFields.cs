using System.Text.Json;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Gemini;

/// <summary>The members Google's parser knows, by message. It refuses every other name.</summary>
internal static class GeminiFields
{
    private static readonly HashSet<string> Request = Both(
        "model", "contents", "tools", "toolConfig", "safetySettings", "systemInstruction", "generationConfig", "cachedContent", "serviceTier", "store", "labels");

    private static readonly HashSet<string> Content = Both("parts", "role");

    private static readonly HashSet<string> Part = Both(
        "text", "inlineData", "functionCall", "functionResponse", "fileData", "executableCode", "codeExecutionResult", "thought", "thoughtSignature",
        "videoMetadata", "mediaResolution", "partMetadata", "toolCall", "toolResponse");

    private static readonly HashSet<string> Generation = Both(
        "stopSequences", "responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "candidateCount", "maxOutputTokens", "temperature",
        "topP", "topK", "seed", "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "enableEnhancedCivicAnswers", "speechConfig",
        "thinkingConfig", "imageConfig", "mediaResolution");

    private static readonly HashSet<string> Tool = Both(
        "functionDeclarations", "googleSearchRetrieval", "codeExecution", "googleSearch", "computerUse", "urlContext", "googleMaps", "fileSearch");

    private static readonly HashSet<string> Declaration = Both(
        "name", "description", "behavior", "parameters", "parametersJsonSchema", "response", "responseJsonSchema");

    private static readonly HashSet<string> Schema = Both(
        "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required", "minProperties", "maxProperties",
        "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering", "default", "items", "minimum", "maximum");

    private static readonly HashSet<string> Thinking = Both("includeThoughts", "thinkingBudget", "thinkingLevel");

    private static readonly HashSet<string> Image = Both("aspectRatio", "imageSize");

    private static readonly HashSet<string> ToolConfig = Both("functionCallingConfig", "retrievalConfig", "includeServerSideToolInvocations");

    private static readonly HashSet<string> Calling = Both("mode", "allowedFunctionNames", "streamFunctionCallArguments");

    public static BodyReply? Check(JsonElement body)
    {
        var error = Unknown(body, Request, "") ?? Unknown(body.Get("systemInstruction", "system_instruction"), Content, "system_instruction");
        var contents = body.Items("contents");
        for (var i = 0; i < contents.Count; i++)
        {
            error ??= Unknown(contents[i], Content, $"contents[{i}]");
            var parts = contents[i].Items("parts");
            for (var j = 0; j < parts.Count; j++)
            {
                error ??= Unknown(parts[j], Part, $"contents[{i}].parts[{j}]");
            }
        }

        var generation = body.Get("generationConfig", "generation_config");
        error ??= Unknown(generation, Generation, "generation_config")
            ?? Unknown(generation.Get("thinkingConfig", "thinking_config"), Thinking, "generation_config.thinking_config")
            ?? Unknown(generation.Get("imageConfig", "image_config"), Image, "generation_config.image_config")
            ?? CheckSchema(generation.Get("responseSchema", "response_schema"), "generation_config.response_schema");
        var config = body.Get("toolConfig", "tool_config");
        error ??= Unknown(config, ToolConfig, "tool_config")
            ?? Unknown(config.Get("functionCallingConfig", "function_calling_config"), Calling, "tool_config.function_calling_config");
        var tools = body.Items("tools");
        for (var i = 0; i < tools.Count; i++)
        {
            error ??= Unknown(tools[i], Tool, $"tools[{i}]");
            var declarations = tools[i].Get("functionDeclarations", "function_declarations").Items();
            for (var j = 0; j < declarations.Count; j++)
            {
                var where = $"tools[{i}].function_declarations[{j}]";
                error ??= Unknown(declarations[j], Declaration, where) ?? CheckSchema(declarations[j].Get("parameters"), where + ".parameters");
            }
        }

        return error;
    }

    /// <summary>Google's schema is a subset: a plain JSON Schema keyword beyond it is an unknown name.</summary>
    private static BodyReply? CheckSchema(JsonElement schema, string where)
    {
        if (!schema.Given())
        {
            return null;
        }

        if (!schema.IsObject())
        {
            return GeminiErrors.Invalid($"Invalid value at '{where}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema), {schema.GetRawText()}");
        }

        if (Unknown(schema, Schema, where) is { } unknown)
        {
            return unknown;
        }

        if (schema.Get("type").IsArray())
        {
            return GeminiErrors.Invalid($"Invalid JSON payload received. Unknown name \"type\" at '{where}': Proto field is not repeating, cannot start list.");
        }

        var type = schema.Str("type")?.ToUpperInvariant();
        if (type is not (null or "STRING" or "NUMBER" or "INTEGER" or "BOOLEAN" or "ARRAY" or "OBJECT" or "NULL"))
        {
            return GeminiErrors.Invalid($"Invalid value at '{where}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), \"{schema.Str("type")}\"");
        }

        if (schema.Get("enum").Given() && type != "STRING")
        {
            return GeminiErrors.Invalid($"* GenerateContentRequest.{where}.enum: only allowed for STRING type\n");
        }

        if (type == "OBJECT" && where.EndsWith(".parameters", StringComparison.Ordinal) && schema.Get("properties").Names().Count == 0)
        {
            return GeminiErrors.Invalid($"* GenerateContentRequest.{where}.properties: should be non-empty for OBJECT type\n");
        }

        if (type == "ARRAY" && !schema.Get("items").Given())
        {
            return GeminiErrors.Invalid($"* GenerateContentRequest.{where}.items: missing field.\n");
        }

        foreach (var name in schema.Get("required").Items().Select(r => r.Str() ?? ""))
        {
            if (!schema.Get("properties").Get(name).Given())
            {
                return GeminiErrors.Invalid($"* GenerateContentRequest.{where}.required[0]: property is not defined\n");
            }
        }

        return schema.Get("properties").Names().Select(n => CheckSchema(schema.Get("properties").Get(n), $"{where}.properties[{n}]")).FirstOrDefault(e => e is not null)
            ?? CheckSchema(schema.Get("items"), where + ".items")
            ?? schema.Get("anyOf", "any_of").Items().Select((s, i) => CheckSchema(s, $"{where}.any_of[{i}]")).FirstOrDefault(e => e is not null);
    }

    private static BodyReply? Unknown(JsonElement value, HashSet<string> known, string where) =>
        value.Names().FirstOrDefault(n => !known.Contains(n)) is { } name ? GeminiErrors.UnknownField(name, where) : null;

    /// <summary>Google's JSON takes each name in camelCase and in snake_case.</summary>
    private static HashSet<string> Both(params ReadOnlySpan<string> names)
    {
        var both = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            both.Add(name);
            both.Add(string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? "_" + char.ToLowerInvariant(c) : c.ToString())));
        }

        return both;
    }
}
