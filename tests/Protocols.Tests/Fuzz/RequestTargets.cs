using System.Buffers;
using System.Text;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.OpenAI.Responses.Client;
using Fairlead.Protocols.Presets;
using Fairlead.Protocols.Tests.Contracts;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>
/// What callers send: a request that can be read as a conversation and said to any provider in JSON or refused in words, or a 400 in words; and the same for
/// presets.
/// </summary>
internal static class RequestTargets
{
    private const string Chat = """
        {"model":"a/b","messages":[{"role":"system","content":"s\u00e9\n"},{"role":"user","name":"n","content":[{"type":"text","text":"t","cache_control":
        {"type":"ephemeral","ttl":"5m"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},{"type":"input_audio",
        "input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_data":"AAAA"}}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c",
        "type":"function","function":{"name":"f","arguments":"{}"}}],"reasoning_details":[{"type":"reasoning.text","text":"\ud83d\ude00","index":0}]},{"role":"tool",
        "tool_call_id":"c","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function",
        "function":{"name":"f"}},"provider":{"order":["x"],"max_price":{"prompt":"1"},"sort":{"by":"price"}},"reasoning":{"effort":"low"},"stop":["a"],
        "temperature":1.0,"metadata":{"k":"v"},"plugins":[{"id":"web"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"logit_bias":{"1":2}}
        """;

    private const string Messages = """
        {"model":"a/b","max_tokens":9,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"é\n"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},"title":"t"}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"g"},{"type":"redacted_thinking","data":"r"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"o"}],"is_error":true},{"type":"search_result","title":"x","source":"y","content":[]}]}],
        "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024},
        "metadata":{"user_id":"u"},"stop_sequences":["a"],"output_config":{"effort":"low","format":{"type":"json_schema","schema":{}}},"fallbacks":[{"model":"c/d"}]}
        """;

    private const string Responses = """
        {"model":"a/b","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"é"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},
        {"type":"input_file","file_data":"AAAA","filename":"f"}]},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"c"}],
        "encrypted_content":"e","signature":"g","format":"f"},{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"o","annotations":[]}]},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"x"}]},{"type":"web_search_call","id":"w"}],
        "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true}],"tool_choice":{"type":"function","name":"f"},"text":{"verbosity":"low","format":{"type":"json_schema",
        "name":"n","schema":{}}},"reasoning":{"effort":"low","summary":"auto"},"max_output_tokens":5,"metadata":{"k":"v"},"truncation":"auto","store":false,"user":"u"}
        """;

    private const string Completions = """{"model":"a/b","prompt":["é"],"logprobs":2,"stop":["a"],"n":2,"echo":false,"best_of":1,"suffix":"","logit_bias":{"1":2},"stream":true}""";

    public static IEnumerable<FuzzTarget> All
    {
        get
        {
            foreach (var (name, client, sample) in (IEnumerable<(string, IClientDialect, string)>)
                [
                    ("chat", ChatCompletionsDialect.Default, Chat), ("messages", new MessagesDialect(3), Messages), ("responses", new ResponsesClientDialect(3), Responses),
                    ("completions", new CompletionsDialect(3), Completions),
                ])
            {
                byte[][] samples = [Encoding.UTF8.GetBytes(sample), .. ContractRequests.All.Where(one => one.Surface.Dialect == client.Dialect).Select(one => Encoding.UTF8.GetBytes(one.Body))];
                yield return new FuzzTarget(name + "-request", samples, (body, random) => Read(client, body, random));
                if (client.Dialect != ClientDialect.Completions)
                    yield return new FuzzTarget(name + "-preset", samples, (body, _) => ReadPreset(client, body));
            }
        }
    }

    private static void Read(IClientDialect client, byte[] body, Random random)
    {
        var (request, error) = client.ReadRequest(body);
        if (request is null)
        {
            Assert.True(error is { Status: 400, Message.Length: > 0 });
            return;
        }

        Assert.Null(error);
        Assert.NotEmpty(request.Conversation.Messages);
        var (dialect, target) = UpstreamTargets.Any(random);
        var output = new ArrayBufferWriter<byte>();
        if (dialect.WriteRequest(request, target, new UpstreamCall { Stream = random.Next(2) == 0, UserHash = "hash" }, output) is { } unsayable)
            Assert.NotEmpty(unsayable.Message);
        else
            Assert.True(JsonCheck.IsValid(output.WrittenSpan), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static void ReadPreset(IClientDialect client, byte[] body)
    {
        var (content, error) = PresetReader.Read(body, client);
        Assert.True(content is null ? error is { Status: 400, Message.Length: > 0 } : error is null && JsonCheck.IsValid(content.Config.Span));
    }
}
