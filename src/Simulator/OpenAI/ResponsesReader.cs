using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>Reads and checks a Responses request. The first mistake found is the one reported.</summary>
internal sealed class ResponsesReader(Incoming call, Signatures signatures)
{
    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "background", "context_management", "conversation", "include", "input", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model",
        "parallel_tool_calls", "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning",
        "safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p",
        "truncation", "user",
    };

    private readonly JsonElement _body = call.Body;
    private readonly Dictionary<string, string> _open = new(StringComparer.Ordinal);
    private readonly List<Turn> _turns = [];

    public BodyReply? Error { get; private set; }

    public bool Stream => _body.True("stream");

    public bool Obfuscate => _body.Get("stream_options").Get("include_obfuscation").ValueKind != JsonValueKind.False;

    public bool Encrypts => _body.Items("include").Any(one => one.Str() == "reasoning.encrypted_content");

    public bool Summarizes => _body.Get("reasoning").Str("summary") is not null;

    public Prompt? Read()
    {
        CheckMembers();
        ReadInput();
        CheckNumbers();
        var tools = ReadTools();
        var (mode, named) = ReadToolChoice(tools);
        var format = _body.Get("text").Get("format");
        CheckFormat(format);
        if (Error is not null)
        {
            return null;
        }

        return new Prompt
        {
            Model = call.Model,
            Stamp = call.Stamp,
            Turns = _turns,
            Tools = tools,
            ToolMode = mode,
            NamedTools = named,
            ParallelCalls = _body.Get("parallel_tool_calls").ValueKind != JsonValueKind.False,
            MaxTokens = (int?)_body.Number("max_output_tokens"),
            WantsJson = format.Str("type") is "json_object" or "json_schema",
            Schema = format.Get("schema"),
            Reasons = call.IsReasoner || Effort is not (null or "none"),
        };
    }

    private string? Effort => _body.Get("reasoning").Str("effort");

    private void CheckMembers()
    {
        if (call.Model.Length == 0)
        {
            Fail("Missing required parameter: 'model'.", "model", "missing_required_parameter");
        }

        if (_body.Names().FirstOrDefault(n => !KnownMembers.Contains(n)) is { } unknown)
        {
            Fail($"Unknown parameter: '{unknown}'.", unknown, "unknown_parameter");
        }

        if (_body.Str("previous_response_id") is { } previous)
        {
            Fail($"Previous response with id '{previous}' not found.", "previous_response_id", "previous_response_not_found");
        }

        if (_body.Get("stream_options").Given() && !Stream)
        {
            Fail("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        }
    }

    private void ReadInput()
    {
        var input = _body.Get("input");
        if (_body.Str("instructions") is { } instructions)
        {
            _turns.Add(new Turn(Speaker.System, instructions));
        }

        if (input.Str() is { } text)
        {
            _turns.Add(new Turn(Speaker.User, text));
        }
        else if (!input.IsArray() || input.Items().Count == 0)
        {
            Fail("Missing required parameter: 'input'.", "input", "missing_required_parameter");
        }

        var items = input.Items();
        for (var i = 0; i < items.Count; i++)
        {
            ReadItem(items[i], i, next: i + 1 < items.Count ? items[i + 1] : default);
        }

        if (_open.Count > 0)
        {
            Fail($"No tool output found for function call {_open.Keys.First()}.", "input");
        }
    }

    private void ReadItem(JsonElement item, int index, JsonElement next)
    {
        switch (item.Str("type") ?? (item.Get("role").Given() ? "message" : null))
        {
            case "message":
                ReadMessage(item, index);
                break;
            case "function_call":
                ReadCall(item, index);
                break;
            case "function_call_output":
                ReadOutput(item, index);
                break;
            case "reasoning":
                CheckReasoning(item, index, next);
                break;
            default:
                Fail($"Invalid value: '{item.Str("type")}'. Supported values are: 'message', 'function_call', 'function_call_output' and 'reasoning'.", $"input[{index}]", "invalid_value");
                break;
        }
    }

    private void ReadMessage(JsonElement item, int index)
    {
        var speaker = item.Str("role") switch
        {
            "user" => Speaker.User,
            "assistant" => Speaker.Assistant,
            "system" or "developer" => Speaker.System,
            _ => (Speaker?)null,
        };
        if (speaker is not { } known)
        {
            Fail($"Invalid value: '{item.Str("role")}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.", $"input[{index}].role", "invalid_value");
            return;
        }

        if (item.Str("id") is not null && !_body.True("store"))
        {
            Fail($"Item with id '{item.Str("id")}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.", "input");
        }

        _turns.Add(ReadContent(item.Get("content"), known, $"input[{index}].content"));
    }

    private void ReadCall(JsonElement item, int index)
    {
        var id = item.Str("call_id") ?? "";
        if (id.Length is 0 or > 64)
        {
            Fail(
                $"Invalid 'input[{index}].call_id': string too long. Expected a string with maximum length 64, but got a string with length {id.Length} instead.",
                $"input[{index}].call_id",
                "string_above_max_length");
        }

        if (item.Str("arguments") is null || item.Str("name") is null)
        {
            Fail($"Missing required parameter: 'input[{index}].arguments'.", $"input[{index}].arguments", "missing_required_parameter");
        }

        _open[id] = item.Str("name") ?? "";
        var past = new PastCall(id, item.Str("name") ?? "", item.Str("arguments") ?? "");
        if (_turns is [.., { Speaker: Speaker.Assistant } last])
        {
            _turns[^1] = last with { Calls = [.. last.Calls, past] };
        }
        else
        {
            _turns.Add(new Turn(Speaker.Assistant, "") { Calls = [past] });
        }
    }

    private void ReadOutput(JsonElement item, int index)
    {
        var id = item.Str("call_id") ?? "";
        if (!_open.Remove(id, out var name))
        {
            Fail($"No tool call found for function call output with call_id {id}.", "input");
            name = "";
        }

        var output = ReadContent(item.Get("output"), Speaker.Tool, $"input[{index}].output");
        var outcome = new ToolOutcome(id, name, output.Text);
        if (_turns is [.., { Speaker: Speaker.Tool } last])
        {
            _turns[^1] = last with { Outcomes = [.. last.Outcomes, outcome], Images = [.. last.Images, .. output.Images] };
        }
        else
        {
            _turns.Add(new Turn(Speaker.Tool, "") { Outcomes = [outcome], Images = output.Images });
        }
    }

    private void CheckReasoning(JsonElement item, int index, JsonElement next)
    {
        var id = item.Str("id") ?? "";
        if (!item.Get("summary").IsArray())
        {
            Fail($"Missing required parameter: 'input[{index}].summary'.", $"input[{index}].summary", "missing_required_parameter");
        }

        if (item.Str("encrypted_content") is not { } sealedContent)
        {
            Fail($"Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.", "input");
        }
        else if (!signatures.Verify(sealedContent, ResponsesWriter.ReasoningKind, id))
        {
            Fail("The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.", null, "invalid_encrypted_content");
        }

        if (next.Str("type") is not ("reasoning" or "function_call") && next.Str("role") != "assistant")
        {
            Fail($"Item '{id}' of type 'reasoning' was provided without its required following item.", "input");
        }
    }

    private Turn ReadContent(JsonElement content, Speaker speaker, string where)
    {
        if (content.Str() is { } text)
        {
            return new Turn(speaker, text);
        }

        if (!content.IsArray())
        {
            Fail($"Invalid type for '{where}': expected one of a string or array of objects, but got {OpenAIReader.Kind(content)} instead.", where, "invalid_type");
            return new Turn(speaker, "");
        }

        var texts = new List<string>();
        var images = new List<string>();
        var files = new List<string>();
        foreach (var (part, at) in content.Items().Select((p, i) => (p, i)))
        {
            switch (part.Str("type"))
            {
                case "output_text" or "refusal" when speaker == Speaker.Assistant:
                case "input_text" when speaker != Speaker.Assistant:
                    texts.Add(part.Str("text") ?? part.Str("refusal") ?? "");
                    break;
                case "input_image" when speaker is Speaker.User or Speaker.Tool:
                    images.Add(ReadImage(part.Str("image_url"), $"{where}[{at}].image_url"));
                    break;
                case "input_file" when speaker is Speaker.User or Speaker.Tool:
                    files.Add(part.Str("file_url") is null ? OpenAIReader.MediaType(part.Str("file_data")) ?? "file" : "url");
                    break;
                default:
                    Fail(
                        $"Invalid value: '{part.Str("type")}'. Supported values are: "
                        + (speaker == Speaker.Assistant ? "'output_text' and 'refusal'." : "'input_text', 'input_image', and 'input_file'."),
                        $"{where}[{at}]",
                        "invalid_value");
                    break;
            }
        }

        return new Turn(speaker, string.Concat(texts)) { Images = images, Files = files };
    }

    private string ReadImage(string? url, string where)
    {
        if (url is null || !url.StartsWith("data:", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                Fail($"Invalid '{where}'. Expected a valid URL, but got a value with an invalid format.", where, "invalid_value");
            }

            return "url";
        }

        var type = OpenAIReader.MediaType(url);
        if (type is not ("image/png" or "image/jpeg" or "image/gif" or "image/webp"))
        {
            Fail("Invalid MIME type. Only image types are supported.", where, "invalid_image_format");
        }

        return type ?? "";
    }

    private List<OfferedTool> ReadTools()
    {
        var tools = new List<OfferedTool>();
        foreach (var tool in _body.Items("tools"))
        {
            // The provider's own tool: this one finds nothing to search for.
            if (tool.Str("type") == "web_search")
            {
                continue;
            }

            if (tool.Str("type") != "function" || tool.Get("function").Given())
            {
                Fail($"Missing required parameter: 'tools[{tools.Count}].name'.", $"tools[{tools.Count}].name", "missing_required_parameter");
            }

            // What is not said is strict.
            if (tool.Get("strict").ValueKind != JsonValueKind.False && tool.Get("parameters").Get("additionalProperties").ValueKind != JsonValueKind.False)
            {
                Fail(
                    $"Invalid schema for function '{tool.Str("name")}': In context=(), 'additionalProperties' is required to be supplied and to be false.",
                    $"tools[{tools.Count}].parameters",
                    "invalid_function_parameters");
            }

            var parameters = tool.Get("parameters");
            tools.Add(new OfferedTool(tool.Str("name") ?? "", parameters.IsObject() ? parameters : EmptyObject.Schema, tool.GetRawText()));
        }

        return tools;
    }

    private (ToolMode Mode, IReadOnlyList<string> Named) ReadToolChoice(List<OfferedTool> tools)
    {
        var choice = _body.Get("tool_choice");
        if (choice.Str() is { } word)
        {
            return (word switch
            {
                "none" => ToolMode.None,
                "required" => ToolMode.Required,
                _ => ToolMode.Auto,
            }, []);
        }

        if (!choice.IsObject())
        {
            return (ToolMode.Auto, []);
        }

        var name = choice.Str("name") ?? "";
        if (tools.All(t => t.Name != name))
        {
            Fail($"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice");
        }

        return (ToolMode.Named, [name]);
    }

    private void CheckNumbers()
    {
        Range("max_output_tokens", 16, int.MaxValue, "integer");
        Range("temperature", 0, 2, "decimal");
        Range("top_p", 0, 1, "decimal");
        foreach (var name in (ReadOnlySpan<string>)["temperature", "top_p"])
        {
            if (_body.Get(name).Given() && OpenAIReader.ReasoningModel().IsMatch(call.Model) && Effort != "none")
            {
                Fail($"Unsupported parameter: '{name}' is not supported with this model.", name);
            }
        }
    }

    private void Range(string name, decimal least, decimal most, string kind)
    {
        if (_body.Number(name) is not { } value)
        {
            return;
        }

        if (value < least || value > most)
        {
            var below = value < least;
            Fail(OpenAIResponses.OutOfRange(name, kind, below, below ? least : most, value), name, $"{kind}_{(below ? "below_min" : "above_max")}_value");
        }
    }

    private void CheckFormat(JsonElement format)
    {
        if (format.Str("type") == "json_schema" && (format.Str("name") is null || !format.Get("schema").IsObject()))
        {
            Fail("Missing required parameter: 'text.format.name'.", "text.format.name", "missing_required_parameter");
        }
        else if (format.Given() && format.Str("type") is not ("text" or "json_object" or "json_schema"))
        {
            Fail($"Invalid value: '{format.Str("type")}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "text.format.type", "invalid_value");
        }
    }

    private void Fail(string message, string? param = null, string? code = null) => Error ??= OpenAIErrors.Make(400, message, param: param, code: code);
}
