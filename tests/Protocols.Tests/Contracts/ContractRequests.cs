using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Completions;
using Fairlead.Protocols.OpenAI.Responses.Client;

namespace Fairlead.Protocols.Tests.Contracts;

/// <summary>Requests of every client surface that together say everything the surfaces have words for.</summary>
internal static class ContractRequests
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private const string ChatTools = """
        "tools":[{"type":"function","function":{"name":"get_weather","description":"Weather","strict":true,"cache_control":{"type":"ephemeral"},
        "parameters":{"type":"object","properties":{"city":{"type":"string","pattern":"^[A-Z]"},"unit":{"enum":["c","f",null]},"at":{"$ref":"#/$defs/at"}},"required":["city"],
        "additionalProperties":false,"$defs":{"at":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]}}}}},{"type":"function","function":{"name":"no_arguments"}}]
        """;

    private const string ChatTurns = """
        {"role":"user","content":"Weather?"},{"role":"assistant","content":"I look.","tool_calls":[{"id":"call_abc.1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}},
        {"id":"call_abc.2","type":"function","function":{"name":"no_arguments","arguments":""}}]},{"role":"tool","tool_call_id":"call_abc.1","content":"cold"},
        {"role":"tool","tool_call_id":"call_abc.2","content":[{"type":"text","text":"fine"},{"type":"image_url","image_url":{"url":"data:image/png;base64,
        """ + Pixel + "\"}}]},{\"role\":\"user\",\"content\":\"And now?\"}";

    private static readonly IClientDialect Chat = ChatCompletionsDialect.Default;
    private static readonly IClientDialect Messages = new MessagesDialect(3);
    private static readonly IClientDialect Responses = new ResponsesClientDialect(3);
    private static readonly IClientDialect Completions = new CompletionsDialect(3);

    public static readonly (string Name, IClientDialect Surface, string Body)[] All =
    [
        .. OfChat().Select(one => (one.Name, Chat, $$"""{"model":"a/b",{{one.Members}}}""")),
        .. OfMessages().Select(one => (one.Name, Messages, $$"""{"model":"a/b","max_tokens":4000,{{one.Members}}}""")),
        .. OfResponses().Select(one => (one.Name, Responses, $$"""{"model":"a/b",{{one.Members}}}""")),
        ("completions", Completions, """{"model":"a/b","prompt":"Once","max_tokens":20,"temperature":0.5,"stop":["a","b"],"seed":3,"user":"u"}"""),
        ("completions, JSON", Completions, """{"model":"a/b","prompt":["Once"],"response_format":{"type":"json_object"},"stream":true}"""),
    ];

    private static IEnumerable<(string Name, string Members)> OfChat()
    {
        const string Ask = """ "messages":[{"role":"user","content":"Hi"}] """;
        yield return ("text", Ask);
        yield return ("streamed", Ask + """,  "stream":true,"stream_options":{"include_usage":true} """);
        yield return ("sampling", Ask + """
            ,"temperature":1.5,"top_p":0.9,"top_k":40,"min_p":0.1,"top_a":0.2,"frequency_penalty":-1,"presence_penalty":2,"repetition_penalty":1.1,"seed":-7,"stop":["a","b"],
            "n":1,"logprobs":true,"top_logprobs":5,"logit_bias":{"100":-100},"max_tokens":100,"user":"somebody","session_id":"s","metadata":{"k":"v"},"verbosity":"low",
            "parallel_tool_calls":false,"prediction":{"type":"content","content":"x"},"provider":{"sort":"price"},"usage":{"include":true},"transforms":[],"route":"fallback","x_unknown":1
            """);
        yield return ("max_completion_tokens, one stop", Ask + """ ,"max_completion_tokens":100,"stop":"end" """);
        yield return ("roles", """
            "messages":[{"role":"system","content":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"developer","content":"Be brief."},
            {"role":"user","name":"ann","content":"Hi"},{"role":"assistant","content":"Hello","name":"bot"},{"role":"assistant","content":"I am here.","refusal":null,"annotations":[
            {"type":"url_citation","url_citation":{"url":"https://a.example","title":"t","start_index":0,"end_index":1}}]},{"role":"user","content":"One"},{"role":"user","content":"Two"}]
            """);
        yield return ("refused before", """ "messages":[{"role":"user","content":"Bad"},{"role":"assistant","content":null,"refusal":"No."},{"role":"user","content":"Good"}] """);
        yield return ("begins with an answer", """ "messages":[{"role":"assistant","content":"Hello"},{"role":"user","content":""},{"role":"system","content":"Late."},{"role":"user","content":"Go"}] """);
        yield return ("image", $$$"""
            "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Pixel}}}","detail":"low"},"cache_control":{"type":"ephemeral"}},{"type":"text","text":"Look"}]}]
            """);
        yield return ("PDF", """ "messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a b.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},{"type":"text","text":"Read"}]}] """);
        yield return ("text file", """ "messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,aGk="}},{"type":"text","text":"Read"}]}] """);
        yield return ("audio", """ "messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},{"type":"text","text":"Hear"}]}] """);
        yield return ("tools", Ask + "," + ChatTools);
        foreach (var choice in (string[])["\"auto\"", "\"none\"", "\"required\"", """{"type":"function","function":{"name":"get_weather"}}"""])
            yield return ("tool choice " + choice, $"{Ask},{ChatTools},\"tool_choice\":{choice},\"parallel_tool_calls\":false");
        yield return ("tool results", $"\"messages\":[{ChatTurns}],{ChatTools}");
        yield return ("tool results without tools", $"\"messages\":[{ChatTurns}]");
        yield return ("functions", Ask + """ ,"functions":[{"name":"f","parameters":{"type":"object","properties":{}}}],"function_call":{"name":"f"} """);
        yield return ("JSON object", Ask + """ ,"response_format":{"type":"json_object"} """);
        yield return ("JSON schema", Ask + """
            ,"response_format":{"type":"json_schema","json_schema":{"name":"place","strict":true,"schema":{"type":"object","properties":{"city":{"type":["string","null"],"minLength":1},
            "near":{"type":"array","items":{"$ref":"#"},"maxItems":3},"kind":{"oneOf":[{"const":"a"},{"const":"b"}]}},"required":["city"],"additionalProperties":false}}}
            """);
        foreach (var effort in (string[])["none", "minimal", "low", "medium", "high", "xhigh", "max"])
            yield return ("effort " + effort, $$"""{{Ask}},"max_tokens":9000,"reasoning":{"effort":"{{effort}}"}""");
        yield return ("thinking budget", Ask + """ ,"max_tokens":9000,"reasoning":{"max_tokens":3000,"exclude":true} """);
        yield return ("thinking on, hot", Ask + """ ,"max_tokens":9000,"reasoning":{"enabled":true},"temperature":0.3,"top_p":0.2,"top_k":5 """);
        foreach (var details in (string[])
        [
            """{"type":"reasoning.text","text":"Hm.","signature":"c2ln","format":"anthropic-claude-v1","index":0}""",
            """{"type":"reasoning.encrypted","data":"ZW5j","format":"anthropic-claude-v1","index":0}""",
            """{"type":"reasoning.text","text":"Hm.","format":"google-gemini-v1","index":0},{"type":"reasoning.encrypted","id":"call_abc.1","data":"c2ln","format":"google-gemini-v1","index":1}""",
            """{"type":"reasoning.summary","summary":"Hm.","format":"openai-responses-v1","index":0},{"type":"reasoning.encrypted","id":"rs_1","data":"ZW5j","format":"openai-responses-v1","index":0}""",
            """{"type":"reasoning.text","text":"Hm.","signature":null,"format":"unknown","index":0}""",
        ])
        {
            var turns = ChatTurns.Replace("\"content\":\"I look.\"", $"\"content\":\"I look.\",\"reasoning_details\":[{details}]", StringComparison.Ordinal);
            yield return ("reasoning replayed: " + details[..60], $$"""  "max_tokens":9000,"messages":[{{turns}}],{{ChatTools}},"reasoning":{"effort":"medium"}  """);
        }
    }

    private static IEnumerable<(string Name, string Members)> OfMessages()
    {
        const string Ask = """ "messages":[{"role":"user","content":"Hi"}] """;
        const string Tools = """
            "tools":[{"name":"get_weather","description":"Weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"cache_control":{"type":"ephemeral"}}]
            """;
        yield return ("text", Ask + """ ,"system":"Be kind.","temperature":0.4,"top_p":0.9,"top_k":3,"stop_sequences":["a"],"metadata":{"user_id":"u"},"service_tier":"auto","stream":true """);
        yield return ("system blocks", Ask + """ ,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral","ttl":"5m"}}] """);
        yield return ("media", $$$"""
            "messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Pixel}}}"}},{"type":"document","title":"d",
            "source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"},"context":"c","citations":{"enabled":true}},
            {"type":"text","text":"Look","cache_control":{"type":"ephemeral"}}]}]
            """);
        yield return ("tools", $$$"""
            "messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},{"type":"redacted_thinking","data":"ZW5j"},
            {"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"city":"Oslo"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1",
            "is_error":true,"content":[{"type":"text","text":"cold"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Pixel}}}"}}]},{"type":"text","text":"And now?"}]}],
            {{{Tools}}},"thinking":{"type":"enabled","budget_tokens":1024}
            """);
        foreach (var choice in (string[])["""{"type":"auto"}""", """{"type":"any","disable_parallel_tool_use":true}""", """{"type":"tool","name":"get_weather"}""", """{"type":"none"}"""])
            yield return ("tool choice " + choice, $"{Ask},{Tools},\"tool_choice\":{choice}");
        yield return ("JSON schema", Ask + """ ,"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}}} """);
        yield return ("adaptive thinking", Ask + """ ,"thinking":{"type":"adaptive"} """);
    }

    private static IEnumerable<(string Name, string Members)> OfResponses()
    {
        const string Tools = """ "tools":[{"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false},"strict":true}] """;
        yield return ("text", """ "input":"Hi","instructions":"Be kind.","temperature":0.4,"top_p":0.9,"max_output_tokens":100,"metadata":{"k":"v"},"user":"u","store":false,"truncation":"auto","stream":true """);
        yield return ("items", $$"""
            "input":[{"role":"developer","content":"Be brief."},{"type":"message","role":"user","content":[{"type":"input_text","text":"Look"},{"type":"input_image","image_url":"data:image/png;base64,{{Pixel}}","detail":"low"},
            {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}]},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"ZW5j"},
            {"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Oslo\"}"},{"type":"function_call_output","call_id":"call_1","output":"cold"},
            {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Cold.","annotations":[]},{"type":"refusal","refusal":"No."}]},{"role":"user","content":"And?"}],
            {{Tools}},"reasoning":{"effort":"medium","summary":"auto"},"max_output_tokens":9000
            """);
        foreach (var choice in (string[])["\"auto\"", "\"none\"", "\"required\"", """{"type":"function","name":"get_weather"}"""])
            yield return ("tool choice " + choice, $"\"input\":\"Hi\",{Tools},\"tool_choice\":{choice},\"parallel_tool_calls\":false");
        yield return ("JSON schema", """ "input":"Hi","text":{"verbosity":"low","format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}}} """);
    }
}
