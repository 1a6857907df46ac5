using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Cohere;

/// <summary>Reads and checks a chat request. The first mistake found is the one reported.</summary>
internal sealed class CohereReader(Incoming call)
{
    private const int MostStops = 5;

    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "model", "messages", "tools", "strict_tools", "tool_choice", "documents", "citation_options", "response_format", "safety_mode", "max_tokens",
        "stop_sequences", "temperature", "seed", "frequency_penalty", "presence_penalty", "k", "p", "logprobs", "stream", "thinking", "priority",
    };

    private readonly JsonElement _body = call.Body;

    public BodyReply? Error { get; private set; }

    public bool Stream => _body.True("stream");

    public Prompt? Read()
    {
        if (_body.Names().FirstOrDefault(name => !KnownMembers.Contains(name)) is { } unknown)
        {
            Error = CohereErrors.Make(422, $"unknown field: parameter '{unknown}' is not a valid field");
        }

        if (call.Model.Length == 0)
        {
            Fail("model is required.");
        }

        var turns = ReadMessages();
        var tools = ReadTools();
        var mode = ReadToolChoice(tools);
        CheckNumbers();
        CheckFormat(tools);
        var stops = _body.Items("stop_sequences");
        if (stops.Count > MostStops)
        {
            Fail($"stop_sequences must not have more than {MostStops} elements.");
        }

        var thinking = _body.Get("thinking").Str("type");
        if (_body.Get("thinking").Given() && thinking is not ("enabled" or "disabled"))
        {
            Fail("thinking.type must be one of: enabled, disabled.");
        }

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
            MaxTokens = (int?)_body.Number("max_tokens"),
            Stops = [.. stops.Select(s => s.Str() ?? "")],
            WantsJson = _body.Get("response_format").Str("type") == "json_object",
            Schema = _body.Get("response_format").Get("json_schema"),
            Reasons = call.IsReasoner ? thinking != "disabled" : thinking == "enabled",
        };
    }

    private List<Turn> ReadMessages()
    {
        var turns = new List<Turn>();
        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        if (_body.Items("messages").Count == 0)
        {
            Fail("messages must not be empty.");
        }

        foreach (var message in _body.Items("messages"))
        {
            var role = message.Str("role");
            if (role != "tool")
            {
                CheckAnswered(open);
            }

            switch (role)
            {
                case "system":
                    turns.Add(ReadContent(message, Speaker.System));
                    break;
                case "user":
                    turns.Add(ReadContent(message, Speaker.User));
                    break;
                case "assistant":
                    turns.Add(ReadAssistant(message, open));
                    break;
                case "tool":
                    ReadResult(message, open, turns);
                    break;
                default:
                    Fail("all elements in messages must have a role of: assistant, system, tool, user.");
                    break;
            }
        }

        CheckAnswered(open);
        return turns;
    }

    private void CheckAnswered(Dictionary<string, string> open)
    {
        if (open.Count > 0)
        {
            Fail($"tool calls must be followed by their results, missing: {string.Join(", ", open.Keys)}.");
            open.Clear();
        }
    }

    private Turn ReadAssistant(JsonElement message, Dictionary<string, string> open)
    {
        var calls = new List<PastCall>();
        foreach (var one in message.Items("tool_calls"))
        {
            var function = one.Get("function");
            if (one.Str("id") is not { Length: > 0 } id || function.Str("arguments") is null)
            {
                Fail("tool_calls must have an id, and arguments as a string.");
                continue;
            }

            open[id] = function.Str("name") ?? "";
            calls.Add(new PastCall(id, function.Str("name") ?? "", function.Str("arguments") ?? ""));
        }

        if (calls.Count == 0 && !message.Get("content").Given())
        {
            Fail("an assistant message must have content or tool_calls.");
        }

        return (message.Get("content").Given() ? ReadContent(message, Speaker.Assistant) : new Turn(Speaker.Assistant, "")) with { Calls = calls };
    }

    private void ReadResult(JsonElement message, Dictionary<string, string> open, List<Turn> turns)
    {
        var id = message.Str("tool_call_id") ?? "";
        if (!open.Remove(id, out var name))
        {
            Fail($"tool_call_id '{id}' does not match any tool call of the message before.");
            name = "";
        }

        var outcome = new ToolOutcome(id, name, ReadContent(message, Speaker.Tool).Text);
        if (turns.LastOrDefault() is { Speaker: Speaker.Tool } last)
        {
            turns[^1] = last with { Outcomes = [.. last.Outcomes, outcome] };
        }
        else
        {
            turns.Add(new Turn(Speaker.Tool, "") { Outcomes = [outcome] });
        }
    }

    private Turn ReadContent(JsonElement message, Speaker speaker)
    {
        var content = message.Get("content");
        if (content.Str() is { } text)
        {
            return new Turn(speaker, text);
        }

        if (!content.IsArray())
        {
            Fail("content must be a string or a list.");
            return new Turn(speaker, "");
        }

        var texts = new List<string>();
        var images = new List<string>();
        foreach (var part in content.Items())
        {
            switch (part.Str("type"))
            {
                case "text" when part.Str("text") is { } said:
                    texts.Add(said);
                    break;
                case "thinking" when speaker == Speaker.Assistant && part.Str("thinking") is not null:
                    break;
                case "document" when speaker == Speaker.Tool:
                    texts.Add(part.Get("document").Get("data").Canonical());
                    break;
                case "image_url" when speaker == Speaker.User:
                    images.Add(ReadImage(part.Get("image_url").Str("url")));
                    break;
                default:
                    Fail($"invalid content type '{part.Str("type")}'.");
                    break;
            }
        }

        return new Turn(speaker, string.Concat(texts)) { Images = images };
    }

    private string ReadImage(string? url)
    {
        if (url?.StartsWith("data:", StringComparison.Ordinal) != true)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                Fail("image_url.url must be an address or a data URL.");
            }

            return "url";
        }

        var comma = url.IndexOf(";base64,", StringComparison.Ordinal);
        if (comma < 0 || !System.Buffers.Text.Base64.IsValid(url.AsSpan(comma + 8)))
        {
            Fail("image_url.url is not a valid base64 data URL.");
            return "";
        }

        return url[5..comma];
    }

    private List<OfferedTool> ReadTools()
    {
        var tools = new List<OfferedTool>();
        foreach (var tool in _body.Items("tools"))
        {
            var function = tool.Get("function");
            if (tool.Str("type") != "function" || function.Str("name") is not { Length: > 0 } name || !function.Get("parameters").IsObject())
            {
                Fail("tools must be functions with a name and parameters.");
                continue;
            }

            if (_body.True("strict_tools") && function.Get("parameters").Items("required").Count == 0)
            {
                Fail($"with strict_tools the tool '{name}' must have at least one required parameter.");
            }

            tools.Add(new OfferedTool(name, function.Get("parameters"), tool.GetRawText()));
        }

        return tools;
    }

    private ToolMode ReadToolChoice(List<OfferedTool> tools)
    {
        var choice = _body.Get("tool_choice");
        if (!choice.Given())
        {
            return ToolMode.Auto;
        }

        if (tools.Count == 0)
        {
            Fail("tool_choice is only allowed with tools.");
        }

        switch (choice.Str())
        {
            case "REQUIRED":
                return ToolMode.Required;
            case "NONE":
                return ToolMode.None;
            default:
                Fail("tool_choice must be one of: REQUIRED, NONE.");
                return ToolMode.Auto;
        }
    }

    private void CheckFormat(List<OfferedTool> tools)
    {
        var format = _body.Get("response_format");
        if (!format.Given())
        {
            return;
        }

        if (format.Str("type") is not ("text" or "json_object"))
        {
            Fail("response_format.type must be one of: text, json_object.");
        }

        if (format.Str("type") == "json_object" && (tools.Count > 0 || _body.Items("documents").Count > 0))
        {
            Fail("response_format of type json_object is not supported with tools or documents.");
        }

        var schema = format.Get("json_schema");
        if (schema.Given() && (schema.Str("type") != "object" || schema.Items("required").Count == 0))
        {
            Fail("response_format.json_schema must be of type object and have at least one required field.");
        }
    }

    private void CheckNumbers()
    {
        Range("temperature", 0, 2);
        Range("p", 0.01m, 0.99m);
        Range("k", 0, 500);
        Range("frequency_penalty", 0, 1);
        Range("presence_penalty", 0, 1);
        Range("seed", 0, ulong.MaxValue);
        Range("max_tokens", 0, int.MaxValue);
    }

    private void Range(string name, decimal least, decimal most)
    {
        if (_body.Get(name).Given() && (_body.Number(name) is not { } value || value < least || value > most))
        {
            Fail(string.Create(CultureInfo.InvariantCulture, $"{name} must be between {least} and {most} inclusive."));
        }
    }

    private void Fail(string message) => Error ??= CohereErrors.Invalid(message);
}
