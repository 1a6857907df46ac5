using System.Text;

namespace Fairlead.Micro.Protocols;

/// <summary>Events and bodies of the sizes real hosts send.</summary>
internal static class ProtocolSamples
{
    /// <summary>A token event.</summary>
    public static byte[] Content { get; } = Event("\"content\":\" Francisco\"");

    /// <summary>A token event of another time: its bytes around the text differ.</summary>
    public static byte[] ContentLater { get; } = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Content).Replace("1770770839", "1770770840", StringComparison.Ordinal));

    /// <summary>A piece of reasoning.</summary>
    public static byte[] Reasoning { get; } = Event("\"content\":null,\"reasoning_content\":\" the user\"");

    /// <summary>The first fragment of a tool call, and a later one.</summary>
    public static byte[] ToolCallStart { get; } =
        Event("\"tool_calls\":[{\"index\":0,\"id\":\"call_00_9V0vrf86Pc9aelHCJMZqnJBo\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\"}}]");

    public static byte[] ToolCallPiece { get; } = Event("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"city\"}}]");

    /// <summary>A non-streamed answer.</summary>
    public static byte[] Answer { get; } = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-7eb08824-fb8d-47af-a1f0-3aa786f2d1f3","object":"chat.completion","created":1770770839,"model":"llama-3.3-70b-versatile","choices":[{"index":0,"message":{"role":"assistant","content":"The capital of Denmark is Copenhagen.\n"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":45,"completion_tokens":8,"total_tokens":53,"prompt_tokens_details":{"cached_tokens":0}},"system_fingerprint":"fp_f8b414701e"}""");

    /// <summary>A small request of a stock client.</summary>
    public static byte[] Request { get; } = Encoding.UTF8.GetBytes(
        """{"model":"meta-llama/llama-3.3-70b-instruct","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"What is the capital of Denmark?"}],"temperature":0.7,"max_tokens":256,"stream":true}""");

    private static byte[] Event(string delta) => Encoding.UTF8.GetBytes(
        $$$"""{"id":"chatcmpl-7eb08824-fb8d-47af-a1f0-3aa786f2d1f3","object":"chat.completion.chunk","created":1770770839,"model":"llama-3.3-70b-versatile","system_fingerprint":"fp_f8b414701e","choices":[{"index":0,"delta":{{{{delta}}}},"logprobs":null,"finish_reason":null}]}""");
}
