using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Gemini;

/// <summary>Reads and checks a generateContent request. The first mistake found is the one reported.</summary>
internal sealed partial class GeminiReader(Incoming call, Signatures signatures)
{
    /// <summary>What a caller sends in place of a signature it does not have.</summary>
    private const string NoSignature = "skip_thought_signature_validator";

    private readonly JsonElement _body = call.Body;

    public BodyReply? Error { get; private set; }

    private JsonElement Generation => _body.Get("generationConfig", "generation_config");

    private JsonElement Image => Generation.Get("imageConfig", "image_config");

    /// <summary>Image models of generation 3 sign all they say and draw, and want it back so.</summary>
    public bool SignsParts => call.Model.StartsWith("gemini-3", StringComparison.Ordinal) && call.Model.Contains("image", StringComparison.Ordinal);

    private JsonElement Thinking => Generation.Get("thinkingConfig", "thinking_config");

    public bool IncludeThoughts => Thinking.Get("includeThoughts", "include_thoughts").ValueKind == JsonValueKind.True;

    public Prompt? Read()
    {
        Error = GeminiFields.Check(_body);
        var turns = new List<Turn>();
        var system = _body.Get("systemInstruction", "system_instruction");
        if (system.Given())
        {
            turns.Add(new Turn(Speaker.System, string.Concat(system.Items("parts").Select(p => p.Str("text")))));
        }

        ReadContents(turns);
        CheckGeneration();
        var tools = ReadTools();
        var (mode, named) = ReadToolMode(tools);
        if (Error is not null)
        {
            return null;
        }

        var schema = Generation.Get("responseSchema", "response_schema");
        return new Prompt
        {
            Model = call.Model,
            Stamp = call.Stamp,
            Turns = turns,
            Tools = tools,
            ToolMode = mode,
            NamedTools = named,
            MaxTokens = (int?)Generation.Get("maxOutputTokens", "max_output_tokens").Number(),
            Stops = [.. Generation.Get("stopSequences", "stop_sequences").Items().Select(s => s.Str() ?? "")],
            WantsJson = Generation.Get("responseMimeType", "response_mime_type").Str() == "application/json",
            Schema = schema.IsObject() ? schema : Generation.Get("responseJsonSchema", "response_json_schema"),
            Reasons = Reasons(),
            WantsImages = Generation.Get("responseModalities", "response_modalities").Items().Any(m => m.Str() == "IMAGE"),
            AspectRatio = Image.Get("aspectRatio", "aspect_ratio").Str(),
        };
    }

    private bool Reasons()
    {
        var budget = Thinking.Get("thinkingBudget", "thinking_budget").Number();
        return budget != 0 && (call.IsReasoner || IncludeThoughts || budget is not null || Thinking.Get("thinkingLevel", "thinking_level").Given());
    }

    private void ReadContents(List<Turn> turns)
    {
        var contents = _body.Items("contents");
        if (contents.Count == 0)
        {
            Fail("* GenerateContentRequest.contents: contents is not specified\n");
        }

        string? before = null;
        var open = new List<string>();
        var turnStart = LastUserText(contents);
        for (var i = 0; i < contents.Count; i++)
        {
            var role = contents[i].Str("role") ?? "user";
            var parts = contents[i].Items("parts");
            if (role is not ("user" or "model" or "function"))
            {
                Fail("Please use a valid role: user, model.");
            }

            if (parts.Count == 0)
            {
                Fail($"* GenerateContentRequest.contents[{i}].parts: contents.parts must not be empty.\n");
            }

            CheckParts(parts, i);
            if (role == "model")
            {
                var calls = parts.Where(p => p.Get("functionCall", "function_call").Given()).ToList();
                if (calls.Count > 0 && before == "model" | before is null)
                {
                    Fail("Please ensure that function call turn comes immediately after a user turn or after a function response turn.");
                }

                CheckAnswered(open, 0);
                open = [.. calls.Select(c => c.Get("functionCall", "function_call").Str("name") ?? "")];
                CheckSignatures(parts, calls, i, inTurn: i > turnStart);
                CheckSigned(parts, i);
                turns.Add(new Turn(Speaker.Assistant, Texts(parts))
                {
                    Calls = [.. calls.Select(c => Past(c.Get("functionCall", "function_call")))],
                });
            }
            else
            {
                ReadUser(parts, open, turns);
            }

            before = role;
        }

        if (before == "model" && open.Count > 0)
        {
            Fail("Please ensure that multiturn requests end with a user role or a function response turn.");
        }
    }

    private void CheckParts(IReadOnlyList<JsonElement> parts, int index)
    {
        for (var j = 0; j < parts.Count; j++)
        {
            if (!parts[j].Names().Any(n => n is not ("thought" or "thoughtSignature" or "thought_signature" or "videoMetadata" or "mediaResolution")))
            {
                Fail($"* GenerateContentRequest.contents[{index}].parts[{j}].data: required oneof field 'data' must have one initialized field\n");
            }
        }
    }

    private void ReadUser(IReadOnlyList<JsonElement> parts, List<string> open, List<Turn> turns)
    {
        var outcomes = parts
            .Select(p => p.Get("functionResponse", "function_response"))
            .Where(r => r.Given())
            .Select(ReadOutcome)
            .ToList();
        CheckAnswered(open, outcomes.Count);
        if (outcomes.Count > 0)
        {
            if (open.Count > 0 && outcomes.Any(o => !open.Contains(o.Name)))
            {
                Fail("Please ensure that the function response name matches the name of the function call.");
            }

            turns.Add(new Turn(Speaker.Tool, "") { Outcomes = outcomes });
        }

        open.Clear();
        var media = parts
            .Select(p => p.Get("inlineData", "inline_data") is { ValueKind: JsonValueKind.Object } inline ? ReadInline(inline)
                : p.Get("fileData", "file_data") is { ValueKind: JsonValueKind.Object } file ? file.Get("mimeType", "mime_type").Str() ?? "url"
                : null)
            .OfType<string>()
            .ToList();
        var texts = Texts(parts);
        if (outcomes.Count == 0 || texts.Length > 0 || media.Count > 0)
        {
            turns.Add(new Turn(Speaker.User, texts)
            {
                Images = [.. media.Where(m => m.StartsWith("image/", StringComparison.Ordinal) || m == "url")],
                Files = [.. media.Where(m => !m.StartsWith("image/", StringComparison.Ordinal) && m != "url")],
            });
        }
    }

    private string ReadInline(JsonElement inline)
    {
        var type = inline.Get("mimeType", "mime_type").Str();
        if (type is null)
        {
            Fail("Unable to submit request because it must have a mimeType parameter.");
        }
        else if (!System.Buffers.Text.Base64.IsValid(inline.Str("data") ?? "-"))
        {
            Fail("Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"\"");
        }

        return type ?? "";
    }

    private ToolOutcome ReadOutcome(JsonElement response)
    {
        if (response.Str("name") is not { Length: > 0 } name)
        {
            Fail("* GenerateContentRequest.contents[0].parts[0].function_response.name: Name cannot be empty.\n");
            name = "";
        }

        var content = response.Get("response");
        if (!content.IsObject())
        {
            Fail("Invalid value at 'contents[0].parts[0].function_response.response' (type.googleapis.com/google.protobuf.Struct)");
        }

        var text = content.Str("result") ?? content.Str("output") ?? content.Str("error") ?? (content.Given() ? content.Canonical() : "");
        return new ToolOutcome(response.Str("id") ?? "", name, text);
    }

    private void CheckAnswered(List<string> open, int responses)
    {
        if (open.Count != responses)
        {
            Fail("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
        }
    }

    private void CheckSignatures(IReadOnlyList<JsonElement> parts, List<JsonElement> calls, int index, bool inTurn)
    {
        foreach (var part in parts)
        {
            var function = part.Get("functionCall", "function_call");
            var signature = part.Get("thoughtSignature", "thought_signature").Str();
            if (signature is null || Decoded(signature) == NoSignature || signature == NoSignature)
            {
                continue;
            }

            var inline = part.Get("inlineData", "inline_data");
            var kind = function.Given() ? GeminiWriter.CallKind(function.Str("name") ?? "", function.Get("args")) : inline.Given() ? GeminiWriter.ImageKind : GeminiWriter.TextKind;
            if (!signatures.Verify(signature, kind, inline.Str("data") ?? ""))
            {
                Fail("Corrupted thought signature.");
            }
        }

        if (call.IsReasoner && inTurn && calls.Count > 0 && !calls[0].Get("thoughtSignature", "thought_signature").Given())
        {
            var name = calls[0].Get("functionCall", "function_call").Str("name");
            Fail(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature "
                + $"may lead to degraded model performance. Additional data, function call `default_api:{name}` , position {index + 1}. "
                + "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.");
        }
    }

    private void CheckSigned(IReadOnlyList<JsonElement> parts, int index)
    {
        for (var j = 0; SignsParts && j < parts.Count; j++)
        {
            var kind = parts[j].Get("inlineData", "inline_data").Given() ? "Image" : parts[j].Str("text") is not null ? "Text" : null;
            if (kind is not null && !parts[j].Get("thoughtSignature", "thought_signature").Given())
            {
                Fail($"{kind} part is missing a thought_signature in content position {index + 1}, part position {j + 1}. "
                    + "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior for more details.");
            }
        }
    }

    private void CheckGeneration()
    {
        if (Image.Get("aspectRatio", "aspect_ratio").Str() is { } ratio && !AspectRatio().IsMatch(ratio))
        {
            Fail($"* GenerateContentRequest.generation_config.image_config.aspect_ratio: unsupported aspect ratio \"{ratio}\"\n");
        }

        Range("temperature", "temperature", 0, 2);
        Range("topP", "top_p", 0, 1);
        Range("maxOutputTokens", "max_output_tokens", 1, int.MaxValue);
        Range("candidateCount", "candidate_count", 1, 8);
        if (Generation.Get("stopSequences", "stop_sequences").Items().Count > 5)
        {
            Fail("* GenerateContentRequest.generation_config.stop_sequences: the number of stop sequences must not exceed 5\n");
        }

        if (Thinking.Get("thinkingBudget", "thinking_budget").Given() && Thinking.Get("thinkingLevel", "thinking_level").Given())
        {
            Fail("You can only set only one of thinking budget and thinking level.");
        }

        var mime = Generation.Get("responseMimeType", "response_mime_type").Str();
        var schema = Generation.Get("responseSchema", "response_schema").Given() || Generation.Get("responseJsonSchema", "response_json_schema").Given();
        if (schema && mime is not ("application/json" or "text/x.enum"))
        {
            Fail("* GenerateContentRequest.generation_config.response_schema: only allowed when response mime type is application/json\n");
        }
    }

    private void Range(string name, string otherName, decimal least, decimal most)
    {
        var given = Generation.Get(name, otherName);
        if (!given.Given())
        {
            return;
        }

        if (given.Number() is not { } value)
        {
            Fail($"Invalid value at 'generation_config.{otherName}' (TYPE_FLOAT), {given.GetRawText()}");
        }
        else if (value < least || value > most)
        {
            Fail(string.Create(
                CultureInfo.InvariantCulture, $"Unable to submit request because it has a {otherName} value of {value} but the supported range is from {least} (inclusive) to {most} (inclusive)."));
        }
    }

    private List<OfferedTool> ReadTools()
    {
        var tools = new List<OfferedTool>();
        foreach (var declaration in _body.Items("tools").SelectMany(t => t.Get("functionDeclarations", "function_declarations").Items()))
        {
            var name = declaration.Str("name") ?? "";
            if (!FunctionName().IsMatch(name))
            {
                Fail(
                    $"* GenerateContentRequest.tools[0].function_declarations[{tools.Count}].name: Invalid function name. Must start with a letter or an underscore. "
                    + "Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:) or dashes (-), with a maximum length of 64.\n");
            }

            var parameters = declaration.Get("parameters");
            var schema = parameters.IsObject() ? parameters : declaration.Get("parametersJsonSchema", "parameters_json_schema");
            tools.Add(new OfferedTool(name, schema.IsObject() ? schema : EmptyObject.Schema, declaration.GetRawText()));
        }

        return tools;
    }

    private (ToolMode Mode, IReadOnlyList<string> Named) ReadToolMode(List<OfferedTool> tools)
    {
        var config = _body.Get("toolConfig", "tool_config").Get("functionCallingConfig", "function_calling_config");
        IReadOnlyList<string> allowed = [.. config.Get("allowedFunctionNames", "allowed_function_names").Items().Select(n => n.Str() ?? "")];
        var mode = config.Str("mode")?.ToUpperInvariant();
        if (allowed.Count > 0 && mode is not ("ANY" or "VALIDATED"))
        {
            Fail("Function calling config is set with allowed_function_names but mode is not ANY or VALIDATED.");
        }

        if (allowed.FirstOrDefault(n => tools.All(t => t.Name != n)) is { } unknown)
        {
            Fail($"Function name '{unknown}' in allowed_function_names is not declared.");
        }

        return mode switch
        {
            null or "AUTO" or "VALIDATED" or "MODE_UNSPECIFIED" => (ToolMode.Auto, []),
            "NONE" => (ToolMode.None, []),
            "ANY" => allowed.Count > 0 ? (ToolMode.Named, allowed) : (ToolMode.Required, []),
            _ => Unreadable(mode),
        };
    }

    private (ToolMode Mode, IReadOnlyList<string> Named) Unreadable(string mode)
    {
        Fail($"Invalid value at 'tool_config.function_calling_config.mode' (type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), \"{mode}\"");
        return (ToolMode.Auto, []);
    }

    /// <summary>Where the current turn began: the last content of the user that is not only function responses.</summary>
    private static int LastUserText(IReadOnlyList<JsonElement> contents)
    {
        for (var i = contents.Count - 1; i >= 0; i--)
        {
            if (contents[i].Str("role") is null or "user" && contents[i].Items("parts").Any(p => !p.Get("functionResponse", "function_response").Given()))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Texts(IReadOnlyList<JsonElement> parts) => string.Concat(parts.Where(p => !p.True("thought")).Select(p => p.Str("text")));

    private static PastCall Past(JsonElement function) =>
        new(function.Str("id") ?? "", function.Str("name") ?? "", function.Get("args").Given() ? function.Get("args").Canonical() : "{}");

    private static string Decoded(string signature)
    {
        var bytes = new byte[NoSignature.Length + 2];
        return Convert.TryFromBase64String(signature, bytes, out var written) ? Encoding.ASCII.GetString(bytes, 0, written) : "";
    }

    private void Fail(string message) => Error ??= GeminiErrors.Invalid(message);

    [GeneratedRegex("^(1:1|2:3|3:2|3:4|4:3|4:5|5:4|9:16|16:9|21:9)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AspectRatio();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FunctionName();
}
