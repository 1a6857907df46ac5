using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Anthropic;

/// <summary>Reads and checks a Messages request. The first mistake found is the one reported.</summary>
internal sealed partial class AnthropicReader(Incoming call, Signatures signatures)
{
    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "model", "messages", "max_tokens", "cache_control", "container", "context_management", "inference_geo", "mcp_servers", "metadata", "output_config",
        "output_format", "service_tier", "speed", "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p",
    };

    private readonly JsonElement _body = call.Body;

    public BodyReply? Error { get; private set; }

    public bool Stream => _body.True("stream");

    public bool OmitThinking => _body.Get("thinking").Str("display") == "omitted";

    private bool ThinkingAsked => _body.Get("thinking").Str("type") is "enabled" or "adaptive";

    private bool ToolForced => _body.Get("tool_choice").Str("type") is "any" or "tool";

    public Prompt? Read()
    {
        CheckMembers();
        var turns = new List<Turn>();
        if (ReadSystem() is { } system)
        {
            turns.Add(system);
        }

        var tools = ReadTools();
        ReadMessages(turns);
        CheckThinking();
        CheckNumbers();
        var stops = ReadStops();
        var (mode, named) = ReadToolChoice(tools);
        if (CacheMarks() is > 4 and var marks)
        {
            Fail($"A maximum of 4 blocks with cache_control may be provided. Found {marks}.");
        }

        if (Error is not null)
        {
            return null;
        }

        var format = _body.Get("output_config").Get("format") is { ValueKind: JsonValueKind.Object } f ? f : _body.Get("output_format");
        return new Prompt
        {
            Model = call.Model,
            Stamp = call.Stamp,
            Turns = turns,
            Tools = tools,
            ToolMode = mode,
            NamedTools = named,
            ParallelCalls = !_body.Get("tool_choice").True("disable_parallel_tool_use"),
            MaxTokens = (int?)_body.Number("max_tokens"),
            Stops = stops,
            WantsJson = format.Str("type") == "json_schema",
            Schema = format.Get("schema"),
            Reasons = !ToolForced && (ThinkingAsked || (call.IsReasoner && _body.Get("thinking").Str("type") != "disabled")),
        };
    }

    private void CheckMembers()
    {
        foreach (var name in _body.Names())
        {
            if (!KnownMembers.Contains(name))
            {
                Fail($"{name}: Extra inputs are not permitted");
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["model", "max_tokens", "messages"])
        {
            if (!_body.Get(name).Given())
            {
                Fail($"{name}: Field required");
            }
        }

        if (call.Model.Length == 0)
        {
            Fail("model: String should have at least 1 character");
        }
    }

    private Turn? ReadSystem()
    {
        var system = _body.Get("system");
        if (system.Str() is { } text)
        {
            return new Turn(Speaker.System, text);
        }

        if (!system.IsArray())
        {
            return null;
        }

        foreach (var block in system.Items())
        {
            if (block.Str("type") != "text")
            {
                Fail("system: Input should be a valid list of text blocks");
            }

            CheckText(block.Str("text"), "system");
        }

        return new Turn(Speaker.System, string.Concat(system.Items().Select(b => b.Str("text")))) { CacheMark = system.Items().Any(Marked) };
    }

    private void ReadMessages(List<Turn> turns)
    {
        var messages = _body.Items("messages");
        if (_body.Get("messages").Given() && messages.Count == 0)
        {
            Fail("messages: at least one message is required");
        }

        var awaited = new Dictionary<string, string>(StringComparer.Ordinal);
        string? before = null;
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].Str("role");
            if (role is not ("user" or "assistant"))
            {
                Fail(role == "system"
                    ? "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role."
                    : $"messages.{i}.role: Input should be 'user' or 'assistant'");
            }

            if (i == 0 && role != "user")
            {
                Fail("messages: first message must use the \"user\" role");
            }

            // The real service merges neighbours of one role today; it used to refuse them, and strict asks for that.
            if (role == before && call.Faults.Strict)
            {
                Fail($"messages: roles must alternate between \"user\" and \"assistant\", but found multiple \"{role}\" roles in a row");
            }

            before = role;
            var last = i == messages.Count - 1;
            if (role == "assistant")
            {
                CheckAnswered(awaited, i - 1);
                turns.Add(ReadAssistant(messages[i], i, last, awaited));
            }
            else
            {
                ReadUser(messages[i], i, awaited, turns);
            }
        }

        CheckAnswered(awaited, messages.Count - 1);
        if (_body.Get("tools").Items().Count == 0 && turns.Any(t => t.Calls.Count > 0 || t.Outcomes.Count > 0))
        {
            Fail("Requests which include `tool_use` or `tool_result` blocks must define tools");
        }
    }

    private void CheckAnswered(Dictionary<string, string> awaited, int index)
    {
        if (awaited.Count > 0)
        {
            Fail(
                $"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", awaited.Keys)}. "
                + "Each `tool_use` block must have a corresponding `tool_result` block in the next message.");
            awaited.Clear();
        }
    }

    private Turn ReadAssistant(JsonElement message, int index, bool last, Dictionary<string, string> awaited)
    {
        var texts = new List<string>();
        var calls = new List<PastCall>();
        var blocks = Blocks(message, index);
        if (blocks.Count == 0 && !last)
        {
            Fail($"messages.{index}: all messages must have non-empty content except for the optional final assistant message");
        }

        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            var where = $"messages.{index}.content.{i}";
            switch (block.Str("type"))
            {
                case "text":
                    CheckText(block.Str("text"), "messages");
                    texts.Add(block.Str("text") ?? "");
                    break;
                case "thinking":
                    if (!signatures.Verify(block.Str("signature") ?? "", AnthropicWriter.ThinkingKind, block.Str("thinking") ?? ""))
                    {
                        Fail($"{where}: Invalid `signature` in `thinking` block");
                    }

                    break;
                case "redacted_thinking":
                    if (!signatures.Verify(block.Str("data") ?? "", AnthropicWriter.RedactedKind, ""))
                    {
                        Fail($"{where}: Invalid `data` in `redacted_thinking` block");
                    }

                    break;
                case "tool_use":
                    ReadToolUse(block, where, calls, awaited);
                    break;
                default:
                    Fail($"{where}: Input tag '{block.Str("type")}' found using 'type' does not match any of the expected tags: 'redacted_thinking', 'text', 'thinking', 'tool_use'");
                    break;
            }
        }

        if (last && texts.Count > 0 && texts[^1].Length > 0 && char.IsWhiteSpace(texts[^1][^1]))
        {
            Fail("messages: final assistant content cannot end with trailing whitespace");
        }

        if (ThinkingAsked && calls.Count > 0 && InToolLoop(index) && blocks[0].Str("type") is not ("thinking" or "redacted_thinking"))
        {
            Fail(
                $"messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{blocks[0].Str("type")}`. When `thinking` is enabled, "
                + "a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). "
                + "We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`.");
        }

        return new Turn(Speaker.Assistant, string.Concat(texts)) { Calls = calls, CacheMark = blocks.Any(Marked) };
    }

    /// <summary>Whether the user has said nothing but tool results since this message.</summary>
    private bool InToolLoop(int index) => _body.Items("messages")
        .Skip(index + 1)
        .Where(m => m.Str("role") == "user")
        .All(m => m.Items("content").Count > 0 && m.Items("content").All(b => b.Str("type") == "tool_result"));

    private void ReadToolUse(JsonElement block, string where, List<PastCall> calls, Dictionary<string, string> awaited)
    {
        var id = block.Str("id") ?? "";
        if (!ToolId().IsMatch(id))
        {
            Fail($"{where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
        }

        if (!ToolName().IsMatch(block.Str("name") ?? ""))
        {
            Fail($"{where}.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'");
        }

        if (!block.Get("input").IsObject())
        {
            Fail($"{where}.tool_use.input: Input should be a valid dictionary");
        }

        if (!awaited.TryAdd(id, block.Str("name") ?? ""))
        {
            Fail("messages: `tool_use` ids must be unique");
        }

        calls.Add(new PastCall(id, block.Str("name") ?? "", block.Get("input").IsObject() ? block.Get("input").GetRawText() : ""));
    }

    private void ReadUser(JsonElement message, int index, Dictionary<string, string> awaited, List<Turn> turns)
    {
        var texts = new List<string>();
        var images = new List<string>();
        var files = new List<string>();
        var outcomes = new List<ToolOutcome>();
        var blocks = Blocks(message, index);
        if (blocks.Count == 0)
        {
            Fail($"messages.{index}: all messages must have non-empty content except for the optional final assistant message");
        }

        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            var where = $"messages.{index}.content.{i}";
            switch (block.Str("type"))
            {
                case "text":
                    CheckText(block.Str("text"), "messages");
                    texts.Add(block.Str("text") ?? "");
                    break;
                case "image":
                    images.Add(ReadImage(block, where));
                    break;
                case "document":
                    files.Add(block.Get("source").Str("media_type") ?? "url");
                    break;
                case "search_result":
                    files.Add("search_result");
                    break;
                case "tool_result":
                    if (!awaited.Remove(block.Str("tool_use_id") ?? "", out var name))
                    {
                        Fail(
                            $"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {block.Str("tool_use_id")}. "
                            + "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
                    }

                    outcomes.Add(ReadOutcome(block, name ?? "", where, images));
                    break;
                default:
                    Fail($"{where}: Input tag '{block.Str("type")}' found using 'type' does not match any of the expected tags: 'document', 'image', 'search_result', 'text', 'tool_result'");
                    break;
            }
        }

        if (outcomes.Count > 0)
        {
            CheckAnswered(awaited, index - 1);
            turns.Add(new Turn(Speaker.Tool, "") { Outcomes = outcomes, CacheMark = blocks.Any(Marked) && texts.Count == 0 });
        }
        else
        {
            CheckAnswered(awaited, index - 1);
        }

        if (texts.Count > 0 || images.Count > 0 || files.Count > 0)
        {
            turns.Add(new Turn(Speaker.User, string.Concat(texts)) { Images = images, Files = files, CacheMark = blocks.Any(Marked) });
        }
    }

    private ToolOutcome ReadOutcome(JsonElement block, string name, string where, List<string> images)
    {
        var text = block.Get("content").Str() ?? "";
        foreach (var part in block.Items("content"))
        {
            if (part.Str("type") == "image")
            {
                images.Add(ReadImage(part, where));
            }
            else
            {
                text += part.Str("text");
            }
        }

        return new ToolOutcome(block.Str("tool_use_id") ?? "", name, block.True("is_error") ? "error: " + text : text);
    }

    private string ReadImage(JsonElement block, string where)
    {
        var source = block.Get("source");
        switch (source.Str("type"))
        {
            case "url" when Uri.TryCreate(source.Str("url"), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https":
                return "url";
            case "base64":
                var type = source.Str("media_type");
                if (type is not ("image/jpeg" or "image/png" or "image/gif" or "image/webp"))
                {
                    Fail($"{where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'");
                }
                else if (!System.Buffers.Text.Base64.IsValid(source.Str("data") ?? "-"))
                {
                    Fail($"{where}.image.source.base64.data: Invalid base64");
                }

                return type ?? "";
            default:
                Fail($"{where}.image.source: Input tag '{source.Str("type")}' found using 'type' does not match any of the expected tags: 'base64', 'url'");
                return "";
        }
    }

    private IReadOnlyList<JsonElement> Blocks(JsonElement message, int index)
    {
        var content = message.Get("content");
        if (content.Str() is { } text)
        {
            return text.Length == 0 ? [] : [JsonElement.Parse(JsonBytes.Object(w =>
            {
                w.WriteString("type", "text");
                w.WriteString("text", text);
            }))];
        }

        if (!content.IsArray())
        {
            Fail(content.Given() ? $"messages.{index}.content: Input should be a valid list" : $"messages.{index}.content: Field required");
        }

        return content.Items();
    }

    private void CheckText(string? text, string where)
    {
        if (string.IsNullOrEmpty(text))
        {
            Fail($"{where}: text content blocks must be non-empty");
        }
        else if (string.IsNullOrWhiteSpace(text))
        {
            Fail($"{where}: text content blocks must contain non-whitespace text");
        }
    }

    private static bool Marked(JsonElement block) => block.Get("cache_control").Given();

    private int CacheMarks() => _body.Items("tools").Concat(_body.Items("system")).Concat(_body.Items("messages").SelectMany(m => m.Items("content"))).Count(Marked);

    private List<OfferedTool> ReadTools()
    {
        var tools = new List<OfferedTool>();
        foreach (var tool in _body.Items("tools"))
        {
            var where = $"tools.{tools.Count}.custom";
            var name = tool.Str("name") ?? "";
            if (tool.Str("type") is not (null or "custom"))
            {
                // A server tool: nothing here runs it, the model does not call it.
                continue;
            }

            if (!ToolName().IsMatch(name))
            {
                Fail($"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'");
            }

            var schema = tool.Get("input_schema");
            if (!schema.IsObject())
            {
                Fail($"{where}.input_schema: Field required");
            }
            else if (schema.Str("type") != "object")
            {
                Fail(schema.Get("type").Given() ? $"{where}.input_schema.type: Input should be 'object'" : $"{where}.input_schema.type: Field required");
            }

            tools.Add(new OfferedTool(name, schema.IsObject() ? schema : EmptyObject.Schema, tool.GetRawText()));
        }

        if (tools.GroupBy(t => t.Name).Any(g => g.Count() > 1))
        {
            Fail("tools: Tool names must be unique.");
        }

        return tools;
    }

    private (ToolMode Mode, IReadOnlyList<string> Named) ReadToolChoice(List<OfferedTool> tools)
    {
        var choice = _body.Get("tool_choice");
        if (!choice.Given())
        {
            return (ToolMode.Auto, []);
        }

        if (tools.Count == 0 && choice.Str("type") != "none")
        {
            Fail("tool_choice may only be specified while providing `tools`.");
        }

        switch (choice.Str("type"))
        {
            case "auto":
                return (ToolMode.Auto, []);
            case "any":
                return (ToolMode.Required, []);
            case "none":
                return (ToolMode.None, []);
            case "tool":
                if (tools.All(t => t.Name != choice.Str("name")))
                {
                    Fail($"Tool '{choice.Str("name")}' not found in provided tools");
                }

                return (ToolMode.Named, [choice.Str("name") ?? ""]);
            default:
                Fail($"tool_choice: Input tag '{choice.Str("type")}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'");
                return (ToolMode.Auto, []);
        }
    }

    private IReadOnlyList<string> ReadStops()
    {
        IReadOnlyList<string> stops = [.. _body.Items("stop_sequences").Select(s => s.Str() ?? "")];
        if (stops.Any(string.IsNullOrWhiteSpace))
        {
            Fail("stop_sequences: each stop sequence must contain non-whitespace");
        }

        return stops;
    }

    private void CheckThinking()
    {
        var thinking = _body.Get("thinking");
        if (!thinking.Given())
        {
            return;
        }

        switch (thinking.Str("type"))
        {
            case "enabled":
                if (thinking.Number("budget_tokens") is not { } budget)
                {
                    Fail("thinking.enabled.budget_tokens: Field required");
                }
                else if (budget < 1024)
                {
                    Fail("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
                }
                else if (_body.Number("max_tokens") <= budget)
                {
                    Fail("`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size");
                }

                break;
            case "adaptive" or "disabled":
                break;
            default:
                Fail($"thinking: Input tag '{thinking.Str("type")}' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'");
                break;
        }

        if (!ThinkingAsked)
        {
            return;
        }

        if (ToolForced)
        {
            Fail("Thinking may not be enabled when tool_choice forces tool use.");
        }

        if (_body.Number("temperature") is { } temperature && temperature != 1)
        {
            Fail("`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking");
        }

        if (_body.Get("top_k").Given())
        {
            Fail("`top_k` must be unset when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking");
        }

        if (_body.Number("top_p") < 0.95m)
        {
            Fail("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking");
        }
    }

    private void CheckNumbers()
    {
        Range("temperature", 0, 1);
        Range("top_p", 0, 1);
        Range("top_k", 0, int.MaxValue);
        Range("max_tokens", 0, int.MaxValue);
        if (_body.Get("stream").Given() && _body.Get("stream").ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fail("stream: Input should be a valid boolean");
        }
    }

    private void Range(string name, decimal least, decimal most)
    {
        var given = _body.Get(name);
        if (!given.Given())
        {
            return;
        }

        if (given.Number() is not { } value)
        {
            Fail($"{name}: Input should be a valid number");
        }
        else if (value < least || value > most)
        {
            Fail(string.Create(CultureInfo.InvariantCulture, $"{name}: Input should be {(value < least ? "greater" : "less")} than or equal to {(value < least ? least : most)}"));
        }
    }

    private void Fail(string message) => Error ??= AnthropicErrors.Invalid(message);

    [GeneratedRegex("^[a-zA-Z0-9_-]+$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolId();

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolName();
}
