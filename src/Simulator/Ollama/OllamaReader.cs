using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Ollama;

/// <summary>Reads and checks a chat request. The first mistake found is the one reported. Unknown members are ignored, as the server does.</summary>
internal sealed class OllamaReader(Incoming call)
{
    // What a server on a small machine gives a request that does not say.
    private const int UsualWindow = 4096;

    private readonly JsonElement _body = call.Body;

    public BodyReply? Error { get; private set; }

    public bool Stream => _body.Get("stream").ValueKind != JsonValueKind.False;

    public bool Truncates => _body.Get("truncate").ValueKind != JsonValueKind.False;

    public int Window => (int)Math.Clamp(_body.Get("options").Number("num_ctx") ?? UsualWindow, 1, int.MaxValue);

    public Prompt? Read()
    {
        if (call.Model.Length == 0)
        {
            Fail("model is required");
        }

        var turns = ReadMessages();
        var tools = ReadTools();
        var format = _body.Get("format");
        if (format.Given() && format.Str() is not ("json" or "") && !format.IsObject())
        {
            Fail("invalid format: expected \"json\" or a JSON schema");
        }

        var think = _body.Get("think");
        if (think.Given() && think.ValueKind is not (JsonValueKind.True or JsonValueKind.False) && think.Str() is not ("low" or "medium" or "high" or "max"))
        {
            Fail("invalid think value");
        }

        if (Error is not null)
        {
            return null;
        }

        var options = _body.Get("options");
        return new Prompt
        {
            Model = call.Model,
            Stamp = call.Stamp,
            Turns = turns,
            Tools = tools,
            MaxTokens = options.Number("num_predict") is { } most and > 0 ? (int)most : null,
            Stops = [.. options.Items("stop").Select(s => s.Str() ?? "")],
            WantsJson = format.IsObject() || format.Str() == "json",
            Schema = format,
            Reasons = think.Given() ? think.ValueKind != JsonValueKind.False : call.IsReasoner,
        };
    }

    private List<Turn> ReadMessages()
    {
        var turns = new List<Turn>();
        foreach (var message in _body.Items("messages"))
        {
            var text = message.Str("content") ?? "";
            if (message.Get("content").Given() && message.Str("content") is null)
            {
                Fail("json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string");
            }

            switch (message.Str("role"))
            {
                case "system":
                    turns.Add(new Turn(Speaker.System, text));
                    break;
                case "user":
                    turns.Add(new Turn(Speaker.User, text) { Images = [.. message.Items("images").Select(Image)] });
                    break;
                case "assistant":
                    turns.Add(new Turn(Speaker.Assistant, text) { Calls = [.. message.Items("tool_calls").Select(Call)] });
                    break;
                case "tool":
                    var outcome = new ToolOutcome(message.Str("tool_call_id") ?? "", message.Str("tool_name") ?? "", text);
                    if (turns.LastOrDefault() is { Speaker: Speaker.Tool } last)
                    {
                        turns[^1] = last with { Outcomes = [.. last.Outcomes, outcome] };
                    }
                    else
                    {
                        turns.Add(new Turn(Speaker.Tool, "") { Outcomes = [outcome] });
                    }

                    break;
                default:
                    Fail("invalid message role");
                    break;
            }
        }

        return turns;
    }

    private PastCall Call(JsonElement one)
    {
        var function = one.Get("function");
        if (!function.Get("arguments").IsObject())
        {
            Fail("json: cannot unmarshal string into Go struct field .tool_calls.function.arguments of type api.ToolCallFunctionArguments");
        }

        return new PastCall(one.Str("id") ?? "", function.Str("name") ?? "", function.Get("arguments").Canonical());
    }

    private string Image(JsonElement image)
    {
        if (image.Str() is not { Length: > 0 } base64 || !System.Buffers.Text.Base64.IsValid(base64))
        {
            Fail("illegal base64 data at input byte 4");
            return "";
        }

        return base64.StartsWith("/9j/", StringComparison.Ordinal) ? "image/jpeg" : base64.StartsWith("UklGR", StringComparison.Ordinal) ? "image/webp" : "image/png";
    }

    private List<OfferedTool> ReadTools()
    {
        var tools = new List<OfferedTool>();
        foreach (var tool in _body.Items("tools"))
        {
            var function = tool.Get("function");
            if (function.Str("name") is not { Length: > 0 } name)
            {
                Fail("invalid tool: a function needs a name");
                continue;
            }

            tools.Add(new OfferedTool(name, function.Get("parameters").IsObject() ? function.Get("parameters") : EmptyObject.Schema, tool.GetRawText()));
        }

        return tools;
    }

    private void Fail(string message) => Error ??= OllamaErrors.Make(400, message);
}
