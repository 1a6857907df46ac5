namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>Answers with what recordings lack: rare members, failures in band, several things at once.</summary>
internal static class UpstreamSamples
{
    private static readonly string[] Anthropic =
    [
        """message_start {"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":1}}}""",
        """content_block_start {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[{"type":"x","url":"https://a.example","title":"t"}]}}""",
        """content_block_delta {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\u00e9\ud83d\ude00"}}""",
        """content_block_start {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":[1,{"b":null}]}}}""",
        """content_block_delta {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}""",
        """content_block_stop {"type":"content_block_stop","index":1}""",
        """content_block_start {"type":"content_block_start","index":2,"content_block":{"type":"thinking","thinking":"x","signature":"s"}}""",
        """message_delta {"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"explanation":"e"}},"usage":{"output_tokens":5,"iterations":[{"input_tokens":1}]}}""",
        """message_stop {"type":"message_stop"}""",
    ];

    public static IEnumerable<string> Answers(string upstream) => upstream switch
    {
        "openai-chat" or "mistral" or "azure-chat" =>
        [
            """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"<think>x</think>y","reasoning_content":"r","refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}],"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}}],"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},"logprobs":{"content":[{"token":"a","logprob":-0.1,"bytes":[97],"top_logprobs":[]}]},"finish_reason":"tool_calls"},{"index":1,"message":{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"thinking","thinking":[{"type":"text","text":"t"}]}]},"finish_reason":"length"}],"citations":["https://a.example"],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1}}}""",
            """{"error":{"message":"m","type":"invalid_request_error","param":"messages[0]","code":"context_length_exceeded"}}""",
            """{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}""",
            """{"base_resp":{"status_code":1008,"status_msg":"m"},"choices":null}""",
            """{"detail":[{"loc":["body","x"],"msg":"m","type":"t"}]}""",
        ],
        "openai-responses" =>
        [
            """{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"u"}]},{"refusal":"r"}]},{"type":"web_search_call"},{"type":"image_generation_call","result":"AA=="},{"type":"function_call","call_id":"c","name":"f"}],"incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":1},"output_tokens":-2}}""",
            """{"error":{"code":"rate_limit_exceeded","message":"m"}}""",
        ],
        "anthropic" or "anthropic-on-bedrock" =>
        [
            """{"id":"m","type":"message","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}""",
            """{"type":"error","error":{"type":"overloaded_error","message":"m"}}""",
        ],
        "bedrock" =>
        [
            """{"output":{"message":{"role":"assistant","content":[{"text":"x"},{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}},{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}}]}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"cacheDetails":[{"ttl":"1h","inputTokens":3}]}}""",
            """{"message":"Too many tokens","__type":"ThrottlingException"}""",
        ],
        "gemini" or "vertex-gemini" =>
        [
            """{"candidates":[{"content":{"parts":[{"text":"a","thought":true},{"text":"b","thoughtSignature":"s"},{"functionCall":{"name":"f","args":{"x":1}}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1}]},"responseId":"r"}""",
            """{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"PerDay"}]},{"retryDelay":"1e3s"}]}}""",
        ],
        "cohere" =>
        [
            """{"id":"a","message":{"role":"assistant","tool_plan":"p","content":[{"type":"text","text":"x"},{"type":"thinking","thinking":"y"}],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"null"}}],"citations":[{"start":0,"end":1}]},"finish_reason":"TOOL_CALL","usage":{"billed_units":{}}}""",
        ],
        _ =>
        [
            """{"model":"m","created_at":"t","message":{"role":"assistant","content":"h\u00e9\ud83d\ude00","thinking":"x","tool_calls":[{"function":{"index":0,"name":"f","arguments":{"a":[1,{"b":null}]}}}]},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}""",
            """{"error":"out of memory"}""",
        ],
    };

    /// <summary>Streams, an event a line: its name, a space, its data.</summary>
    public static IEnumerable<string[]> Streams(string upstream) => upstream switch
    {
        "openai-chat" or "mistral" or "azure-chat" =>
        [
            [
                """message {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"<thi"},"finish_reason":null}]}""",
                """message {"id":"c","choices":[{"index":0,"delta":{"content":"nk>x</think>y","reasoning_content":"r","reasoning_details":[{"type":"reasoning.text","text":"t","index":0}]}}]}""",
                """message {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\""}},{"index":1,"function":{"name":"g"}}]}}]}""",
                """message {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"logprobs":{"content":[]}},{"index":1,"delta":{"refusal":"no","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}}],"citations":["u"]}""",
                """message {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null}""",
                """message {"id":"c","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"cost":0.1,"prompt_tokens_details":{"cached_tokens":1}},"x_groq":{"usage":{}}}""",
                "message [DONE]",
            ],
            ["""message {"id":"c","choices":[{"index":0,"delta":{"content":"x"}}]}""", """message {"error":{"message":"m","code":"server_error"}}"""],
        ],
        "openai-responses" =>
        [
            [
                """response.created {"type":"response.created","response":{"id":"r","model":"m","status":"in_progress"},"sequence_number":0}""",
                """response.output_item.added {"type":"response.output_item.added","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[]}}""",
                """response.reasoning_summary_text.delta {"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"h\u00e9"}""",
                """response.output_item.done {"type":"response.output_item.done","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[{"type":"summary_text","text":"x"}],"content":[{"text":"y"}],"encrypted_content":"e"}}""",
                """response.output_item.added {"type":"response.output_item.added","output_index":1,"item":{"id":"fc","type":"function_call","call_id":"c","name":"f","arguments":""}}""",
                """response.function_call_arguments.delta {"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a\":1}"}""",
                """response.function_call_arguments.done {"type":"response.function_call_arguments.done","output_index":1,"arguments":"{\"a\":1}"}""",
                """response.output_text.delta {"type":"response.output_text.delta","output_index":2,"content_index":0,"delta":"t"}""",
                """response.output_text.annotation.added {"type":"response.output_text.annotation.added","output_index":2,"content_index":0,"annotation":{"type":"url_citation","url":"u","title":"t","start_index":-1,"end_index":9e9}}""",
                """response.refusal.done {"type":"response.refusal.done","output_index":2,"content_index":1,"refusal":"no"}""",
                """response.completed {"type":"response.completed","response":{"id":"r","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":2}}}""",
            ],
            ["""response.failed {"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"m"}}}""", """error {"type":"error","code":"server_error","message":"m","param":null}"""],
        ],
        "anthropic" => [Anthropic, ["""error {"type":"error","error":{"type":"overloaded_error","message":"m"}}"""]],
        "anthropic-on-bedrock" =>
        [
            [.. Anthropic.Select(line => $$"""chunk {"bytes":"{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))}}","p":"abc"}""")],
            ["""throttlingException {"message":"slow"}"""],
        ],
        "bedrock" =>
        [
            [
                """messageStart {"role":"assistant"}""",
                """contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}""",
                """contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\":1}"}}}""",
                """contentBlockDelta {"contentBlockIndex":2,"delta":{"reasoningContent":{"text":"t","signature":"s","redactedContent":"AA=="}}}""",
                """contentBlockStop {"contentBlockIndex":1}""",
                """metadata {"usage":{"inputTokens":1,"outputTokens":2},"metrics":{"latencyMs":1}}""",
                """messageStop {"stopReason":"tool_use"}""",
            ],
            ["""modelStreamErrorException {"message":"m"}"""],
        ],
        "gemini" or "vertex-gemini" =>
        [
            [
                """message {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}},{"functionCall":{"partialArgs":[{"jsonPath":"$.a.b[0]['c']","stringValue":"v","willContinue":true},{"jsonPath":"$.n","numberValue":1}],"willContinue":true}}]}}]}""",
                """message {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true,"partialArgs":[{"jsonPath":"$.a","x\ud800":1}]}}]}}]}""",
                """message {"candidates":[{"content":{"parts":[{"text":"é☂"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],"groundingSupports":[{"segment":{"startIndex":1,"endIndex":99},"groundingChunkIndices":[0]}]},"finishReason":"SAFETY"}],"promptFeedback":{"blockReason":"OTHER"}}""",
            ],
        ],
        "cohere" =>
        [
            [
                """message-start {"id":"a","type":"message-start","delta":{"message":{"role":"assistant"}}}""",
                """tool-plan-delta {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I"}}}""",
                """content-delta {"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"x","text":"h\u00e9\ud83d\ude00"}}}}""",
                """tool-call-start {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","type":"function","function":{"name":"f","arguments":""}}}}}""",
                """tool-call-delta {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}""",
                """citation-start {"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":1,"end":9,"text":"t","sources":[{"type":"document","document":{"url":"https://a.example","title":"t"}}],"type":"TEXT_CONTENT"}}}}""",
                """message-end {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":1,"output_tokens":2},"tokens":{"input_tokens":9},"cached_tokens":3}}}""",
            ],
        ],
        _ =>
        [
            [
                """message {"model":"m","created_at":"t","message":{"role":"assistant","content":"h\u00e9\ud83d\ude00","thinking":"x","tool_calls":[{"function":{"index":0,"name":"f","arguments":{"a":[1,{"b":null}]}}}]},"done":false}""",
                """message {"model":"m","message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}""",
            ],
            ["""message {"error":"out of memory"}"""],
        ],
    };
}
