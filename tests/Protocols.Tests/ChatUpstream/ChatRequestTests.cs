using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.Tests.ChatUpstream;

/// <summary>
/// What a chat request becomes on its way to a host of OpenAI's format: members (ours, unknown, renamed, refused), pictures and results of tools, marks of caching, what single
/// hosts and families of models want otherwise, tools, schemas, reasoning; last, that every row of the table of hosts and random requests come out as valid JSON.
/// </summary>
public sealed class ChatRequestTests
{
    private const string Hi = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Fact]
    public void PlainRequest_IsForwardedWithModelChanged() =>
        Assert.Equal(
            """{"model":"up/model","messages":[{"role":"user", "content":"h\u0069 é"}],"temperature":1.0e-1,"stop":["a"]}""",
            Write("""{"messages":[ {"role":"user", "content":"h\u0069 é"} ],"model":"acme/model","temperature":1.0e-1,"stop":["a"]}"""));

    [Fact]
    public void MembersThatAreOurs_GoNowhere()
    {
        var body = Json($$$"""
            {"model":"m","models":["a","b"],"route":"fallback","provider":{"order":["x"]},"transforms":[],"preset":null,"usage":{"include":true},"session_id":"s",
             "metadata":{"a":"b"},"trace":{},"cache_control":{"type":"ephemeral"},"include_reasoning":true,"max_tool_calls":3,"unknown_to_all":1,"store":true,
             "stream_options":{"include_usage":false},"user":"u","image_config":{},"logit_bias":null,{{{Hi}}}}
            """);
        Assert.Equal(["model", "messages"], body.Select(m => m.Key));
    }

    [Fact]
    public void ParametersAnEndpointLacks_AreDropped()
    {
        var all = $$$"""{"model":"m","temperature":1,"top_p":1,"top_k":1,"min_p":0.1,"top_a":0.1,"frequency_penalty":1,"presence_penalty":1,"repetition_penalty":1,"logit_bias":{"1":2},"logprobs":true,"top_logprobs":2,"seed":7,"stop":"x","n":2,"verbosity":"low","prediction":{"type":"content","content":"p"},"web_search_options":{},"parallel_tool_calls":true,"tools":[{"type":"function","function":{"name":"f"}}],{{{Hi}}}}""";
        Assert.Equal(["model", "messages"], Json(all, t => t with { Supported = ParameterSet.None }).Select(m => m.Key));
        Assert.Equal(21, Json(all).Count);
        Assert.Equal(["model", "seed", "messages"], Json(all, t => t with { Supported = ParameterSet.Seed }).Select(m => m.Key));
    }

    private const string Drawn = """{"role":"assistant","content":"Here","images":[{"type":"image_url","image_url":{"url":"https://x/a"},"index":0}],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}""";
    private const string Shown = """{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/a"}}]}""";

    [Fact]
    public void ImagesOfAnAnswer_GoBackAsTheyCame_ToModelsThatMakeThem()
    {
        var body = Json($$"""{"model":"m","modalities":["text"],"image_config":{"aspect_ratio":"1:1","x":[1.0]},"messages":[{{Drawn}}]}""", t => t with { WritesImages = true });
        Assert.Equal(Drawn, body["messages"]![0]!.ToJsonString());
        Assert.Equal(("""["text"]""", """{"aspect_ratio":"1:1","x":[1.0]}"""), (body["modalities"]!.ToJsonString(), body["image_config"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("acme", false)]
    [InlineData("openai", true)]
    public void ImagesOfAnAnswer_AreShownByTheUser_ToOthers(string provider, bool writesImages)
    {
        var body = Json(
            $$"""{"model":"m","image_config":{},"messages":[{{Drawn}},{"role":"tool","tool_call_id":"c","content":"r"},{"role":"user","content":"bluer"},{"role":"assistant","content":"No","images":[]},{{Drawn}}]}""",
            t => t with { Provider = provider, WritesImages = writesImages });
        var messages = body["messages"]!.AsArray().Select(message => message!.ToJsonString()).ToList();
        Assert.Equal(["assistant", "tool", "user", "user", "assistant", "assistant", "user"], body["messages"]!.AsArray().Select(message => (string?)message!["role"]));
        Assert.Equal((Shown, Shown), (messages[2], messages[6]));
        Assert.All(messages, message => Assert.DoesNotContain("images", message, StringComparison.Ordinal));
    }

    [Fact]
    public void ImagesOfAnAnswer_KeepTheTurnsOfAHostThatWantsThemInOrder() => Assert.Equal(
        """[{"role":"user","content":[{"type":"text","text":"draw"}]},{"role":"assistant","content":[{"type":"text","text":"Here"}]},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/a"}},{"type":"text","text":"bluer"}]}]""",
        Json("""{"model":"m","messages":[{"role":"user","content":"draw"},{"role":"assistant","content":"Here","images":[{"image_url":{"url":"https://x/a"}}]},{"role":"user","content":"bluer"}]}""", t => t with { Provider = "perplexity" })["messages"]!.ToJsonString());

    private const string Picture = """{"type":"image_url","image_url":{"url":"https://x/a"}}""";
    private const string Paper = """{"type":"file","file":{"filename":"a.pdf","file_data":"https://x/a.pdf"}}""";
    private const string Results = $$$"""{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"see"},{{{Picture}}}]},{"role":"tool","tool_call_id":"c2","content":[{{{Paper}}}]}""";

    [Theory]
    [InlineData("acme", "")]
    [InlineData("acme", """,{"role":"user","content":"so?"}""")]
    [InlineData("openai", "")]
    public void WhatIsNoTextInResultsOfTools_IsShownByTheUserBehindThem(string provider, string more)
    {
        var messages = Json($$"""{"model":"m","messages":[{{Results}}{{more}}]}""", t => t with { Provider = provider })["messages"]!.AsArray();
        Assert.Equal(["assistant", "tool", "tool", "user", .. more.Length > 0 ? ["user"] : (string[])[]], messages.Select(message => (string?)message!["role"]));
        Assert.Equal("""[{"type":"text","text":"see"}]""", messages[1]!["content"]!.ToJsonString());
        Assert.Equal("""[{"type":"text","text":"The user message behind the tool results shows this result."}]""", messages[2]!["content"]!.ToJsonString());
        Assert.Equal(
            $$"""[{"type":"text","text":"From the result of tool call c1:"},{{Picture}},{"type":"text","text":"From the result of tool call c2:"},{{Paper}}]""",
            messages[3]!["content"]!.ToJsonString());
    }

    [Fact]
    public void WhatIsNoTextInResultsOfTools_NamesTheIdThatIsSent()
    {
        var messages = Json(
            $$"""{"model":"m","messages":[{{Results.Replace("\"c1\"", "\"" + new string('c', 41) + "\"", StringComparison.Ordinal)}}]}""", t => t with { Provider = "openai" })["messages"]!.AsArray();
        var sent = (string?)messages[1]!["tool_call_id"];
        Assert.Equal(24, sent!.Length);
        Assert.Equal($"From the result of tool call {sent}:", (string?)messages[3]!["content"]![0]!["text"]);
    }

    [Fact]
    public void PartsOfToolResults_StayWhereTheHostTakesThem() =>
        Assert.Equal(["assistant", "tool", "tool"], Json($$"""{"model":"m","messages":[{{Results}}]}""", t => t with { Provider = "mistral" })["messages"]!.AsArray().Select(message => (string?)message!["role"]));

    [Fact]
    public void ResultsOfText_StayAsTheyAre_BesideAPictureOfTheUser()
    {
        const string messages = $$$"""[{"role": "assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role": "tool","tool_call_id":"c1","content":[ {"type":"text","text":"r"} ]},{"role": "user","content":[{{{Picture}}}]}]""";
        Assert.Contains(messages, Write($$"""{"model":"m","messages":{{messages}}}"""), StringComparison.Ordinal);
    }

    private const string Control = "\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}";
    private const string Breakpoint = "\"prompt_cache_breakpoint\":{\"mode\":\"explicit\"}";

    [Theory]
    [InlineData("openai", "openai/gpt-5.6", Control, Breakpoint)]
    [InlineData("openai", "openai/gpt-5.6", Breakpoint, Breakpoint)]
    [InlineData("openai", "openai/gpt-5.6", Control + "," + Breakpoint, Breakpoint)]
    [InlineData("openai", "openai/gpt-5.5", Control + "," + Breakpoint, null)]
    [InlineData("acme", "openai/gpt-5.6", Breakpoint, null)]
    [InlineData("alibaba", "qwen/qwen3-max", Control, Control)]
    [InlineData("alibaba", "qwen/qwen3-max", Breakpoint, "\"cache_control\":{\"type\":\"ephemeral\"}")]
    [InlineData("alibaba", "qwen/qwen3-max", Breakpoint + "," + Control, Control)]
    public void MarksOfPromptCaching_AreSaidInTheFormOfTheHost(string provider, string slug, string mark, string? sent)
    {
        var body = Json(
            $$$"""{"model":"m","prompt_cache_options":{"mode":"explicit"},"messages":[{"role":"user","content":[{"type":"text",{{{mark}}},"text":"x"}]}]}""",
            t => t with { Provider = provider, Slug = slug });
        Assert.Equal($$"""[{"type":"text",{{(sent is null ? "" : sent + ",")}}"text":"x"}]""", body["messages"]![0]!["content"]!.ToJsonString());
        Assert.Equal(provider == "openai" && slug == "openai/gpt-5.6", body.ContainsKey("prompt_cache_options"));
    }

    [Fact]
    public void AllowListedMember_PassesAndOthersDoNot()
    {
        var body = Json($$$"""{"model":"m","safe_prompt":true,"raw_mode":{"x":[1.0]},{{{Hi}}}}""", t => t with { Passthrough = ["raw_mode"] });
        Assert.Equal("""{"x":[1.0]}""", body["raw_mode"]!.ToJsonString());
        Assert.False(body.ContainsKey("safe_prompt"));
    }

    [Theory]
    [InlineData("acme", true, """{"include_usage":true}""")]
    [InlineData("openai", true, """{"include_usage":true,"include_obfuscation":false}""")]
    [InlineData("mistral", true, null)]
    [InlineData("perplexity", true, null)]
    [InlineData("acme", false, null)]
    public void StreamFlags_FollowTheHost(string provider, bool stream, string? options)
    {
        var body = Json($$$"""{"model":"m","stream":true,"stream_options":{"include_usage":false},{{{Hi}}}}""", t => t with { Provider = provider }, new UpstreamCall { Stream = stream });
        Assert.Equal(stream ? "true" : null, body["stream"]?.ToJsonString());
        Assert.Equal(options, body["stream_options"]?.ToJsonString());
    }

    [Theory]
    [InlineData("acme", "acme/m", "\"max_tokens\":100", null, "max_tokens", 100)]
    [InlineData("acme", "acme/m", "\"max_tokens\":100,\"max_completion_tokens\":50", null, "max_tokens", 50)]
    [InlineData("openai", "openai/gpt-5.1", "\"max_tokens\":100", null, "max_completion_tokens", 100)]
    [InlineData("openai", "openai/o3", "\"max_tokens\":100", null, "max_completion_tokens", 100)]
    [InlineData("openai", "openai/gpt-4.1", "\"max_completion_tokens\":100", null, "max_tokens", 100)]
    [InlineData("cerebras", "qwen/q", "\"max_tokens\":100", null, "max_completion_tokens", 100)]
    [InlineData("acme", "acme/m", "\"x\":1", 64, "max_tokens", 64)]
    [InlineData("acme", "acme/m", "\"max_tokens\":100", 64, "max_tokens", 64)]
    [InlineData("acme", "acme/m", "\"max_tokens\":32", 64, "max_tokens", 32)]
    public void OutputCap_HasTheNameTheHostWants(string provider, string slug, string asked, int? held, string name, int sent)
    {
        var body = Json($$$"""{"model":"m",{{{asked}}},{{{Hi}}}}""", t => t with { Provider = provider, Slug = slug }, new UpstreamCall { MaxTokens = held });
        Assert.Equal(sent, (int)body[name]!);
        Assert.False(body.ContainsKey(name == "max_tokens" ? "max_completion_tokens" : "max_tokens"));
    }

    [Fact]
    public void StreamedOutputCap_IsTheCallersAlone()
    {
        Assert.False(Json($$$"""{"model":"m",{{{Hi}}}}""", call: new UpstreamCall { Stream = true, MaxTokens = 64 }).ContainsKey("max_tokens"));
        var modern = Json($$$"""{"model":"m","max_tokens":9,{{{Hi}}}}""", t => t with { Supported = ParameterSet.MaxCompletionTokens });
        Assert.Equal(9, (int)modern["max_completion_tokens"]!);
    }

    [Theory]
    [InlineData("openai/gpt-5.1", "", "")]
    [InlineData("openai/gpt-5.1", ",\"reasoning_effort\":\"none\"", "temperature top_p")]
    [InlineData("openai/gpt-5", ",\"reasoning_effort\":\"none\"", "")]
    [InlineData("openai/gpt-5-chat", "", "temperature top_p frequency_penalty stop logit_bias seed")]
    [InlineData("openai/gpt-4.1", "", "temperature top_p frequency_penalty stop logit_bias seed")]
    [InlineData("openai/gpt-4o-search-preview", "", "stop")]
    [InlineData("openai/o4-mini", "", "")]
    public void OpenAIsOwnModels_LoseWhatTheyRefuse(string slug, string reasoning, string kept)
    {
        var body = Json(
            $$$"""{"model":"m","temperature":1,"top_p":1,"frequency_penalty":1,"stop":"x","logit_bias":{"1":2},"seed":7{{{reasoning}}},{{{Hi}}}}""",
            t => t with { Provider = "openai", Slug = slug, ReasoningForm = ReasoningForm.Effort });
        string[] asked = ["temperature", "top_p", "frequency_penalty", "stop", "logit_bias", .. kept.Contains("seed", StringComparison.Ordinal) || slug.Contains("search", StringComparison.Ordinal) ? ["seed"] : Array.Empty<string>()];
        Assert.Equal(kept, string.Join(' ', asked.Where(body.ContainsKey)));
    }

    [Theory]
    [InlineData("mistralai/mistral-small-2503", true)]
    [InlineData("meta/llama-4", false)]
    public void MistralsModelsOnVertex_GetIdsOfNineLettersOrDigits(string model, bool nine)
    {
        var body = Json(
            """{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"call/1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call/1","content":"r"}]}""",
            t => t with { Provider = "google-vertex", Host = CloudHost.Vertex, Model = model });
        var id = (string?)body["messages"]![1]!["tool_calls"]![0]!["id"];
        Assert.Matches(nine ? "^[A-Za-z0-9]{9}$" : "^call/1$", id);
        Assert.Equal(id, (string?)body["messages"]![2]!["tool_call_id"]);
    }

    /// <summary>Reasoning switched off is said where the host has a word for it, whatever id the operator serves the model under.</summary>
    [Theory]
    [InlineData("groq", "llama-3.3-70b", "none")]
    [InlineData("groq", "qwen/qwen3-32b", "none")]
    [InlineData("groq", "openai/gpt-oss-120b", null)]
    [InlineData("acme", "gpt-oss-20b", null)]
    [InlineData("xai", "grok-3-mini", null)]
    [InlineData("openai", "o3", null)]
    [InlineData("openai", "gpt-5.1", "none")]
    public void ReasoningOff_EffortsNotListed_IsSaidWhereTheHostHasTheWord(string provider, string model, string? sent)
    {
        var body = Json($$$"""{"model":"m","reasoning_effort":"none",{{{Hi}}}}""", t => t with { Provider = provider, Model = model, Slug = "team/own", ReasoningForm = ReasoningForm.Effort });
        Assert.Equal(sent, (string?)body["reasoning_effort"]);
    }

    /// <summary>An operator's own id for a model changes nothing in what the model takes.</summary>
    [Theory]
    [InlineData("openai", CloudHost.None, "gpt-5", true)]
    [InlineData("openai", CloudHost.None, "o4-mini", true)]
    [InlineData("acme", CloudHost.Azure, "gpt-5-mini", true)]
    [InlineData("openai", CloudHost.None, "gpt-4.1", false)]
    [InlineData("openai", CloudHost.None, "gpt-5-chat-latest", false)]
    [InlineData("acme", CloudHost.None, "someone/o1-open", false)]
    [InlineData("acme", CloudHost.None, "o200k", false)]
    public void OwnId_TheUpstreamsNameTellsTheFamily(string provider, CloudHost host, string model, bool reasoning)
    {
        var body = Json(
            """{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"temperature":0.5,"max_tokens":100}""",
            t => t with { Provider = provider, Host = host, Model = model, Slug = "team/own" });
        Assert.Equal(reasoning ? "developer" : "system", (string?)body["messages"]![0]!["role"]);
        Assert.Equal(!reasoning, body.ContainsKey("temperature"));
        Assert.Equal((!reasoning, reasoning), (body.ContainsKey("max_tokens"), body.ContainsKey("max_completion_tokens")));
    }

    [Theory]
    [InlineData("openai", "openai/gpt-5", "system", "developer")]
    [InlineData("openai", "openai/gpt-4.1", "system", "system")]
    [InlineData("openai", "openai/gpt-4.1", "developer", "developer")]
    [InlineData("openai", "openai/o1-mini", "system", "user")]
    [InlineData("acme", "acme/m", "developer", "system")]
    public void InstructionRole_IsTheOneTheHostKnows(string provider, string slug, string role, string sent)
    {
        var body = Json($$$"""{"model":"m","messages":[{"role":"{{{role}}}","content":"be brief"},{"role":"user","content":"hi"}]}""", t => t with { Provider = provider, Slug = slug });
        Assert.Equal(sent, (string?)body["messages"]![0]!["role"]);
        Assert.Equal("be brief", (string?)body["messages"]![0]!["content"]);
    }

    [Fact]
    public void Mistral_GetsItsOwnWordsAndIds()
    {
        var body = Json(
            """
            {"model":"m","seed":7,"temperature":2,"tool_choice":"required","tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"user":"u",
             "messages":[{"role":"user","content":"hi"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_long_id","type":"function","index":0,"function":{"name":"f","arguments":"{}"}},{"id":"abcdefghi","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"call_long_id","content":"1"},{"role":"tool","tool_call_id":"abcdefghi","content":"2"},
              {"role":"assistant","content":"So"}]}
            """,
            t => t with { Provider = "mistral" },
            new UpstreamCall { UserHash = "h" });
        Assert.Equal(7, (int)body["random_seed"]!);
        Assert.False(body.ContainsKey("seed"));
        Assert.False(body.ContainsKey("user"));
        Assert.Equal(1.5m, (decimal)body["temperature"]!);
        Assert.Equal("any", (string?)body["tool_choice"]);
        var made = (string)body["messages"]![1]!["tool_calls"]![0]!["id"]!;
        Assert.Matches("^[a-zA-Z0-9]{9}$", made);
        Assert.Equal(made, (string?)body["messages"]![2]!["tool_call_id"]);
        Assert.Equal("abcdefghi", (string?)body["messages"]![3]!["tool_call_id"]);
        Assert.Equal("abcdefghi", (string?)body["messages"]![1]!["tool_calls"]![1]!["id"]);
        Assert.True((bool)body["messages"]![4]!["prefix"]!);
    }

    [Theory]
    [InlineData("""{"type":"file","file":{"filename":"a b.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}""", """{"type":"document_url","document_url":"data:application/pdf;base64,JVBERi0=","document_name":"a b.pdf"}""")]
    [InlineData("""{"type":"file","file":{"file_data":"JVBERi0="}}""", """{"type":"document_url","document_url":"data:application/pdf;base64,JVBERi0="}""")]
    [InlineData("""{"type":"file","file":{"file_data":"data:application\/octet-stream;base64,JVBERi0="}}""", """{"type":"document_url","document_url":"data:application/pdf;base64,JVBERi0="}""")]
    [InlineData("""{"file":{"file_data":"https://a.example/b.docx"},"type":"file","x":1}""", """{"type":"document_url","document_url":"https://a.example/b.docx","x":1}""")]
    [InlineData("""{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,aMOp"}}""", """{"type":"text","text":"a.txt:\nh\u00e9"}""")]
    [InlineData("""{"type":"file","file":{"file_data":"data:image/png;base64,iVBORw0KGgo="}}""", """{"type":"image_url","image_url":"data:image/png;base64,iVBORw0KGgo="}""")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"},"cache_control":{"type":"ephemeral"}}""", """{"type":"input_audio","input_audio":"UklGRg=="}""")]
    public void Mistral_HasItsOwnFormOfFilesAndSound(string part, string expected)
    {
        var body = Json($$$"""{"model":"m","messages":[{"role":"user","content":[{{{part}}},{"type":"text","text":"Look"}]}]}""", t => t with { Provider = "mistral" });
        var content = body["messages"]![0]!["content"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), content[0]), content[0]!.ToJsonString());
        Assert.Equal("Look", (string?)content[1]!["text"]);
    }

    [Theory]
    [InlineData("""{"type":"file","file":{"file_id":"file-1"}}""", ".file")]
    [InlineData("""{"type":"file","file":{"file_data":"aGk="}}""", ".file.file_data")]
    [InlineData("""{"type":"file","file":{"file_data":"data:text/plain;base64,???"}}""", ".file.file_data")]
    [InlineData("""{"type":"file","file":{"file_data":"data:audio/wav;base64,UklGRg=="}}""", ".file.file_data")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"AAAA","format":"pcm16"}}""", ".input_audio.format")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://a.example/v.mp4"}}""", "")]
    public void WhatMistralCannotTake_IsNamedByItsPlace(string part, string place)
    {
        var (error, _) = TryWrite(
            $$$"""{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"Look"},{{{part}}}]}]}""", t => t with { Provider = "mistral" }, default);
        Assert.Equal(ErrorKind.InvalidRequest, error!.Kind);
        Assert.Equal("messages[1].content[1]" + place, error.Param);
    }

    [Fact]
    public void LongToolIds_AreShortenedAlikeForOpenAI()
    {
        var id = new string('x', 60);
        var body = Json(
            $$$"""{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"{{{id}}}","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"{{{id}}}","content":"1"}]}""",
            t => t with { Provider = "openai", Slug = "openai/gpt-4.1" });
        var made = (string)body["messages"]![1]!["tool_calls"]![0]!["id"]!;
        Assert.InRange(made.Length, 1, 40);
        Assert.Equal(made, (string?)body["messages"]![2]!["tool_call_id"]);
    }

    [Fact]
    public void Perplexity_GetsAlternatingMessages()
    {
        var body = Json(
            """{"model":"m","messages":[{"role":"system","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"c"},{"role":"user","content":[{"type":"text","text":"d"},{"type":"image_url","image_url":{"url":"https://x"}}]},{"role":"assistant","content":"e"},{"role":"system","content":"f"},{"role":"user","content":"g"}]}""",
            t => t with { Provider = "perplexity" });
        var messages = body["messages"]!.AsArray();
        Assert.Equal(["system", "user", "assistant", "user"], messages.Select(m => (string?)m!["role"]));
        Assert.Equal(["a b", "c d ", "e", "f g"], messages.Select(m => string.Join(' ', m!["content"]!.AsArray().Select(p => (string?)p!["text"]))));
    }

    [Theory]
    [InlineData("deepseek", "reasoning_content")]
    [InlineData("groq", "reasoning")]
    [InlineData("acme", null)]
    [InlineData("openai", null)]
    public void ReasoningSentBack_ReachesHostsThatTakeIt_InTheOpenTurnOnly(string provider, string? member)
    {
        var body = Json(
            """
            {"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"old","reasoning":"old thoughts"},{"role":"user","content":"q2"},
             {"role":"assistant","content":"","reasoning":"plain","reasoning_details":[{"type":"reasoning.text","text":"a\n","format":"unknown","index":0},{"type":"reasoning.text","text":"b","format":"unknown","index":0},{"type":"reasoning.encrypted","data":"x","format":"openai-responses-v1"}],
              "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}],"annotations":[],"refusal":null},
             {"role":"tool","tool_call_id":"c1","content":"1"}]}
            """,
            t => t with { Provider = provider, Slug = "openai/gpt-4.1" });
        var open = body["messages"]![3]!.AsObject();
        Assert.Equal(member is null ? null : "a\nb", member is null ? null : (string?)open[member]);
        foreach (var name in new[] { "reasoning", "reasoning_content", "reasoning_details", "annotations", "refusal" }.Where(n => n != member))
            Assert.False(open.ContainsKey(name), name);
        Assert.Equal(["role", "content"], body["messages"]![1]!.AsObject().Select(m => m.Key));
    }

    [Fact]
    public void UnknownMembersInsideMessagesPartsAndTools_Survive()
    {
        var body = Json(
            """
            {"model":"m","tools":[{"type":"function","x_tool":1.50,"cache_control":{"type":"ephemeral"},"function":{"name":"f","parameters":{"type":"object"},"x_fn":true}}],
             "messages":[{"role":"developer","content":[{"type":"text","text":"hi","x_part":{"a":[1.0]},"cache_control":{"type":"ephemeral"}}],"x_msg":"y"}]}
            """);
        Assert.Equal("""{"type":"function","x_tool":1.50,"function":{"name":"f","parameters":{"type":"object"},"x_fn":true}}""", body["tools"]![0]!.ToJsonString());
        Assert.Equal("""{"role":"system","content":[{"type":"text","text":"hi","x_part":{"a":[1.0]}}],"x_msg":"y"}""", body["messages"]![0]!.ToJsonString());
    }

    [Fact]
    public void CacheMarks_StayWhereTheHostTakesThem()
    {
        const string Marked = """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}]}""";
        Assert.Contains("cache_control", Write(Marked, t => t with { Provider = "alibaba" }), StringComparison.Ordinal);
        Assert.DoesNotContain("cache_control", Write(Marked, t => t with { Provider = "groq" }), StringComparison.Ordinal);
    }

    [Fact]
    public void SpeakerNames_BecomeTextExceptForOpenAI()
    {
        const string Named = """{"model":"m","messages":[{"role":"user","name":"An\u006ea","content":"hi"},{"role":"user","name":"Bo","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"original"}},{"type":"text","text":"yo"}]}]}""";
        var other = Json(Named);
        Assert.Equal("Anna: hi", (string?)other["messages"]![0]!["content"]);
        Assert.Equal("Bo: yo", (string?)other["messages"]![1]!["content"]![1]!["text"]);
        Assert.Equal("high", (string?)other["messages"]![1]!["content"]![0]!["image_url"]!["detail"]);
        Assert.False(other["messages"]![0]!.AsObject().ContainsKey("name"));
        Assert.Equal("Anna", (string?)Json(Named, t => t with { Provider = "openai", Slug = "openai/gpt-4.1" })["messages"]![0]!["name"]);
    }

    [Theory]
    [InlineData("\"auto\"", true, true, true, "\"auto\"")]
    [InlineData("\"required\"", true, true, true, "\"required\"")]
    [InlineData("\"required\"", false, true, true, "\"auto\"")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", true, true, true, "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", true, false, true, "\"required\"")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", false, false, true, "\"auto\"")]
    [InlineData("\"none\"", true, true, true, "\"none\"")]
    [InlineData("\"none\"", true, true, false, null)]
    public void ToolChoice_IsBroughtAsNearAsTheEndpointGoes(string asked, bool required, bool function, bool none, string? sent)
    {
        var body = Json(
            $$$"""{"model":"m","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{{{asked}}},{{{Hi}}}}""",
            t => t with { ToolChoiceRequired = required, ToolChoiceFunction = function, ToolChoiceNone = none });
        Assert.Equal(sent, body["tool_choice"]?.ToJsonString());
        Assert.Equal(sent is not null, body.ContainsKey("tools"));
    }

    [Fact]
    public void LegacyFunctions_BecomeTools()
    {
        var body = Json($$$"""{"model":"m","functions":[{"name":"f","parameters":{"a":1.0}}],"function_call":{"name":"f"},{{{Hi}}}}""");
        Assert.Equal("""[{"type":"function","function":{"name":"f","parameters":{"a":1.0}}}]""", body["tools"]!.ToJsonString());
        Assert.Equal("f", (string?)body["tool_choice"]!["function"]!["name"]);
        Assert.False(body.ContainsKey("functions"));
        Assert.False(body.ContainsKey("function_call"));
    }

    [Fact]
    public void Prompt_BecomesAMessage() =>
        Assert.Equal("""[{"role":"user","content":"hi"}]""", Json("""{"model":"m","prompt":"hi"}""")["messages"]!.ToJsonString());

    [Fact]
    public void SchemaTheEndpointLacks_IsToldInWords()
    {
        const string Asked = """{"model":"m","response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object","x":1.0}}},"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}""";
        Assert.Equal("json_schema", (string?)Json(Asked)["response_format"]!["type"]);
        var degraded = Json(Asked, t => t with { Supported = ParameterSet.ResponseFormat });
        Assert.Equal("""{"type":"json_object"}""", degraded["response_format"]!.ToJsonString());
        Assert.StartsWith("be brief\n\n", (string?)degraded["messages"]![0]!["content"], StringComparison.Ordinal);
        Assert.EndsWith("""{"type":"object","x":1.0}""", (string?)degraded["messages"]![0]!["content"], StringComparison.Ordinal);
        var withoutSystem = Json(Asked.Replace("""{"role":"system","content":"be brief"},""", "", StringComparison.Ordinal), t => t with { Supported = ParameterSet.ResponseFormat });
        Assert.Equal(["system", "user"], withoutSystem["messages"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.False(Json(Asked, t => t with { Supported = ParameterSet.None }).ContainsKey("response_format"));
    }

    private const string Taken = """{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}""";

    private const string Beyond = """{"type":"object","properties":{"a":{"type":"string","minLength":2}},"required":["a"]}""";

    private const string Compiled = """{"type":"object","required":["a"],"properties":{"a":{"type":"string","description":"(minLength: 2)"}},"additionalProperties":false}""";

    private const string Circle = """{"type":"object","properties":{"a":{"$ref":"#"}}}""";

    private const string Tuple = """{"type":"object","properties":{"a":{"type":"array","items":[{"type":"string"}]},"b":true}}""";

    private const string Unsayable = """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""";

    [Theory]
    [InlineData("openai", true, Taken, Taken, true)]
    [InlineData("openai", true, Beyond, Compiled, true)]
    [InlineData("openai", true, Unsayable, Unsayable, false)]
    [InlineData("openai", true, """{"type":"nonsense"}""", """{"type":"nonsense"}""", true)]
    [InlineData("openai", false, Beyond, Beyond, false)]
    [InlineData("deepinfra", true, Beyond, Beyond, true)]
    [InlineData("fireworks", true, Unsayable, Unsayable, true)]
    [InlineData("mistral", true, Unsayable, Unsayable, true)]
    [InlineData("groq", true, Taken, Taken, true)]
    [InlineData("groq", true, Beyond, Compiled, true)]
    [InlineData("groq", true, Unsayable, Unsayable, false)]
    [InlineData("groq", false, Beyond, Beyond, false)]
    [InlineData("cerebras", true, Taken, """{"type":"object","required":["a"],"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}},"additionalProperties":false}""", true)]
    [InlineData("cerebras", true, Beyond, Compiled, true)]
    [InlineData("cerebras", true, Unsayable, Unsayable, true)]
    [InlineData("cerebras", true, Circle, Circle, false)]
    [InlineData("cerebras", false, Circle, Circle, false)]
    [InlineData("xai", true, Beyond, Beyond, true)]
    [InlineData("xai", false, Tuple, """{"type":"object","properties":{"a":{"type":"array","prefixItems":[{"type":"string"}]},"b":{}}}""", false)]
    [InlineData("xai", true, Circle, """{"type":"object","properties":{"a":{"type":"object","properties":{"a":{"type":"object","additionalProperties":true}}}}}""", true)]
    public void StrictSchemas_AreWhatTheHostTakes(string provider, bool strict, string schema, string sent, bool isStrict)
    {
        var word = strict ? "true" : "false";
        var body = Json(
            $$$"""{"model":"m","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":{{{word}}},"schema":{{{schema}}},"x":1.0}},"tools":[{"type":"function","function":{"name":"f","strict":{{{word}}},"parameters":{{{schema}}}},"y":1}],{{{Hi}}}}""",
            t => t with { Provider = provider });
        Assert.Equal($$$"""{"type":"json_schema","json_schema":{"name":"n","strict":{{{(isStrict ? "true" : "false")}}},"schema":{{{sent}}},"x":1.0}}""", body["response_format"]!.ToJsonString());
        Assert.Equal($$$"""[{"type":"function","function":{"name":"f","strict":{{{(isStrict ? "true" : "false")}}},"parameters":{{{sent}}}},"y":1}]""", body["tools"]!.ToJsonString());
    }

    [Theory]
    [InlineData(ReasoningForm.Effort, "{\"effort\":\"high\"}", "low medium high", "{\"reasoning_effort\":\"high\"}")]
    [InlineData(ReasoningForm.Effort, "{\"effort\":\"minimal\"}", "low medium high", "{\"reasoning_effort\":\"low\"}")]
    [InlineData(ReasoningForm.Effort, "{\"effort\":\"xhigh\"}", "", "{\"reasoning_effort\":\"high\"}")]
    [InlineData(ReasoningForm.Effort, "{\"enabled\":true}", "low medium high", "{\"reasoning_effort\":\"medium\"}")]
    [InlineData(ReasoningForm.Effort, "{\"max_tokens\":900}", "low medium high", "{\"reasoning_effort\":\"high\"}")]
    [InlineData(ReasoningForm.Effort, "{\"effort\":\"none\"}", "none low", "{\"reasoning_effort\":\"none\"}")]
    [InlineData(ReasoningForm.Effort, "{\"effort\":\"none\"}", "low", "{}")]
    [InlineData(ReasoningForm.Effort, "{\"effort\":\"none\"}", "", "{\"reasoning_effort\":\"none\"}")]
    [InlineData(ReasoningForm.Effort, "{\"enabled\":false}", "", "{\"reasoning_effort\":\"none\"}")]
    [InlineData(ReasoningForm.Effort, "{\"exclude\":true}", "low", "{}")]
    [InlineData(ReasoningForm.ThinkingType, "{\"effort\":\"high\"}", "", "{\"thinking\":{\"type\":\"enabled\"}}")]
    [InlineData(ReasoningForm.ThinkingType, "{\"enabled\":false}", "", "{\"thinking\":{\"type\":\"disabled\"}}")]
    [InlineData(ReasoningForm.EnableThinking, "{\"effort\":\"low\"}", "", "{\"enable_thinking\":true,\"thinking_budget\":200}")]
    [InlineData(ReasoningForm.EnableThinking, "{\"max_tokens\":300}", "", "{\"enable_thinking\":true,\"thinking_budget\":300}")]
    [InlineData(ReasoningForm.EnableThinking, "{\"effort\":\"none\"}", "", "{\"enable_thinking\":false}")]
    [InlineData(ReasoningForm.ChatTemplateKwargs, "{\"enabled\":true}", "", "{\"chat_template_kwargs\":{\"enable_thinking\":true,\"thinking\":true}}")]
    [InlineData(ReasoningForm.ChatTemplateArgs, "{\"enabled\":false}", "", "{\"chat_template_args\":{\"enable_thinking\":false}}")]
    [InlineData(ReasoningForm.ReasoningObject, "{\"effort\":\"high\"}", "low high", "{\"reasoning\":{\"enabled\":true,\"effort\":\"high\"}}")]
    [InlineData(ReasoningForm.ReasoningObject, "{\"effort\":\"none\"}", "", "{\"reasoning\":{\"enabled\":false}}")]
    [InlineData(ReasoningForm.None, "{\"effort\":\"high\"}", "", "{}")]
    public void Reasoning_IsAskedForInTheEndpointsForm(ReasoningForm form, string asked, string efforts, string sent)
    {
        var body = Json(
            $$$"""{"model":"m","max_tokens":1000,"reasoning":{{{asked}}},{{{Hi}}}}""",
            t => t with { ReasoningForm = form, ReasoningEfforts = efforts.Split(' ', StringSplitOptions.RemoveEmptyEntries) });
        body.Remove("model");
        body.Remove("messages");
        body.Remove("max_tokens");
        Assert.Equal(sent, body.ToJsonString());
    }

    [Fact]
    public void QwenOnGroq_HasItsOwnEfforts()
    {
        var body = Json($$$"""{"model":"m","reasoning":{"effort":"low"},{{{Hi}}}}""", t => t with { Provider = "groq", Slug = "qwen/qwen3-32b", ReasoningForm = ReasoningForm.Effort });
        Assert.Equal("default", (string?)body["reasoning_effort"]);
        Assert.Equal("parsed", (string?)body["reasoning_format"]);
        var hidden = Json($$$"""{"model":"m","reasoning":{"exclude":true},{{{Hi}}}}""", t => t with { Provider = "groq", Slug = "qwen/qwen3-32b", ReasoningForm = ReasoningForm.Effort });
        Assert.Equal("hidden", (string?)hidden["reasoning_format"]);
    }

    [Theory]
    [InlineData("{\"effort\":\"none\"}", true, "cannot be switched off")]
    [InlineData("{\"max_tokens\":1000}", false, "smaller than max_tokens")]
    public void ReasoningThatCannotBe_IsA400(string asked, bool mandatory, string message)
    {
        var (error, _) = TryWrite(
            $$$"""{"model":"m","max_tokens":1000,"reasoning":{{{asked}}},{{{Hi}}}}""",
            t => t with { ReasoningForm = ReasoningForm.EnableThinking, ReasoningMandatory = mandatory },
            default);
        Assert.Equal(400, error?.Status);
        Assert.Contains(message, error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme", "user")]
    [InlineData("openai", "safety_identifier prompt_cache_key")]
    [InlineData("mistral", "")]
    public void EndUser_IsSentHashedWhereTheHostHasAPlace(string provider, string members)
    {
        var body = Json($$$"""{"model":"m","user":"someone",{{{Hi}}}}""", t => t with { Provider = provider }, new UpstreamCall { UserHash = "abc" });
        foreach (var name in new[] { "user", "safety_identifier", "prompt_cache_key" })
            Assert.Equal(members.Split(' ').Contains(name) ? "abc" : null, (string?)body[name]);
    }

    [Fact]
    public void Together_TakesLogprobsAsANumber()
    {
        var body = Json($$$"""{"model":"m","logprobs":true,"top_logprobs":3,{{{Hi}}}}""", t => t with { Provider = "together" });
        Assert.Equal("3", body["logprobs"]!.ToJsonString());
        Assert.False(body.ContainsKey("top_logprobs"));
    }

    [Fact]
    public void EveryRowOfTheHostTable_NamesItsSource_AndWritesValidJson()
    {
        foreach (var (slug, quirks) in HostTable.All)
        {
            Assert.Contains("§", quirks.Source, StringComparison.Ordinal);
            Assert.Matches(@"\(20\d\d-\d\d\)", quirks.Source);
            var body = Json(
                """{"model":"m","seed":1,"temperature":2,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required","max_tokens":5,"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"},{"role":"assistant","content":"pre"}]}""",
                t => t with { Provider = slug },
                new UpstreamCall { Stream = true, UserHash = "h" });
            Assert.Equal("up/model", (string?)body["model"]);
        }
    }

    [Fact]
    public void Key_GoesIntoTheAuthorizationHeader()
    {
        var header = Assert.Single(OpenAIChatDialect.Default.HeadersFor(Target, default, "sk-1"));
        Assert.Equal(("Authorization", "Bearer sk-1"), (header.Key, header.Value));
        Assert.Empty(OpenAIChatDialect.Default.HeadersFor(Target, default, null));
        Assert.Equal("/chat/completions", OpenAIChatDialect.Default.PathFor(Target, true));
    }

    [Fact]
    public void RandomRequestsWithUnknownMembers_Survive()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 500; round++)
        {
            var message = new JsonObject { ["role"] = "user", ["content"] = "x" };
            var unknown = RandomJson.Value(random, 4);
            message["x_unknown"] = unknown;
            var sent = Json(
                new JsonObject { ["model"] = "m", ["messages"] = new JsonArray(message) }.ToJsonString(),
                t => t with { Provider = round % 2 == 0 ? "mistral" : "acme", Slug = "openai/gpt-5" });
            Assert.Equal(unknown?.ToJsonString(), sent["messages"]![0]!["x_unknown"]?.ToJsonString());
        }
    }

    internal static UpstreamTarget AnyTarget => Target;

    private static UpstreamTarget Target { get; } = new()
    {
        Protocol = UpstreamProtocol.OpenAIChat,
        Provider = "acme",
        Model = "up/model",
        Slug = "acme/model",
        Supported = (ParameterSet)ulong.MaxValue,
        MaxCompletionTokens = 4000,
    };

    private static JsonObject Json(string body, Func<UpstreamTarget, UpstreamTarget>? change = null, UpstreamCall call = default) =>
        JsonNode.Parse(Write(body, change, call))!.AsObject();

    private static string Write(string body, Func<UpstreamTarget, UpstreamTarget>? change = null, UpstreamCall call = default)
    {
        var (error, written) = TryWrite(body, change, call);
        Assert.Null(error);
        return written;
    }

    private static (GatewayError? Error, string Written) TryWrite(string body, Func<UpstreamTarget, UpstreamTarget>? change, UpstreamCall call)
    {
        var (request, refused) = ChatCompletionsDialect.Default.ReadRequest(Encoding.UTF8.GetBytes(body));
        Assert.Null(refused);
        var output = new ArrayBufferWriter<byte>();
        var error = OpenAIChatDialect.Default.WriteRequest(request!, change?.Invoke(Target) ?? Target, call, output);
        return (error, Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
