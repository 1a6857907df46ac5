using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>Whatever bytes come in: an answer or an error, never an exception, and what is accepted can be read as a conversation.</summary>
public sealed class FuzzTests
{
    private const string Seed = """
        {"model":"a/b","messages":[{"role":"system","content":"s\u00e9\n"},{"role":"user","name":"n","content":[{"type":"text","text":"t","cache_control":
        {"type":"ephemeral","ttl":"5m"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},{"type":"input_audio",
        "input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_data":"AAAA"}}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c",
        "type":"function","function":{"name":"f","arguments":"{}"}}],"reasoning_details":[{"type":"reasoning.text","text":"\ud83d\ude00","index":0}]},{"role":"tool",
        "tool_call_id":"c","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function",
        "function":{"name":"f"}},"provider":{"order":["x"],"max_price":{"prompt":"1"},"sort":{"by":"price"}},"reasoning":{"effort":"low"},"stop":["a"],
        "temperature":1.0,"metadata":{"k":"v"},"plugins":[{"id":"web"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"logit_bias":{"1":2}}
        """;

    private static readonly string[] Splices =
    [
        "null", "true", "-1", "1e999", "0.5", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[[", "}}", "\"\\u0000\"", "\"a\":1,", ",", ":", "\\", "\"", "\uFEFF", "\"\\q\"", "9999999999999999999999",
    ];

    [Fact]
    public void MutatedBodies_NeverThrow()
    {
        var good = Encoding.UTF8.GetBytes(Seed);
        Assert.Null(Chat.Read(good).Error);
        var cases = from kind in Gen.Choose(0, 3)
                    from at in Gen.Choose(0, good.Length - 1)
                    from length in Gen.Choose(0, 40)
                    from value in Gen.Choose(0, 255)
                    from splice in Gen.Elements(Splices)
                    select Mutate(good, kind, at, length, (byte)value, splice);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(cases.ToArbitrary(), IsHandled));
    }

    [Fact]
    public void EveryPrefix_NeverThrows()
    {
        var good = Encoding.UTF8.GetBytes(Seed);
        for (var length = 0; length < good.Length; length++)
            Assert.NotNull(Chat.Read(good[..length]).Error);
    }

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), b => IsHandled(b ?? [])));
    }

    private static byte[] Mutate(byte[] good, int kind, int at, int length, byte value, string splice)
    {
        var end = Math.Min(at + length, good.Length);
        return kind switch
        {
            0 => [.. good[..at], value, .. good[(at + 1)..]],
            1 => [.. good[..at], .. good[end..]],
            2 => [.. good[..at], .. Encoding.UTF8.GetBytes(splice), .. good[at..]],
            _ => [.. good[..at], .. Encoding.UTF8.GetBytes(splice), .. good[end..]],
        };
    }

    private static bool IsHandled(byte[] body)
    {
        var (request, error) = Chat.Read(body);
        if (request is null)
            return error is { Status: 400, Message.Length: > 0 };
        return error is null && request.Conversation.Messages.Count > 0;
    }
}
