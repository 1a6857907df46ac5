using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Amazon;

/// <summary>Reads and checks a Converse request. The first mistake found is the one reported.</summary>
internal sealed partial class ConverseReader(Incoming call)
{
    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "additionalModelRequestFields", "additionalModelResponseFieldPaths", "guardrailConfig", "inferenceConfig", "messages", "outputConfig", "performanceConfig",
        "promptVariables", "requestMetadata", "serviceTier", "system", "toolConfig",
    };

    private readonly JsonElement _body = call.Body;

    public BodyReply? Error { get; private set; }

    public Prompt? Read()
    {
        foreach (var name in _body.Names().Where(n => !KnownMembers.Contains(n)))
        {
            Fail($"Malformed input request: extraneous key [{name}] is not permitted, please reformat your input and try again.");
        }

        var turns = new List<Turn>();
        if (_body.Items("system") is { Count: > 0 } system)
        {
            foreach (var block in system)
            {
                CheckText(block, "system");
            }

            turns.Add(new Turn(Speaker.System, string.Concat(system.Select(b => b.Str("text")))) { CacheMark = system.Any(b => b.Get("cachePoint").Given()) });
        }

        ReadMessages(turns);
        var config = _body.Get("toolConfig");
        var tools = config.Items("tools").Where(t => t.Get("toolSpec").Given()).Select(ReadTool).ToList();
        if (tools.Count == 0 && (config.Given() || turns.Any(t => t.Calls.Count > 0 || t.Outcomes.Count > 0)))
        {
            Fail("The toolConfig field must be defined when using toolUse and toolResult content blocks.");
        }

        var inference = _body.Get("inferenceConfig");
        if (inference.Number("temperature") is < 0 or > 1 || inference.Number("topP") is < 0 or > 1 || inference.Number("maxTokens") is < 1)
        {
            Fail("1 validation error detected: Value at 'inferenceConfig' failed to satisfy constraint.");
        }

        var (mode, named) = ReadChoice(config.Get("toolChoice"), tools);
        return Error is not null ? null : new Prompt
        {
            Model = call.Model,
            Stamp = call.Stamp,
            Turns = turns,
            Tools = tools,
            ToolMode = mode,
            NamedTools = named,
            MaxTokens = (int?)inference.Number("maxTokens"),
            Stops = [.. inference.Items("stopSequences").Select(s => s.Str() ?? "")],
            // Said in words here, as callers of models without enforced schemas do.
            WantsJson = turns is [{ Speaker: Speaker.System } said, ..] && said.Text.Contains("Answer with ", StringComparison.Ordinal) && said.Text.Contains("JSON", StringComparison.Ordinal),
            Schema = SchemaIn(turns),
            Reasons = call.IsReasoner || _body.Get("additionalModelRequestFields") is var extra
                && (extra.Get("reasoningConfig").Str("type") == "enabled" || extra.Str("reasoning_effort") is not null),
        };
    }

    private static JsonElement SchemaIn(List<Turn> turns)
    {
        var text = turns is [{ Speaker: Speaker.System } said, ..] ? said.Text : "";
        var start = text.IndexOf("JSON Schema", StringComparison.Ordinal) is >= 0 and var at ? text.IndexOf('{', at) : -1;
        if (start < 0)
        {
            return default;
        }

        try
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text[start..]));
            return JsonDocument.TryParseValue(ref reader, out var document) ? document.RootElement.Clone() : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private void ReadMessages(List<Turn> turns)
    {
        var messages = _body.Items("messages");
        if (messages.Count == 0)
        {
            Fail("The messages field is required and must hold at least one message.");
        }

        string? before = null;
        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].Str("role");
            if (role is not ("user" or "assistant"))
            {
                Fail($"Value at 'messages.{i}.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]");
            }

            if (i == 0 && role != "user")
            {
                Fail("A conversation must start with a user message. Try again with a conversation that starts with a user message.");
            }

            if (role == before)
            {
                Fail("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.");
            }

            before = role;
            var content = messages[i].Items("content");
            if (content.Count == 0)
            {
                Fail($"The content field in the Message object at messages.{i} is empty. Add a ContentBlock object to the content field and try again.");
            }

            turns.AddRange(role == "assistant" ? [ReadAssistant(content, i, open)] : ReadUser(content, i, open));
        }
    }

    private Turn ReadAssistant(IReadOnlyList<JsonElement> content, int index, Dictionary<string, string> open)
    {
        open.Clear();
        var calls = new List<PastCall>();
        foreach (var block in content)
        {
            CheckText(block, $"messages.{index}");
            if (block.Get("toolUse") is not { ValueKind: JsonValueKind.Object } use)
            {
                continue;
            }

            var id = use.Str("toolUseId") ?? "";
            if (!ToolId().IsMatch(id) || !open.TryAdd(id, use.Str("name") ?? ""))
            {
                Fail($"Value '{id}' at 'messages.{index}.toolUse.toolUseId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.:-]+");
            }

            if (!use.Get("input").IsObject())
            {
                Fail($"The format of the value at messages.{index}.toolUse.input is invalid. Provide a json object for the field and try again.");
            }

            calls.Add(new PastCall(id, use.Str("name") ?? "", use.Get("input").Given() ? use.Get("input").GetRawText() : ""));
        }

        return new Turn(Speaker.Assistant, Texts(content)) { Calls = calls, CacheMark = Marked(content) };
    }

    private IEnumerable<Turn> ReadUser(IReadOnlyList<JsonElement> content, int index, Dictionary<string, string> open)
    {
        var outcomes = new List<ToolOutcome>();
        var images = new List<string>();
        var files = new List<string>();
        foreach (var block in content)
        {
            CheckText(block, $"messages.{index}");
            if (block.Get("toolResult") is { ValueKind: JsonValueKind.Object } result)
            {
                if (!open.Remove(result.Str("toolUseId") ?? "", out var name))
                {
                    Fail($"The number of toolResult blocks at messages.{index}.content exceeds the number of toolUse blocks of previous turn.");
                }

                outcomes.Add(new ToolOutcome(result.Str("toolUseId") ?? "", name ?? "", string.Concat(result.Items("content").Select(c => c.Str("text") ?? ""))));
                images.AddRange(result.Items("content").Where(c => c.Get("image").Given()).Select(c => Format(c.Get("image"), "image/")));
            }
            else if (block.Get("image").Given())
            {
                images.Add(Format(block.Get("image"), "image/"));
            }
            else if (block.Get("document") is { ValueKind: JsonValueKind.Object } document)
            {
                if (!DocumentName().IsMatch(document.Str("name") ?? ""))
                {
                    Fail("The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets.");
                }

                files.Add(Format(document, document.Str("format") == "pdf" ? "application/" : "text/"));
            }
            else if (block.Get("video").Given())
            {
                files.Add(Format(block.Get("video"), "video/"));
            }
        }

        if (open.Count > 0)
        {
            Fail($"Expected toolResult blocks at messages.{index}.content for the following Ids: {string.Join(", ", open.Keys)}");
            open.Clear();
        }

        if (files.Count > 0 && Texts(content).Length == 0)
        {
            Fail("A text block must be included with a document.");
        }

        if (outcomes.Count > 0)
        {
            yield return new Turn(Speaker.Tool, "") { Outcomes = outcomes };
        }

        if (Texts(content).Length > 0 || images.Count + files.Count > 0)
        {
            yield return new Turn(Speaker.User, Texts(content)) { Images = images, Files = files, CacheMark = Marked(content) };
        }
    }

    private string Format(JsonElement media, string family)
    {
        var bytes = media.Get("source").Str("bytes");
        if (media.Str("format") is not { } format || bytes is null || !Convert.TryFromBase64String(bytes, new byte[bytes.Length], out _))
        {
            Fail("Could not process the media: give a format and base64-encoded bytes.");
            return family;
        }

        return family + format;
    }

    private OfferedTool ReadTool(JsonElement tool)
    {
        var spec = tool.Get("toolSpec");
        var schema = spec.Get("inputSchema").Get("json");
        if (!ToolName().IsMatch(spec.Str("name") ?? "") || schema.Str("type") != "object")
        {
            Fail("The value at toolConfig.tools.toolSpec.inputSchema.json.type must be one of the following: object.");
        }

        return new OfferedTool(spec.Str("name") ?? "", schema, tool.GetRawText());
    }

    private (ToolMode, IReadOnlyList<string>) ReadChoice(JsonElement choice, List<OfferedTool> tools)
    {
        if (choice.Get("tool") is { ValueKind: JsonValueKind.Object } one)
        {
            if (tools.All(t => t.Name != one.Str("name")))
            {
                Fail("The tool name in toolChoice is not among the tools.");
            }

            return (ToolMode.Named, [one.Str("name") ?? ""]);
        }

        return (choice.Get("any").Given() ? ToolMode.Required : ToolMode.Auto, []);
    }

    private void CheckText(JsonElement block, string where)
    {
        if (block.Get("text").Given() && string.IsNullOrWhiteSpace(block.Str("text")))
        {
            Fail($"The text field in the ContentBlock object at {where} is blank. Add text to the text field, and try again.");
        }

        if (block.Names().Count != 1)
        {
            Fail($"The format of the value at {where}.content is invalid. Provide exactly one member of the union.");
        }
    }

    private static string Texts(IReadOnlyList<JsonElement> content) => string.Concat(content.Select(b => b.Str("text")));

    private static bool Marked(IReadOnlyList<JsonElement> content) => content.Any(b => b.Get("cachePoint").Given());

    private void Fail(string message) => Error ??= BedrockErrors.Invalid(message);

    [GeneratedRegex("^[a-zA-Z0-9_.:-]{1,64}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolId();

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolName();

    [GeneratedRegex(@"^[a-zA-Z0-9()\[\]-]+( [a-zA-Z0-9()\[\]-]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DocumentName();
}
