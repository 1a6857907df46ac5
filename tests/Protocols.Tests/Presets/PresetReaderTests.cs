using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Responses.Client;
using Fairlead.Protocols.Presets;

namespace Fairlead.Protocols.Tests.Presets;

/// <summary>What a preset keeps of a request's body (platform §10.3).</summary>
public sealed class PresetReaderTests
{
    private static readonly Dictionary<string, IClientDialect> Dialects = new()
    {
        ["chat"] = new ChatCompletionsDialect(0), ["messages"] = new MessagesDialect(0), ["responses"] = new ResponsesClientDialect(0),
    };

    [Theory]
    [InlineData("chat", """{"model":"a/b","messages":[{"role":"system","content":"S"},{"role":"developer","content":[{"type":"text","text":"D"}]},{"role":"user","content":"Hi"}],"stream":true,"user":"u","x":1,"temperature":0.5}""",
        "S\n\nD", """{"model":"a/b","temperature":0.5}""")]
    [InlineData("chat", """{"temperature":0.5,"provider":null}""", null, """{"temperature":0.5}""")]
    [InlineData("chat", """{"models":["a/b","c/d"],"cache_enabled":true,"cache_ttl_seconds":60,"preset":"other"}""", null, """{"models":["a/b","c/d"],"cache_enabled":true,"cache_ttl_seconds":60}""")]
    [InlineData("chat", """{"functions":[{"name":"f"}],"function_call":{"name":"f"}}""", null,
        """{"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}}}""")]
    [InlineData("chat", """{"tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search","parameters":{"max_results":3}}]}""", null,
        """{"tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search","parameters":{"max_results":3}}]}""")]
    [InlineData("messages", """{"model":"a/b","max_tokens":9,"system":"S","messages":[{"role":"user","content":"Hi"}],"stop_sequences":["x"],"thinking":{"type":"enabled","budget_tokens":1024}}""",
        "S", """{"model":"a/b","max_tokens":9,"stop":["x"],"reasoning":{"enabled":true,"max_tokens":1024}}""")]
    [InlineData("messages", """{"model":"a/b","max_tokens":9,"cache_enabled":false}""", null, """{"model":"a/b","max_tokens":9,"cache_enabled":false}""")]
    [InlineData("responses", """{"model":"a/b","input":"Hi","instructions":"S","max_output_tokens":9}""", "S", """{"model":"a/b","max_tokens":9}""")]
    [InlineData("responses", """{"model":"a/b","temperature":1}""", null, """{"model":"a/b","temperature":1}""")]
    public void Body_IsKeptWithoutItsConversation(string dialect, string body, string? prompt, string config)
    {
        var (content, error) = PresetReader.Read(Encoding.UTF8.GetBytes(body), Dialects[dialect]);
        Assert.Null(error);
        Assert.Equal(prompt, content!.SystemPrompt);
        Assert.Equal(JsonNode.Parse(config)!.ToJsonString(), JsonNode.Parse(content.Config.Span)!.ToJsonString());
    }

    [Theory]
    [InlineData("chat", "", null)]
    [InlineData("chat", "[]", null)]
    [InlineData("chat", """{"temperature":9}""", "temperature")]
    [InlineData("chat", """{"model":"@preset/x"}""", "model")]
    [InlineData("chat", """{"models":["a/b@preset/x"]}""", "model")]
    [InlineData("chat", """{"cache_enabled":1}""", "cache_enabled")]
    [InlineData("chat", """{"cache_ttl_seconds":0}""", "cache_ttl_seconds")]
    [InlineData("chat", """{"cache_ttl_seconds":1.5}""", "cache_ttl_seconds")]
    [InlineData("messages", """{"model":"a/b","max_tokens":"many"}""", "max_tokens")]
    [InlineData("responses", """{"model":"a/b","max_output_tokens":0}""", "max_output_tokens")]
    [InlineData("responses", """{"model":"a/b","store":true}""", "store")]
    public void WrongBody_IsRefusedAsARequestIs(string dialect, string body, string? param)
    {
        var (content, error) = PresetReader.Read(Encoding.UTF8.GetBytes(body), Dialects[dialect]);
        Assert.Null(content);
        Assert.Equal((400, param), (error!.Status, error.Param));
    }
}
