using System.Text;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.OpenAI.Responses.Client;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>
/// Whatever bytes clients of other dialects send: a request that can be read as a conversation, or a 400 in words, never an exception. As many rounds as
/// <c>FAIRLEAD_TEST_FUZZ_ROUNDS</c> says (default 3,000 for each dialect); a failing round prints its seed.
/// </summary>
public sealed class OtherClientsFuzzTests
{
    private const string MessagesSeed = """
        {"model":"a/b","max_tokens":9,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"é\n"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},"title":"t"}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"g"},{"type":"redacted_thinking","data":"r"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"o"}],"is_error":true},{"type":"search_result","title":"x","source":"y","content":[]}]}],
        "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024},
        "metadata":{"user_id":"u"},"stop_sequences":["a"],"output_config":{"effort":"low","format":{"type":"json_schema","schema":{}}},"fallbacks":[{"model":"c/d"}]}
        """;

    private const string ResponsesSeed = """
        {"model":"a/b","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"é"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},
        {"type":"input_file","file_data":"AAAA","filename":"f"}]},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"c"}],
        "encrypted_content":"e","signature":"g","format":"f"},{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"o","annotations":[]}]},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"x"}]},{"type":"web_search_call","id":"w"}],
        "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true}],"tool_choice":{"type":"function","name":"f"},"text":{"verbosity":"low","format":{"type":"json_schema",
        "name":"n","schema":{}}},"reasoning":{"effort":"low","summary":"auto"},"max_output_tokens":5,"metadata":{"k":"v"},"truncation":"auto","store":false,"user":"u"}
        """;

    private const string CompletionsSeed = """{"model":"a/b","prompt":["é"],"logprobs":2,"stop":["a"],"n":2,"echo":false,"best_of":1,"suffix":"","logit_bias":{"1":2},"stream":true}""";

    private static readonly string[] Splices =
    [
        "null", "true", "-1", "1e999", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[[", "}}", "\"\\u0000\"", "\"a\":1,", ",", ":", "\\", "\"", "\uFEFF", "\"type\":\"text\",", "\"content\":null,", "9999999999999999999999",
    ];

    public static TheoryData<string> Dialects => ["messages", "responses", "completions"];

    [Theory]
    [MemberData(nameof(Dialects))]
    public void MutatedBodies_NeverThrow(string dialect)
    {
        var (client, seed) = Of(dialect);
        var good = Encoding.UTF8.GetBytes(seed);
        Assert.Null(client.ReadRequest(good).Error);
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_FUZZ_ROUNDS"), out var asked) ? asked : 3_000;
        for (var round = 0; round < rounds; round++)
        {
            var random = new Random(round);
            var body = good;
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                body = Mutate(body, random);
            try
            {
                AssertHandled(client, body);
            }
            catch (Exception wrong)
            {
                Assert.Fail($"{dialect}, round {round}: {wrong.Message}\n{Encoding.UTF8.GetString(body)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void EveryPrefix_AndDeepNesting_AreRefused(string dialect)
    {
        var (client, seed) = Of(dialect);
        var good = Encoding.UTF8.GetBytes(seed);
        for (var length = 0; length < good.Length; length++)
            Assert.NotNull(client.ReadRequest(good.AsMemory(0, length)).Error);
        Assert.NotNull(client.ReadRequest(Encoding.UTF8.GetBytes(new string('[', 100_000))).Error);
        Assert.NotNull(client.ReadRequest(Encoding.UTF8.GetBytes("{\"messages\":" + new string('[', 100_000))).Error);
    }

    private static (IClientDialect Client, string Seed) Of(string dialect) => dialect switch
    {
        "messages" => (new MessagesDialect(3), MessagesSeed),
        "responses" => (new ResponsesClientDialect(3), ResponsesSeed),
        _ => (new CompletionsDialect(3), CompletionsSeed),
    };

    private static byte[] Mutate(byte[] body, Random random)
    {
        var at = random.Next(body.Length);
        var end = Math.Min(body.Length, at + random.Next(40));
        var splice = Encoding.UTF8.GetBytes(Splices[random.Next(Splices.Length)]);
        return random.Next(5) switch
        {
            0 => [.. body[..at], (byte)random.Next(256), .. body[Math.Min(at + 1, body.Length)..]],
            1 => [.. body[..at], .. body[end..]],
            2 => [.. body[..at], .. splice, .. body[at..]],
            3 => [.. body[..at], .. body[at..end], .. body[at..]],
            // A whole value for another: valid JSON of the wrong shape is what readers of structure fail on.
            _ => Replaced(body, splice, random),
        };
    }

    private static byte[] Replaced(byte[] body, byte[] value, Random random)
    {
        var colons = Enumerable.Range(0, body.Length).Where(i => body[i] == (byte)':').ToList();
        if (colons.Count == 0)
            return body;
        var at = colons[random.Next(colons.Count)] + 1;
        var end = Array.FindIndex(body, at, b => b is (byte)',' or (byte)'}' or (byte)']');
        return end < 0 ? body : [.. body[..at], .. value, .. body[end..]];
    }

    private static void AssertHandled(IClientDialect client, byte[] body)
    {
        var (request, error) = client.ReadRequest(body);
        if (request is null)
        {
            Assert.True(error is { Status: 400, Message.Length: > 0 });
            return;
        }

        Assert.Null(error);
        Assert.NotEmpty(request.Conversation.Messages);
    }
}
