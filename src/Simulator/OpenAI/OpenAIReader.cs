using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>Reads and checks a chat completion request. The first mistake found is the one reported.</summary>
internal sealed partial class OpenAIReader(Incoming call)
{
    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "model", "messages", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens",
        "metadata", "modalities", "n", "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_retention",
        "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature",
        "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
    };

    private readonly JsonElement _body = call.Body;

    public BodyReply? Error { get; private set; }

    public bool Stream => _body.True("stream");

    public bool IncludeUsage => _body.Get("stream_options").True("include_usage");

    public bool Obfuscate => _body.Get("stream_options").Get("include_obfuscation").ValueKind != JsonValueKind.False;

    public bool Logprobs => _body.True("logprobs");

    /// <summary>The tier the answer says it was served at: the one asked for, where the faults do not say otherwise.</summary>
    public string Tier { get; } = call.Body.Str("service_tier") is "priority" or "flex" && !call.Faults.DefaultTier ? call.Body.Str("service_tier")! : "default";

    public int Choices => (int)(_body.Number("n") ?? 1);

    public Prompt? Read()
    {
        CheckMembers();
        var turns = ReadMessages();
        CheckNumbers();
        var tools = ReadTools();
        var (mode, named) = ReadToolChoice(tools);
        var stops = ReadStops();
        var format = _body.Get("response_format");
        CheckFormat(format, turns);
        if (Error is not null)
        {
            return null;
        }

        return new Prompt
        {
            Model = call.Model,
            Stamp = call.Stamp,
            Turns = turns,
            Tools = tools,
            ToolMode = mode,
            NamedTools = named,
            ParallelCalls = _body.Get("parallel_tool_calls").ValueKind != JsonValueKind.False,
            MaxTokens = (int?)(_body.Number("max_completion_tokens") ?? _body.Number("max_tokens")),
            Stops = stops,
            WantsJson = format.Str("type") is "json_object" or "json_schema",
            Schema = format.Get("json_schema").Get("schema"),
            Reasons = call.IsReasoner ? _body.Get("thinking").Str("type") != "disabled" : AsksToReason(),
            WantsImages = _body.Items("modalities").Any(m => m.Str() == "image"),
            AspectRatio = _body.Get("image_config").Str("aspect_ratio"),
        };
    }

    private bool AsksToReason() =>
        _body.Str("reasoning_effort") is not (null or "none")
        || _body.Get("thinking").Str("type") is "enabled" or "adaptive"
        || _body.True("enable_thinking")
        || _body.Get("chat_template_kwargs").True("enable_thinking")
        || _body.Get("reasoning").True("enabled")
        || _body.Get("reasoning").Str("effort") is not (null or "none");

    private void CheckMembers()
    {
        if (call.Model.Length == 0)
        {
            Fail("you must provide a model parameter");
        }

        if (!_body.Get("messages").Given())
        {
            Fail("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        }
        else if (!_body.Get("messages").IsArray())
        {
            Fail($"Invalid type for 'messages': expected an array of objects, but got {Kind(_body.Get("messages"))} instead.", "messages", "invalid_type");
        }
        else if (_body.Items("messages").Count == 0)
        {
            Fail("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array");
        }

        if (call.Faults.Strict && _body.Names().FirstOrDefault(n => !KnownMembers.Contains(n)) is { } unknown)
        {
            Fail($"Unrecognized request argument supplied: {unknown}");
        }

        if (_body.Get("stream_options").Given() && !Stream)
        {
            Fail("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        }

        if (ReasoningModel().IsMatch(call.Model) && _body.Get("max_tokens").Given())
        {
            Fail(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                "max_tokens",
                "unsupported_parameter");
        }
    }

    private List<Turn> ReadMessages()
    {
        var turns = new List<Turn>();
        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        var index = -1;
        foreach (var message in _body.Items("messages"))
        {
            index++;
            var role = message.Str("role");
            if (role != "tool" && open.Count > 0)
            {
                Fail(
                    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                    + $"The following tool_call_ids did not have response messages: {string.Join(", ", open.Keys)}",
                    "messages");
                open.Clear();
            }

            switch (role)
            {
                case "system" or "developer":
                    turns.Add(ReadContent(message, Speaker.System, index));
                    break;
                case "user":
                    turns.Add(ReadContent(message, Speaker.User, index));
                    break;
                case "assistant":
                    turns.Add(ReadAssistant(message, index, open));
                    break;
                case "tool":
                    ReadToolMessage(message, index, open, turns);
                    break;
                case null:
                    Fail($"Missing required parameter: 'messages[{index}].role'.", $"messages[{index}].role", "missing_required_parameter");
                    break;
                default:
                    Fail(
                        $"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
                        $"messages[{index}].role",
                        "invalid_value");
                    break;
            }
        }

        if (open.Count > 0)
        {
            Fail(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                + $"The following tool_call_ids did not have response messages: {string.Join(", ", open.Keys)}",
                "messages");
        }

        return turns;
    }

    private Turn ReadAssistant(JsonElement message, int index, Dictionary<string, string> open)
    {
        var calls = new List<PastCall>();
        foreach (var one in message.Items("tool_calls"))
        {
            var id = one.Str("id") ?? "";
            var function = one.Get("function");
            if (id.Length is 0 or > 64)
            {
                Fail(
                    $"Invalid 'messages[{index}].tool_calls[{calls.Count}].id': string too long. Expected a string with maximum length 64, but got a string with length {id.Length} instead.",
                    $"messages[{index}].tool_calls[{calls.Count}].id",
                    "string_above_max_length");
            }

            if (function.Str("arguments") is null)
            {
                Fail(
                    $"Invalid type for 'messages[{index}].tool_calls[{calls.Count}].function.arguments': expected a string, but got {Kind(function.Get("arguments"))} instead.",
                    $"messages[{index}].tool_calls[{calls.Count}].function.arguments",
                    "invalid_type");
            }

            open[id] = function.Str("name") ?? "";
            calls.Add(new PastCall(id, function.Str("name") ?? "", function.Str("arguments") ?? ""));
        }

        if (calls.Count == 0 && !message.Get("content").Given() && !message.Get("refusal").Given() && !message.Get("audio").Given()
            && !message.Get("images").Given())
        {
            Fail($"Invalid value for 'content': expected a string, got null.", $"messages.[{index}].content");
        }

        return (message.Get("content").Given() ? ReadContent(message, Speaker.Assistant, index) : new Turn(Speaker.Assistant, "")) with { Calls = calls };
    }

    private void ReadToolMessage(JsonElement message, int index, Dictionary<string, string> open, List<Turn> turns)
    {
        var id = message.Str("tool_call_id") ?? "";
        if (!open.Remove(id, out var name))
        {
            Fail(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                $"messages.[{index}].role");
            name = "";
        }

        var outcome = new ToolOutcome(id, name, ReadContent(message, Speaker.Tool, index).Text);
        if (turns.LastOrDefault() is { Speaker: Speaker.Tool } last)
        {
            turns[^1] = last with { Outcomes = [.. last.Outcomes, outcome] };
        }
        else
        {
            turns.Add(new Turn(Speaker.Tool, "") { Outcomes = [outcome] });
        }
    }

    private Turn ReadContent(JsonElement message, Speaker speaker, int index)
    {
        var content = message.Get("content");
        if (content.Str() is { } text)
        {
            return new Turn(speaker, text);
        }

        if (!content.IsArray())
        {
            Fail(
                $"Invalid type for 'messages[{index}].content': expected one of a string or array of objects, but got {Kind(content)} instead.",
                $"messages[{index}].content",
                "invalid_type");
            return new Turn(speaker, "");
        }

        var texts = new List<string>();
        var images = new List<string>();
        var files = new List<string>();
        foreach (var (part, at) in content.Items().Select((p, i) => (p, i)))
        {
            switch (part.Str("type"))
            {
                case "text" or "refusal":
                    texts.Add(part.Str("text") ?? part.Str("refusal") ?? "");
                    break;
                case "image_url" when speaker == Speaker.User:
                    images.Add(ReadImage(part.Get("image_url").Str("url"), index, at));
                    break;
                case "input_audio" when speaker == Speaker.User:
                    files.Add("audio/" + part.Get("input_audio").Str("format"));
                    break;
                case "file" when speaker == Speaker.User:
                    files.Add(MediaType(part.Get("file").Str("file_data")) ?? "file");
                    break;
                default:
                    Fail(
                        $"Invalid value: '{part.Str("type")}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.",
                        $"messages[{index}].content[{at}].type",
                        "invalid_value");
                    break;
            }
        }

        return new Turn(speaker, string.Concat(texts)) { Images = images, Files = files };
    }

    private string ReadImage(string? url, int index, int at)
    {
        var where = $"messages[{index}].content[{at}].image_url";
        if (url is null)
        {
            Fail($"Missing required parameter: '{where}.url'.", where + ".url", "missing_required_parameter");
            return "";
        }

        if (!url.StartsWith("data:", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                Fail($"Invalid '{where}'. Expected a valid URL, but got a value with an invalid format.", where, "invalid_value");
            }

            return "url";
        }

        var type = MediaType(url);
        var data = url[(url.IndexOf(',') + 1)..];
        if (type is null || !url.Contains(";base64,", StringComparison.Ordinal) || !System.Buffers.Text.Base64.IsValid(data))
        {
            Fail("Invalid base64 image_url.", where, "invalid_base64");
        }
        else if (type is not ("image/png" or "image/jpeg" or "image/gif" or "image/webp"))
        {
            Fail($"Invalid MIME type. Only image types are supported.", where, "invalid_image_format");
        }

        return type ?? "";
    }

    private List<OfferedTool> ReadTools()
    {
        var tools = new List<OfferedTool>();
        if (_body.Get("tools").IsArray() && _body.Items("tools").Count == 0)
        {
            Fail("Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", "tools", "empty_array");
        }

        foreach (var tool in _body.Items("tools"))
        {
            if (tool.Str("type") != "function")
            {
                Fail($"Invalid value: '{tool.Str("type")}'. Supported values are: 'function' and 'custom'.", $"tools[{tools.Count}].type", "invalid_value");
            }

            var name = tool.Get("function").Str("name") ?? "";
            if (!ToolName().IsMatch(name))
            {
                Fail(
                    $"Invalid 'tools[{tools.Count}].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                    $"tools[{tools.Count}].function.name",
                    "invalid_value");
            }

            var parameters = tool.Get("function").Get("parameters");
            if (parameters.Given() && parameters.Get("type") is { ValueKind: JsonValueKind.String } type && type.GetString() != "object")
            {
                Fail(
                    $"Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{type.GetString()}\"'.",
                    $"tools[{tools.Count}].function.parameters",
                    "invalid_function_parameters");
            }

            tools.Add(new OfferedTool(name, parameters.IsObject() ? parameters : EmptyObject.Schema, tool.GetRawText()));
        }

        return tools;
    }

    private (ToolMode Mode, IReadOnlyList<string> Named) ReadToolChoice(List<OfferedTool> tools)
    {
        var choice = _body.Get("tool_choice");
        if (choice.Given() && tools.Count == 0)
        {
            Fail("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
        }

        switch (choice.Str())
        {
            case "none":
                return (ToolMode.None, []);
            case "required":
                return (ToolMode.Required, []);
            case "auto":
                return (ToolMode.Auto, []);
            case { } other:
                Fail($"Invalid value: '{other}'. Supported values are: 'none', 'auto', and 'required'.", "tool_choice", "invalid_value");
                return (ToolMode.Auto, []);
        }

        if (choice.Str("type") == "allowed_tools")
        {
            var allowed = choice.Get("allowed_tools");
            IReadOnlyList<string> names = [.. allowed.Items("tools").Select(t => t.Get("function").Str("name") ?? "")];
            return (allowed.Str("mode") == "required" ? ToolMode.Named : ToolMode.Auto, names);
        }

        if (choice.Get("function").Str("name") is not { } name)
        {
            return (ToolMode.Auto, []);
        }

        if (tools.All(t => t.Name != name))
        {
            Fail($"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice");
        }

        return (ToolMode.Named, [name]);
    }

    private IReadOnlyList<string> ReadStops()
    {
        var stop = _body.Get("stop");
        if (stop.Str() is { } one)
        {
            return [one];
        }

        if (stop.Items().Count > 4)
        {
            Fail(
                $"Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length {stop.Items().Count} instead.",
                "stop",
                "array_above_max_length");
        }

        return [.. stop.Items().Select(s => s.Str() ?? "")];
    }

    private void CheckNumbers()
    {
        Range("temperature", 0, 2);
        Range("top_p", 0, 1);
        Range("frequency_penalty", -2, 2);
        Range("presence_penalty", -2, 2);
        Range("max_tokens", 1, int.MaxValue, "integer");
        Range("max_completion_tokens", 1, int.MaxValue, "integer");
        Range("n", 1, 128, "integer");
        Range("top_logprobs", 0, 20, "integer");
        foreach (var flag in (ReadOnlySpan<string>)["stream", "logprobs", "parallel_tool_calls", "store"])
        {
            if (_body.Get(flag) is { ValueKind: not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined) } wrong)
            {
                Fail($"Invalid type for '{flag}': expected a boolean, but got {Kind(wrong)} instead.", flag, "invalid_type");
            }
        }
    }

    private void Range(string name, decimal least, decimal most, string kind = "decimal")
    {
        var given = _body.Get(name);
        if (!given.Given())
        {
            return;
        }

        if (given.Number() is not { } value || (kind == "integer" && value != Math.Truncate(value)))
        {
            Fail($"Invalid type for '{name}': expected {(kind == "integer" ? "an integer" : "a decimal")}, but got {Kind(given)} instead.", name, "invalid_type");
        }
        else if (value < least)
        {
            Fail(Invariant($"Invalid '{name}': {kind} below minimum value. Expected a value >= {least}, but got {value} instead."), name, $"{kind}_below_min_value");
        }
        else if (value > most)
        {
            Fail(Invariant($"Invalid '{name}': {kind} above maximum value. Expected a value <= {most}, but got {value} instead."), name, $"{kind}_above_max_value");
        }
    }

    private void CheckFormat(JsonElement format, List<Turn> turns)
    {
        if (!format.Given())
        {
            return;
        }

        switch (format.Str("type"))
        {
            case "text":
                break;
            case "json_object":
                if (call.Faults.Strict && !turns.Any(t => t.Text.Contains("json", StringComparison.OrdinalIgnoreCase)))
                {
                    Fail("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages");
                }

                break;
            case "json_schema":
                if (format.Get("json_schema").Str("name") is null)
                {
                    Fail("Missing required parameter: 'response_format.json_schema.name'.", "response_format.json_schema.name", "missing_required_parameter");
                }

                break;
            default:
                Fail(
                    $"Invalid value: '{format.Str("type")}'. Supported values are: 'json_object', 'json_schema', and 'text'.",
                    "response_format.type",
                    "invalid_value");
                break;
        }
    }

    private void Fail(string message, string? param = null, string? code = null) => Error ??= OpenAIErrors.Make(400, message, param: param, code: code);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public static string? MediaType(string? url)
    {
        if (url is null || !url.StartsWith("data:", StringComparison.Ordinal))
        {
            return null;
        }

        var end = url.AsSpan(5).IndexOfAny(';', ',');
        return end < 0 ? null : url.Substring(5, end);
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolName();

    [GeneratedRegex("^(o[1-9]|gpt-5)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    public static partial Regex ReasoningModel();
}
