using System.Diagnostics;
using System.Text;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class ReadRequestBadInputTests
{
    private const string Hi = """{"role":"user","content":"Hi"}""";

    [Theory]
    [InlineData("", null, "body is empty")]
    [InlineData("  \n ", null, "body is empty")]
    [InlineData("{", null, "ends too early (line 1, byte 2)")]
    [InlineData("{\"messages\":[{\"role\":\"us", null, "ends too early")]
    [InlineData("{\"messages\":[" + Hi + "],}", null, "not valid JSON")]
    [InlineData("{\n \"messages\":[{]}", null, "(line 2, byte 15)")]
    [InlineData("{\"a\":nul}", null, "not valid JSON")]
    [InlineData("[]", null, "must be an object, not an array")]
    [InlineData("\"text\"", null, "must be an object, not a string")]
    [InlineData("null", null, "must be an object, not null")]
    [InlineData("{\"messages\":[" + Hi + "]}{}", null, "not valid JSON")]
    [InlineData("{\"messages\":[" + Hi + "]} x", null, "not valid JSON")]
    [InlineData("{\"messages\":[" + Hi + "],\"model\":\"a\",\"model\":\"b\"}", "model", "is there twice")]
    [InlineData("{\"messages\":[" + Hi + "],\"zzz\":1,\"zzz\":2}", "zzz", "is there twice")]
    [InlineData("{\"messages\":[" + Hi + "],\"mod\\u0065l\":\"a\",\"model\":\"b\"}", "model", "is there twice")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"content\":\"b\"}]}", "messages[0].content", "is there twice")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", null, "surrogate pair at byte")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\udc00\\ud800\"}]}", null, "surrogate pair at byte")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud83d \\ude00\"}]}", null, "surrogate pair at byte")]
    [InlineData("{\"x\\ud800\":1}", null, "surrogate pair at byte")]
    [InlineData("{}", "messages", "is required")]
    [InlineData("{\"messages\":null}", "messages", "is required")]
    [InlineData("{\"messages\":[]}", "messages", "at least one message")]
    [InlineData("{\"messages\":{}}", "messages", "must be an array, not an object")]
    [InlineData("{\"messages\":[\"hi\"]}", "messages[0]", "must be an object, not a string")]
    [InlineData("{\"messages\":[null]}", "messages[0]", "must be an object, not null")]
    [InlineData("{\"prompt\":\"a\",\"messages\":[" + Hi + "]}", "prompt", "cannot be sent together")]
    [InlineData("{\"prompt\":[\"a\"]}", "prompt", "must be a string")]
    public void Body_IsRefusedWithItsPlace(string body, string? param, string says) => AssertRefused(body, param, says);

    [Theory]
    [InlineData("""{"content":"Hi"}""", "messages[1].role", "is required")]
    [InlineData("""{"role":"robot","content":"Hi"}""", "messages[1].role", "must be one of system, developer, user, assistant, tool")]
    [InlineData("""{"role":"function","name":"f","content":"Hi"}""", "messages[1].role", "must be one of")]
    [InlineData("""{"role":7,"content":"Hi"}""", "messages[1].role", "must be a string, not a number")]
    [InlineData("""{"role":"user"}""", "messages[1].content", "is required in a message of role user")]
    [InlineData("""{"role":"user","content":null}""", "messages[1].content", "is required")]
    [InlineData("""{"role":"user","content":5}""", "messages[1].content", "string or an array of content parts")]
    [InlineData("""{"role":"user","content":["Hi"]}""", "messages[1].content[0]", "must be an object")]
    [InlineData("""{"role":"user","content":[{"text":"Hi"}]}""", "messages[1].content[0].type", "is required")]
    [InlineData("""{"role":"user","content":[{"type":"text"}]}""", "messages[1].content[0].text", "is required in a part of type text")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":["a"]}]}""", "messages[1].content[0].text", "must be a string, not an array")]
    [InlineData("""{"role":"user","content":[{"type":"smell","smell":"x"}]}""", "messages[1].content[0].type", "must be one of text, image_url")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":"x"}]}""", "messages[1].content[1].image_url", "must be an object")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":5}}]}""", "messages[1].content[0].image_url.url", "must be a string, not a number")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{}}]}""", "messages[1].content[0].image_url.url", "is required")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"ftp://x"}}]}""", "messages[1].content[0].image_url.url", "http or https")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,abc"}}]}""", "messages[1].content[0].image_url.url", "base64")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"huge"}}]}""", "messages[1].content[0].image_url.detail", "must be one of auto, low, high, original")]
    [InlineData("""{"role":"user","content":[{"type":"file","file":{"filename":"x"}}]}""", "messages[1].content[0].file.file_data", "is required")]
    [InlineData("""{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"https://x/a.wav","format":"wav"}}]}""", "messages[1].content[0].input_audio.data", "plain base64")]
    [InlineData("""{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"midi"}}]}""", "messages[1].content[0].input_audio.format", "must be one of wav")]
    [InlineData("""{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA"}}]}""", "messages[1].content[0].input_audio.format", "is required")]
    [InlineData("""{"role":"user","content":[{"type":"video_url","video_url":{"url":"v"}}]}""", "messages[1].content[0].video_url.url", "http or https")]
    [InlineData("""{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://x"}}],"role":"system"}""", "messages[1].content[1]", "holds text only")]
    [InlineData("""{"role":"user","content":"Hi","cache_control":{"type":"forever"}}""", "messages[1].cache_control.type", "must be one of ephemeral")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"2h"}}]}""", "messages[1].content[0].cache_control.ttl", "must be one of 5m, 1h")]
    [InlineData("""{"role":"tool","content":"x"}""", "messages[1].tool_call_id", "is required in a message of role tool")]
    [InlineData("""{"role":"tool","content":"x","tool_call_id":"nope"}""", "messages[1].tool_call_id", "matches no tool call")]
    [InlineData("""{"role":"assistant","tool_calls":{}}""", "messages[1].tool_calls", "must be an array")]
    [InlineData("""{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]}""", "messages[1].tool_calls[0].id", "is required")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"custom","function":{"name":"f","arguments":"{}"}}]}""", "messages[1].tool_calls[0].type", "must be one of function")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{}}}]}""", "messages[1].tool_calls[0].function.arguments", "must be a string, not an object")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f"}}]}""", "messages[1].tool_calls[0].function.arguments", "is required")]
    [InlineData("""{"role":"user","content":"x","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]}""", "messages[1].tool_calls", "assistant only")]
    [InlineData("""{"role":"assistant","content":"x","function_call":{"name":"f","arguments":"{}"}}""", "messages[1].function_call", "send tool_calls")]
    [InlineData("""{"role":"assistant","content":"x","reasoning_details":[{"text":"t"}]}""", "messages[1].reasoning_details[0].type", "is required")]
    [InlineData("""{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.text","text":4}]}""", "messages[1].reasoning_details[0].text", "must be a string")]
    [InlineData("""{"role":"assistant","content":"x","reasoning":["a"]}""", "messages[1].reasoning", "must be a string")]
    public void Message_IsRefusedWithItsPath(string message, string param, string says) =>
        AssertRefused($$"""{"messages":[{"role":"user","content":"first"},{{message}}]}""", param, says);

    [Theory]
    [InlineData("\"model\":7", "model", "must be a string, not a number")]
    [InlineData("\"model\":\"\"", "model", "must not be empty")]
    [InlineData("\"models\":[\"a\",\"b\",\"c\",\"d\"]", "models", "at most 3 models")]
    [InlineData("\"models\":[\"a\",4]", "models[1]", "must be a string")]
    [InlineData("\"models\":\"a\"", "models", "must be an array")]
    [InlineData("\"stream\":\"true\"", "stream", "must be true or false, not a string")]
    [InlineData("\"stream\":1", "stream", "must be true or false, not a number")]
    [InlineData("\"max_tokens\":0", "max_tokens", "between 1 and")]
    [InlineData("\"max_tokens\":1.5", "max_tokens", "must be an integer")]
    [InlineData("\"max_tokens\":\"5\"", "max_tokens", "must be an integer, not a string")]
    [InlineData("\"max_tokens\":1e400", "max_tokens", "must be an integer between")]
    [InlineData("\"max_tokens\":3000000000", "max_tokens", "must be an integer between")]
    [InlineData("\"max_completion_tokens\":-1", "max_completion_tokens", "between 1 and")]
    [InlineData("\"temperature\":2.01", "temperature", "between 0 and 2")]
    [InlineData("\"temperature\":-0.1", "temperature", "between 0 and 2")]
    [InlineData("\"temperature\":1e999", "temperature", "between 0 and 2")]
    [InlineData("\"temperature\":\"hot\"", "temperature", "must be a number, not a string")]
    [InlineData("\"top_p\":1.1", "top_p", "between 0 and 1")]
    [InlineData("\"top_k\":-1", "top_k", "between 0 and")]
    [InlineData("\"min_p\":2", "min_p", "between 0 and 1")]
    [InlineData("\"top_a\":2", "top_a", "between 0 and 1")]
    [InlineData("\"frequency_penalty\":3", "frequency_penalty", "between -2 and 2")]
    [InlineData("\"presence_penalty\":-3", "presence_penalty", "between -2 and 2")]
    [InlineData("\"repetition_penalty\":0", "repetition_penalty", "above 0")]
    [InlineData("\"seed\":1.5", "seed", "must be an integer")]
    [InlineData("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "stop[4]", "at most 4")]
    [InlineData("\"stop\":4", "stop", "string or an array of strings")]
    [InlineData("\"n\":0", "n", "between 1 and 128")]
    [InlineData("\"logprobs\":false,\"top_logprobs\":3", "top_logprobs", "needs logprobs")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs", "between 0 and 20")]
    [InlineData("\"logit_bias\":{\"5\":101}", "logit_bias.5", "between -100 and 100")]
    [InlineData("\"logit_bias\":{\"5\":1,\"5\":2}", "logit_bias.5", "is there twice")]
    [InlineData("\"verbosity\":\"loud\"", "verbosity", "must be one of low")]
    [InlineData("\"user\":\"{256+}\"", "user", "at most 256 characters")]
    [InlineData("\"session_id\":\"{256+}\"", "session_id", "at most 256 characters")]
    [InlineData("\"service_tier\":\"gold\"", "service_tier", "must be one of")]
    [InlineData("\"modalities\":[\"smell\"]", "modalities[0]", "must be one of text, image, audio")]
    [InlineData("\"image_config\":[]", "image_config", "must be an object")]
    [InlineData("\"image_config\":{\"aspect_ratio\":1}", "image_config.aspect_ratio", "must be a string")]
    [InlineData("\"image_config\":{\"image_size\":\"a hundred thousand\"}", "image_config.image_size", "at most 16 characters")]
    [InlineData("\"image_config\":{\"x\":true}", "image_config.x", "a string, a number or an array")]
    [InlineData("\"route\":\"away\"", "route", "must be one of")]
    [InlineData("\"transforms\":[\"x\"]", "transforms[0]", "must be one of middle-out")]
    [InlineData("\"debug\":{\"echo_upstream_body\":1}", "debug.echo_upstream_body", "must be true or false")]
    [InlineData("\"metadata\":{\"a\":1}", "metadata.a", "must be a string")]
    [InlineData("\"metadata\":{\"a[0]\":\"x\"}", "metadata.a[0]", "brackets")]
    [InlineData("\"metadata\":{\"a\":\"{512+}\"}", "metadata.a", "at most 512 characters")]
    [InlineData("\"metadata\":{\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":\"\",\"7\":\"\",\"8\":\"\",\"9\":\"\",\"10\":\"\",\"11\":\"\",\"12\":\"\",\"13\":\"\",\"14\":\"\",\"15\":\"\",\"16\":\"\",\"17\":\"\"}", "metadata.17", "at most 16 pairs")]
    [InlineData("\"reasoning\":{\"effort\":\"huge\"}", "reasoning.effort", "must be one of max")]
    [InlineData("\"reasoning\":{\"max_tokens\":\"1\"}", "reasoning.max_tokens", "must be an integer")]
    [InlineData("\"reasoning\":true", "reasoning", "must be an object, not a boolean")]
    [InlineData("\"reasoning\":{\"effort\":\"low\"},\"reasoning_effort\":\"high\"", "reasoning_effort", "send one of them")]
    [InlineData("\"response_format\":{}", "response_format.type", "is required")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", "must be one of text")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "is required with type json_schema")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}", "response_format.json_schema.name", "is required")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":[]}}", "response_format.json_schema.schema", "must be an object")]
    [InlineData("\"response_format\":{\"type\":\"grammar\"}", "response_format.grammar", "is required")]
    [InlineData("\"tools\":{}", "tools", "must be an array")]
    [InlineData("\"tools\":[{}]", "tools[0].type", "is required")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "is required")]
    [InlineData("\"tools\":[{\"type\":\"openrouter:bash\"}]", "tools[0].type", "is not a tool this gateway has")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name", "is required")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "letters, digits")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123x\"}}]", "tools[0].function.name", "at most 64")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":\"x\"}}]", "tools[0].function.parameters", "must be an object")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":\"any\"", "tool_choice", "must be one of auto, none, required")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"b\"}}", "tool_choice.function.name", "not among the tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"function\"}", "tool_choice.function", "is required")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"openrouter:datetime\"}", "tool_choice", "not among the tools")]
    [InlineData("\"tools\":[{\"type\":\"openrouter:web_search\"}],\"tool_choice\":{\"type\":\"openrouter:datetime\"}", "tool_choice", "not among the tools")]
    [InlineData("\"tools\":[{\"type\":\"openrouter:web_search\"}],\"tool_choice\":{\"type\":\"mcp\"}", "tool_choice.type", "is not a tool this gateway has")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"functions\":[{\"name\":\"b\"}]", "functions", "cannot be sent together with tools")]
    [InlineData("\"functions\":[{}]", "functions[0].name", "is required")]
    [InlineData("\"plugins\":[{}]", "plugins[0].id", "is required")]
    [InlineData("\"plugins\":[{\"id\":\"x\"}]", "plugins[0].id", "must be one of web")]
    [InlineData("\"plugins\":{\"x\":{}}", "plugins.x", "is not a plugin")]
    [InlineData("\"provider\":[]", "provider", "must be an object")]
    [InlineData("\"provider\":{\"order\":\"a\"}", "provider.order", "must be an array")]
    [InlineData("\"provider\":{\"only\":[1]}", "provider.only[0]", "must be a string")]
    [InlineData("\"provider\":{\"data_colection\":\"deny\"}", "provider.data_colection", "is not a member")]
    [InlineData("\"provider\":{\"data_collection\":\"maybe\"}", "provider.data_collection", "must be one of allow, deny")]
    [InlineData("\"provider\":{\"quantizations\":[\"int3\"]}", "provider.quantizations[0]", "must be one of int4")]
    [InlineData("\"provider\":{\"sort\":\"luck\"}", "provider.sort", "must be one of price")]
    [InlineData("\"provider\":{\"sort\":{\"by\":\"price\",\"partition\":\"x\"}}", "provider.sort.partition", "must be one of model, none")]
    [InlineData("\"provider\":{\"max_price\":{\"prompt\":\"cheap\"}}", "provider.max_price.prompt", "must be a price")]
    [InlineData("\"provider\":{\"max_price\":{\"prompt\":-1}}", "provider.max_price.prompt", "must be a price")]
    [InlineData("\"provider\":{\"max_price\":{\"prompt\":true}}", "provider.max_price.prompt", "must be a price")]
    [InlineData("\"provider\":{\"max_price\":{\"prompt\":1e400}}", "provider.max_price.prompt", "must be a price")]
    [InlineData("\"provider\":{\"max_price\":{\"prompt\":-1e300}}", "provider.max_price.prompt", "must be a price")]
    [InlineData("\"provider\":{\"max_price\":{\"prompt\":\"Infinity\"}}", "provider.max_price.prompt", "must be a price")]
    [InlineData("\"provider\":{\"preferred_max_latency\":{\"p51\":1}}", "provider.preferred_max_latency.p51", "")]
    [InlineData("\"cache_control\":{}", "cache_control.type", "is required")]
    [InlineData("\"prediction\":{\"type\":\"content\"}", "prediction.content", "is required")]
    [InlineData("\"max_tool_calls\":31", "max_tool_calls", "between 1 and 30")]
    [InlineData("\"stop_server_tools_when\":[]", "stop_server_tools_when", "at least one")]
    [InlineData("\"stream_options\":true", "stream_options", "must be an object")]
    public void Field_IsRefusedWithItsPath(string member, string param, string says)
    {
        member = member.Replace("{256+}", new string('u', 257), StringComparison.Ordinal).Replace("{512+}", new string('v', 513), StringComparison.Ordinal);
        AssertRefused($$"""{"messages":[{{Hi}}],{{member}}}""", param, says);
    }

    [Fact]
    public void DeepNesting_IsRefusedQuickly()
    {
        foreach (var body in new[]
        {
            "{\"x\":" + new string('[', 100_000),
            "{\"messages\":[{\"role\":\"user\",\"content\":" + new string('[', 100_000) + new string(']', 100_000) + "}]}",
            "{\"x\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_001),
            new string('[', 100_000),
        })
        {
            var watch = Stopwatch.StartNew();
            var error = Chat.Bad(body);
            Assert.Equal(400, error.Status);
            Assert.True(watch.ElapsedMilliseconds < 5_000, $"took {watch.ElapsedMilliseconds} ms");
        }

        Assert.Contains("deeper than 128 levels", Chat.Bad("{\"x\":" + new string('[', 100_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NestingUpToTheLimit_IsAccepted()
    {
        var schema = string.Concat(Enumerable.Repeat("{\"properties\":", 100)) + "{}" + new string('}', 100);
        Chat.Good($$$"""  "tools":[{"type":"function","function":{"name":"deep","parameters":{{{schema}}}}}]  """);
    }

    [Fact]
    public void InvalidUtf8_IsRefused()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("{\"messages\":[{\"role\":\"user\",\"content\":\""), 0xC3, 0x28, .. "\"}]}"u8];
        Assert.Contains("not valid UTF-8", Chat.Read(body).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsDoNotRepeatTheBody()
    {
        Assert.DoesNotContain("SECRET", Chat.Bad("""{"messages":[{"role":"user","content":"SECRET"}],"stream":"SECRET"}""").Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", Chat.Bad("""{"messages":[{"role":"user","content":"SECRET"}],SECRET}""").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyUnknownMembers_TakeLinearTime()
    {
        static string Body(int members) => "{" + string.Concat(Enumerable.Range(0, members).Select(i => $"\"m{i}\":0,")) + "\"messages\":[" + Hi + "]}";
        var watch = Stopwatch.StartNew();
        Assert.Null(Chat.Read(Body(65_536)).Error);
        Assert.Equal("m65536", Chat.Bad(Body(65_537)).Param);
        Assert.True(watch.ElapsedMilliseconds < 5_000, $"took {watch.ElapsedMilliseconds} ms");
    }

    private static void AssertRefused(string body, string? param, string says)
    {
        var error = Chat.Bad(body);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(param, error.Param);
        Assert.Equal(400, error.Status);
        Assert.True(error.Kind is ErrorKind.InvalidRequest or ErrorKind.InvalidImage);
    }
}
